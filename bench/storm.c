/*
 * storm.c - all sessions are cut at once and come back: the load of the mode `storm`.
 *
 * One single-threaded epoll program with OpenSSL, compiled by storm.py:
 *     gcc -O2 -o storm_load storm.c -lssl -lcrypto
 *
 *   storm_load run key=value...
 *
 * Keys: port= conc= (sessions) users= userfmt= pass= (session i belongs to user i modulo users) src= (source
 *   addresses 127.0.0.1..src) resume=0|1 (TLS sessions) pause= (milliseconds before another try)
 *   timeout= (seconds that a try may take) secs= (seconds until we give up)
 *
 * It logs all sessions in, at most 64 on the way at once, prints READY, and waits for a line on stdin. Then it
 * resets every session, if the server hasn't, and all come back at once, as often as it takes. It ends when all
 * are in again, and prints one line of JSON. Percentiles run from the cut until a session was in again.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "imap_client.h"

enum { ON_THE_WAY = 64 };

static client *clients;
static int conc, n_in, n_back, n_started, measuring;
static double t0, pause_s, timeout_s;
static client **waiting;                /* those who try again, in the order of their turn */
static int first_waiting, n_waiting;

static void logged_in(client *c)
{
    c->counted = 1;
    n_in++;
    if (!measuring || c->back) return;
    c->back = 1;
    n_back++;
    sample(now() - t0);
}

static void answered(client *c) { (void)c; }

static void come_back(client *c, double when)
{
    c->due = when;
    waiting[(first_waiting + n_waiting++) % conc] = c;
}

static void lost(client *c, int kind)
{
    (void)kind;
    n_in -= c->counted;
    c->counted = 0;
    come_back(c, now() + pause_s);
}

static void start_due(void)
{
    double t = now();
    while (n_waiting && waiting[first_waiting]->due <= t) {
        client *c = waiting[first_waiting];
        first_waiting = (first_waiting + 1) % conc;
        n_waiting--;
        connect_client(c);
    }
}

static void give_up_on_late(void)
{
    double t = now();
    for (int i = 0; i < conc; i++)
        if (clients[i].fd >= 0 && clients[i].state < IN && t - clients[i].began > timeout_s)
            fail(&clients[i], TIMED_OUT, "no answer");
}

static void loop_until(int (*done)(void), double limit)
{
    struct epoll_event events[512];
    double look = now() + 1;
    while (!done() && now() < limit) {
        start_due();
        int n = epoll_wait(ep, events, 512, n_waiting ? 1 : 100);
        for (int i = 0; i < n; i++) on_event(events[i].data.ptr);
        if (now() > look) { give_up_on_late(); look = now() + 1; }
    }
}

static int all_in(void) { return n_in == conc; }

static int ramp(void)                   /* as all_in, and starts those who aren't on the way yet */
{
    while (n_started < conc && n_started - n_in < ON_THE_WAY) come_back(&clients[n_started++], 0);
    return all_in();
}

static void cut_all(void)
{
    for (int i = 0; i < conc; i++) {
        hang_up(&clients[i], 1);
        clients[i].counted = 0;
        come_back(&clients[i], 0);
    }
    n_in = 0;
}

static void report(double elapsed, double cpu)
{
    double sum = 0;
    qsort(lat, nlat, sizeof *lat, cmp32);
    for (size_t i = 0; i < nlat; i++) sum += lat[i];
    printf("{\"n\":%d,\"elapsed\":%.4f,\"rate\":%.2f,\"first_ms\":%.3f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,"
           "\"max_ms\":%.3f,\"mean_ms\":%.3f,\"connects\":%ld,\"logins\":%ld,\"resumed\":%ld,\"unfinished\":%d,"
           "\"loadgen_cpu\":%.4f,",
           n_back, elapsed, n_back / elapsed, pct(0), pct(.5), pct(.9), pct(.99), pct(1), nlat ? sum / nlat / 1e3 : 0,
           n_connects, n_logins, n_resumed, conc - n_in, cpu);
    print_counts();
}

int main(int argc, char **argv)
{
    struct rlimit files;
    char go[16];
    g_argc = argc;
    g_argv = argv;
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);   /* never outlive run.py */
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    conc = optn("conc", 5000); pause_s = optn("pause", 0) / 1e3; timeout_s = optn("timeout", 60);
    clients = calloc(conc, sizeof *clients);
    waiting = calloc(conc, sizeof *waiting);
    prepare_clients(clients, conc);

    double began = now();
    loop_until(ramp, began + optn("ramp", 300));
    if (!all_in()) fprintf(stderr, "only %d of %d sessions could be opened: %s\n", n_in, conc, errtext);
    printf("READY %d %d %.3f\n", n_in, conc - n_in, now() - began);
    fflush(stdout);
    if (read(0, go, sizeof go) <= 0) return 1;

    double cpu = own_cpu();
    memset(counts, 0, sizeof counts);
    errtext[0] = 0;
    n_connects = n_logins = n_resumed = 0;
    measuring = 1;
    t0 = now();
    cut_all();
    loop_until(all_in, t0 + optn("secs", 120));
    report(now() - t0, own_cpu() - cpu);
    return 0;
}
