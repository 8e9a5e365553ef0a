/*
 * reload.c - logins as fast as they go, beside sessions that stay, while the server is reloaded: the load of the
 * mode `reload`.
 *
 * One single-threaded epoll program with OpenSSL, compiled by reload.py:
 *     gcc -O2 -o reload_load reload.c -lssl -lcrypto
 *
 *   reload_load run key=value...
 *
 * Keys: port= conc= (clients that log in and out again and again) held= (clients that are in) forever= (of those
 *   held, how many never leave; the others stay life= seconds and come again) every= (seconds between two NOOPs
 *   of a held client; every second one says nothing at all until it leaves) users= userfmt= pass= src=
 *
 * It logs the held ones in, prints READY, and begins with a line on stdin. With the next line, or its end, everybody
 * who is in asks once more, logs out, and one line of JSON is printed. Nothing is forgiven: whoever gets no
 * greeting, no answer to a login, a NOOP or a LOGOUT, or a word that isn't the positive answer, is counted.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>

#include "imap_client.h"

enum { ON_THE_WAY = 64, LOOK_MS = 50 };

static client *clients;
static int conc, held, forever, n_started, n_running, measuring, ending;
static long n_cycles, n_noops, n_stays;
static double life_s, every_s, timeout_s;

static int is_held(const client *c) { return c->slot >= conc; }
static int is_silent(const client *c) { return c->slot % 2; }

static void begin(client *c)
{
    n_running++;
    connect_client(c);
}

static void finish(client *c)           /* as it should: the next one, or none */
{
    hang_up(c, 0);
    n_running--;
    if (!ending) begin(c);
}

static void logged_in(client *c)
{
    c->counted = 1;
    if (is_held(c)) {
        double t = now();
        c->due = t + every_s * (c->slot % 10 + 1) / 10;
        c->leaves = c->slot < conc + forever ? 1e18 : t + life_s * (c->slot % 10 + 5) / 10;
        return;
    }
    if (measuring) sample(now() - c->began);
    say(c, "a LOGOUT\r\n", LOGGING_OUT);
}

static void answered(client *c)
{
    if (c->state == ASKING) {
        n_noops++;
        c->state = IN;
        c->due = now() + every_s;
        if (ending) say(c, "a LOGOUT\r\n", LOGGING_OUT);
        return;
    }
    if (c->state != LOGGING_OUT) { fail(c, CUT, "an answer to nothing"); return; }
    if (is_held(c)) n_stays++;
    else n_cycles++;
    finish(c);
}

static void lost(client *c, int kind)
{
    (void)kind;
    n_running--;
    c->again = !ending;                 /* at the next look, so that a closed port isn't tried all the time */
}

static void look(void)
{
    double t = now();
    for (int i = 0; i < n_started; i++) {
        client *c = &clients[i];
        if (c->again) { c->again = 0; begin(c); }
        else if (c->state == IN && (ending || (t >= c->due && !is_silent(c)))) say(c, "a NOOP\r\n", ASKING);
        else if (c->state == IN && t >= c->leaves) say(c, "a LOGOUT\r\n", LOGGING_OUT);
        else if (c->state != IN && c->fd >= 0 && t - c->asked > timeout_s) fail(c, TIMED_OUT, "no answer");
    }
}

static void loop_until(int (*done)(void), double limit)
{
    struct epoll_event events[512];
    double next = 0;
    while (!done() && now() < limit) {
        if (now() >= next) { look(); next = now() + LOOK_MS / 1e3; }
        int n = epoll_wait(ep, events, 512, LOOK_MS);
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr) on_event(events[i].data.ptr);
            else ending = 1;
    }
}

static int all_held(void)               /* and starts those who aren't on the way yet */
{
    int in = 0;
    for (int i = conc; i < n_started; i++) in += clients[i].state >= IN;
    while (n_started < conc + held && n_started - conc - in < ON_THE_WAY) begin(&clients[n_started++]);
    return in == held;
}
static int told_to_end(void) { return ending; }
static int all_gone(void) { return n_running == 0; }

static void report(double elapsed, double cpu)
{
    qsort(lat, nlat, sizeof *lat, cmp32);
    printf("{\"n\":%ld,\"elapsed\":%.4f,\"rate\":%.2f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
           "\"logins\":%ld,\"connects\":%ld,\"held\":%d,\"stays\":%ld,\"noops\":%ld,\"unfinished\":%d,"
           "\"refused\":%ld,\"cut\":%ld,\"loadgen_cpu\":%.4f,",
           n_cycles, elapsed, n_cycles / elapsed, pct(.5), pct(.99), pct(1), n_logins, n_connects, held, n_stays,
           n_noops, n_running, counts[REFUSED] + counts[RESET] + counts[BAD_TLS] + counts[NO_GREETING],
           counts[CUT], cpu);
    print_counts();
}

int main(int argc, char **argv)
{
    char go[16];
    g_argc = argc;
    g_argv = argv;
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);   /* never outlive run.py */
    conc = optn("conc", 32); held = optn("held", 300); forever = optn("forever", 100);
    life_s = atof(opt("life", "8")); every_s = atof(opt("every", "1")); timeout_s = optn("timeout", 30);
    clients = calloc(conc + held, sizeof *clients);
    prepare_clients(clients, conc + held);
    n_started = conc;                   /* these begin later */

    double began = now();
    loop_until(all_held, began + optn("ramp", 120));
    printf("READY %d %ld %.3f\n", n_running, counts[CUT], now() - began);
    fflush(stdout);
    if (read(0, go, sizeof go) <= 0) return 1;

    double cpu = own_cpu(), t0 = now();
    struct epoll_event line = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &line);
    measuring = 1;
    for (int i = 0; i < conc; i++) begin(&clients[i]);
    loop_until(told_to_end, t0 + optn("secs", 3600));
    ending = 1;
    epoll_ctl(ep, EPOLL_CTL_DEL, 0, NULL);
    double elapsed = now() - t0;
    loop_until(all_gone, now() + timeout_s);
    report(elapsed, own_cpu() - cpu);
    return 0;
}
