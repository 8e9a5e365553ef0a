/*
 * searches.c - LDAP searches over TLS on held connections: the load of the mode `searches`.
 *
 * One single-threaded epoll program with OpenSSL, compiled by searches.py:
 *     gcc -O2 -o searches searches.c -lssl -lcrypto
 *
 *   searches run key=value...
 *
 * Keys: port= conc= (connections) window= (searches outstanding on each) secs=
 *   users= userfmt= dnfmt= pass= (connection i binds as user i) base= attr= value=
 *   (the filter attr=value; without a value that of the users in turn)
 *   entries= (what each search has to find) drain= (seconds to let searches in flight end)
 *
 * It talks with the harness as its own loadgen does: it connects, binds and does one search on each
 * connection, prints READY, waits for a line on stdin, does the measured part, prints one line of JSON.
 *
 * Every answer is counted: a search is done when its SearchResultDone says 0 and exactly `entries` entries
 * with its message ID came before. That they are the right ones is looked at in the searches before READY.
 * The searches that one read has answered are replaced by as many new ones in one write.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ldap_messages.h"
#include "measuring.h"

enum { MAX_WINDOW = 64, IN = 1 << 18 };

typedef struct { uint32_t id; int entries; double sent; } search;

typedef struct {
    int fd, open, inlen, outstanding;
    uint32_t id;                /* of the last request */
    SSL *ssl;
    search searches[MAX_WINDOW];
    char user[64];              /* whom the last search looks for */
    unsigned char in[IN];
} conn;

static int conc, window, users, entries, ep, outstanding_all;
static const char *g_userfmt, *g_dnfmt, *g_pass, *g_base, *g_attr, *g_value;
static long nsearches, nentries, nerr, next_user;
static uint64_t nbytes;
static double t_end;
static char errtext[200];

static void fail(conn *c, const char *text)     /* the connection is given up, with all that waits on it */
{
    nerr++;
    snprintf(errtext, sizeof errtext, "%s", text);
    outstanding_all -= c->outstanding;
    close(c->fd);
    c->open = 0;
}

/* ---- searches --------------------------------------------------------- */
static int put_bind(conn *c, unsigned char *b)
{
    char dn[128];
    snprintf(dn, sizeof dn, g_dnfmt, c->user);
    return encode_bind(b, ++c->id, dn, g_pass);
}

static int put_search(conn *c, unsigned char *b)
{
    snprintf(c->user, sizeof c->user, g_userfmt, (int)(next_user++ % users));
    return encode_search(b, ++c->id, g_base, g_attr, *g_value ? g_value : c->user);
}

static void ask(conn *c)                /* as many searches as there is room for, in one write */
{
    unsigned char b[MAX_WINDOW * MAX_REQUEST];
    int n = 0;
    double t = now();
    while (c->outstanding < window) {
        n += put_search(c, b + n);
        c->searches[c->outstanding++] = (search){ .id = c->id, .sent = t };
        outstanding_all++;
    }
    if (n && SSL_write(c->ssl, b, n) != n) fail(c, "write");
}

static const char *take(conn *c, const answer *a)       /* what is wrong with it, if anything is */
{
    search *s = c->searches, *end = s + c->outstanding;
    while (s < end && s->id != a->id) s++;
    if (s == end) return "an answer to nothing that was asked";
    if (a->op == ENTRY) { s->entries++; return NULL; }
    if (a->op != DONE || a->body[0] != 10 || a->body[1] != 1) return "another answer than to a search";
    if (a->body[2]) return "a search was refused";
    if (s->entries != entries) return "another number of entries than there should be";
    sample(now() - s->sent);
    nsearches++;
    nentries += s->entries;
    *s = c->searches[--c->outstanding];
    outstanding_all--;
    return NULL;
}

static int feed(conn *c)                /* all whole messages that are there; -1: the connection is given up */
{
    answer a;
    int at = 0, r;
    while ((r = parse(c->in + at, c->inlen - at, IN, &a)) > 0) {
        const char *wrong = take(c, &a);
        if (wrong) { fail(c, wrong); return -1; }
        at += a.total;
    }
    if (r < 0) { fail(c, "this is not LDAP"); return -1; }
    memmove(c->in, c->in + at, c->inlen - at);
    c->inlen -= at;
    return 0;
}

static void on_event(conn *c)
{
    while (c->open) {
        int n = SSL_read(c->ssl, c->in + c->inlen, IN - c->inlen);
        if (n <= 0) {
            if (SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_READ) fail(c, "closed by server");
            ERR_clear_error();
            return;
        }
        nbytes += n;
        c->inlen += n;
        if (!feed(c) && now() < t_end) ask(c);
    }
}

/* ---- before the measured part: blocking, and every answer looked at ---- */
static void receive(conn *c, answer *a)
{
    for (;;) {
        int r = parse(c->in, c->inlen, IN, a), n;
        if (r < 0) die("this is not LDAP");
        if (r) return;
        if ((n = SSL_read(c->ssl, c->in + c->inlen, IN - c->inlen)) <= 0) die("no answer before the measured part");
        c->inlen += n;
    }
}

static void drop(conn *c, const answer *a)
{
    memmove(c->in, c->in + a->total, c->inlen - a->total);
    c->inlen -= a->total;
}

static void send_all(conn *c, const unsigned char *b, int n)
{
    if (SSL_write(c->ssl, b, n) != n) die("write");
}

static void bind_user(conn *c, int i)
{
    unsigned char b[MAX_REQUEST];
    answer a;
    snprintf(c->user, sizeof c->user, g_userfmt, i % users);
    send_all(c, b, put_bind(c, b));
    receive(c, &a);
    if (a.op != BIND_RESPONSE || a.id != c->id || a.body[2]) die("the bind was refused");
    drop(c, &a);
}

static void search_once(conn *c)
{
    unsigned char b[MAX_REQUEST];
    char dn[128];
    answer a;
    int found = 0;
    send_all(c, b, put_search(c, b));
    int n = snprintf(dn, sizeof dn, g_dnfmt, c->user);
    for (;; found++) {
        receive(c, &a);
        if (a.id != c->id) die("an answer to nothing that was asked");
        if (a.op != ENTRY) break;
        if (!*g_value && (a.body[1] != n || memcmp(a.body + 2, dn, n))) die("another entry than was searched");
        if (!memmem(a.body, a.oplen, "telephoneNumber", 15)) die("an entry lacks attributes");
        drop(c, &a);
    }
    if (a.op != DONE || a.body[2] || found != entries) die("the first search did not find what it should");
    drop(c, &a);
}

static void prepare(conn *c, int i, SSL_CTX *ctx)
{
    int one = 1;
    struct timeval patience = { .tv_sec = 10 };
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(optn("port", 0)) };
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (c->fd < 0 || connect(c->fd, (void *)&a, sizeof a)) die("connect");
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set_tlsext_host_name(c->ssl, "localhost");
    if (SSL_connect(c->ssl) != 1) die("TLS handshake");
    bind_user(c, i);
    search_once(c);
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
    c->open = 1;
}

/* The chain is not looked at (it's self-signed); the handshake's signature is still checked. */
static int any_cert(X509_STORE_CTX *x, void *arg)
{
    (void)x; (void)arg;
    return 1;
}

static SSL_CTX *make_context(void)      /* as loadgen's: every target does the same work */
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set1_groups_list(ctx, "X25519:P-256");
    SSL_CTX_set_read_ahead(ctx, 1);     /* fewer system calls */
    SSL_CTX_set_default_read_buffer_len(ctx, 65536);
    SSL_CTX_set_cert_verify_callback(ctx, any_cert, NULL);
    return ctx;
}

/* ---- the whole of it --------------------------------------------------- */
static void loop_until(double limit)    /* nothing is outstanding, or it is that late */
{
    struct epoll_event ev[256];
    while (outstanding_all && now() < limit) {
        int n = epoll_wait(ep, ev, 256, 100);
        for (int i = 0; i < n; i++) on_event(ev[i].data.ptr);
    }
}

static void report(double elapsed, double cpu)
{
    double sum = 0;
    qsort(lat, nlat, sizeof *lat, cmp32);
    for (size_t i = 0; i < nlat; i++) sum += lat[i];
    printf("{\"n\":%ld,\"elapsed\":%.4f,\"rate\":%.2f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
           "\"mean_ms\":%.4f,\"entries\":%ld,\"bytes\":%llu,\"unfinished\":%d,\"loadgen_cpu\":%.4f,"
           "\"errors\":{",
           nsearches, elapsed, nsearches / elapsed, pct(.5), pct(.99), pct(1), nlat ? sum / nlat / 1e3 : 0,
           nentries, (unsigned long long)nbytes, outstanding_all, cpu);
    if (nerr) printf("\"searches\":%ld", nerr);
    printf("},\"error_text\":\"%s\"}\n", errtext);
}

int main(int argc, char **argv)
{
    char go[16];
    g_argc = argc;
    g_argv = argv;
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);   /* never outlive run.py */
    conc = optn("conc", 1); window = optn("window", 1); users = optn("users", 100); entries = optn("entries", 1);
    g_userfmt = opt("userfmt", "u%05d"); g_dnfmt = opt("dnfmt", "cn=%s,dc=bench,dc=test"); g_pass = opt("pass", "secret");
    g_base = opt("base", "dc=bench,dc=test"); g_attr = opt("attr", "cn"); g_value = opt("value", "");
    if (window < 1 || window > MAX_WINDOW) die("window: 1 to 64 are allowed");
    conn *conns = calloc(conc, sizeof *conns);
    SSL_CTX *ctx = make_context();
    ep = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < conc; i++) prepare(&conns[i], i, ctx);
    printf("READY %d\n", conc);
    fflush(stdout);
    if (read(0, go, sizeof go) <= 0) return 1;

    double cpu = own_cpu(), t0 = now();
    t_end = t0 + atof(opt("secs", "3"));
    for (int i = 0; i < conc; i++) ask(&conns[i]);
    loop_until(t_end + optn("drain", 10));
    report(now() - t0, own_cpu() - cpu);
    return 0;
}
