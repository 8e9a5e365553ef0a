/*
 * imap_client.h - an IMAP client over TLS on an epoll of its program: connects, logs in, stays, asks, logs out.
 *
 * The program that includes it defines logged_in() and answered(), and lost(), which is told why a connection
 * ended that the client didn't want to end. Every such end is counted by its kind; none is forgiven.
 */
#ifndef IMAP_CLIENT_H
#define IMAP_CLIENT_H
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measuring.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum { CLOSED, CONNECTING, HANDSHAKE, GREETING, LOGGING_IN, IN, ASKING, LOGGING_OUT };
/* Refused: the port is closed. Reset: ended before a byte came. Tls, greeting, login: ended there. Temporary: the
 * answer said so. Rejected: the login was called wrong. Cut: somebody who was in. Timeout: nothing came. */
enum { REFUSED, RESET, BAD_TLS, NO_GREETING, NO_ANSWER, TEMPORARY, REJECTED, CUT, TIMED_OUT, KINDS };
static const char *kind_names[] = { "refused", "reset", "tls", "greeting", "login", "temporary", "rejected", "cut", "timeout" };

typedef struct client {
    int fd, state, slot, inlen;
    int counted, back, again;   /* for the program: among those who are in; in again; is to try again */
    uint32_t watched;
    SSL *ssl;
    SSL_SESSION *session;       /* to resume, if asked for */
    double began, asked, due, leaves;
    char in[1024];
} client;

static void logged_in(client *c);
static void answered(client *c);        /* to what was asked, the logout included */
static void lost(client *c, int kind);

static int ep, g_port, g_sources, g_resume;
static long g_users, n_connects, n_logins, n_resumed, counts[KINDS];
static const char *g_userfmt, *g_pass;
static char errtext[200];
static SSL_CTX *ctx;

static void watch(client *c, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.ptr = c };
    if (c->watched == events) return;
    epoll_ctl(ep, c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e);
    c->watched = events;
}

static void hang_up(client *c, int by_reset)    /* a reset leaves nothing behind, and says nothing before it */
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    if (c->fd < 0) return;
    if (by_reset) setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (c->ssl) {
        SSL_set_quiet_shutdown(c->ssl, by_reset || c->state < IN);
        if (c->state >= GREETING) SSL_shutdown(c->ssl);         /* else OpenSSL takes the session for a bad one */
        SSL_free(c->ssl);
    }
    close(c->fd);
    ERR_clear_error();
    c->ssl = NULL;
    c->fd = -1;
    c->state = CLOSED;
    c->watched = 0;
}

static void fail(client *c, int kind, const char *text)
{
    counts[kind]++;
    snprintf(errtext, sizeof errtext, "%s in state %d: %s", kind_names[kind], c->state, text);
    for (char *p = errtext; *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < 32) *p = ' ';
    hang_up(c, 0);
    lost(c, kind);
}

static void fail_here(client *c, const char *text)      /* the stream ended or broke */
{
    static const int kind[] = { [CONNECTING] = RESET, [HANDSHAKE] = BAD_TLS, [GREETING] = NO_GREETING,
        [LOGGING_IN] = NO_ANSWER, [IN] = CUT, [ASKING] = CUT, [LOGGING_OUT] = CUT };
    /* Nothing came yet: for the user that is the same as a closed port. */
    fail(c, c->state == HANDSHAKE && !BIO_number_read(SSL_get_rbio(c->ssl)) ? RESET : kind[c->state], text);
}

static int say(client *c, const char *text, int state)
{
    int n = strlen(text);
    if (SSL_write(c->ssl, text, n) != n) { fail_here(c, "write"); return -1; }
    c->state = state;
    c->asked = now();
    return 0;
}

static int connect_client(client *c)    /* -1: failed already */
{
    int one = 1;
    struct sockaddr_in a = { .sin_family = AF_INET };
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    a.sin_addr.s_addr = htonl(0x7f000001u + c->slot % g_sources);
    if (bind(c->fd, (void *)&a, sizeof a)) die("bind");
    a.sin_port = htons(g_port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    n_connects++;
    c->began = c->asked = now();
    c->state = CONNECTING;
    c->inlen = 0;
    if (connect(c->fd, (void *)&a, sizeof a) && errno != EINPROGRESS) {
        fail(c, errno == ECONNREFUSED ? REFUSED : RESET, strerror(errno));
        return -1;
    }
    watch(c, EPOLLIN | EPOLLOUT);
    return 0;
}

static int send_login(client *c)
{
    char user[64], line[256];
    snprintf(user, sizeof user, g_userfmt, (int)(c->slot % g_users));
    snprintf(line, sizeof line, "a LOGIN %s %s\r\n", user, g_pass);
    return say(c, line, LOGGING_IN);
}

static int take_line(client *c, const char *line)       /* -1: this connection is over */
{
    int tagged = !strncmp(line, "a ", 2), ok = !strncmp(line + (tagged ? 2 : 0), tagged ? "OK" : "* OK", tagged ? 2 : 4);
    if (c->state == GREETING && ok) return send_login(c);
    if (tagged && ok && c->state == LOGGING_IN) {
        c->state = IN;
        n_logins++;
        n_resumed += SSL_session_reused(c->ssl);
        logged_in(c);
        return c->state < IN ? -1 : 0;  /* it may have begun anew */
    }
    if (tagged && ok) {
        answered(c);
        return c->state < IN ? -1 : 0;  /* it may have begun anew */
    }
    if (!tagged && (c->state == LOGGING_OUT || strncmp(line, "* BYE", 5))) return 0;
    if (c->state >= IN) fail(c, CUT, line);
    else fail(c, strstr(line, "[UNAVAILABLE]") ? TEMPORARY : REJECTED, line);
    return -1;
}

static int take_lines(client *c)
{
    char line[sizeof c->in], *end;
    while ((end = memchr(c->in, '\n', c->inlen))) {
        int n = end - c->in + 1;
        memcpy(line, c->in, n);
        line[n - 1] = 0;
        c->inlen -= n;
        memmove(c->in, c->in + n, c->inlen);
        if (take_line(c, line)) return -1;
    }
    if (c->inlen == sizeof c->in) { fail_here(c, "a line without an end"); return -1; }
    return 0;
}

static int handshake(client *c)         /* 1: it's done */
{
    int r = SSL_connect(c->ssl);
    if (r == 1) { c->state = GREETING; watch(c, EPOLLIN); return 1; }
    int e = SSL_get_error(c->ssl, r);
    if (e == SSL_ERROR_WANT_READ) watch(c, EPOLLIN);
    else if (e == SSL_ERROR_WANT_WRITE) watch(c, EPOLLIN | EPOLLOUT);
    else {
        unsigned long q = ERR_get_error();
        fail_here(c, q ? ERR_error_string(q, NULL) : "handshake ended");
    }
    return 0;
}

static int secure(client *c)            /* connected, or it failed: then -1 */
{
    int e = 0;
    socklen_t l = sizeof e;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &l);
    if (e) { fail(c, e == ECONNREFUSED ? REFUSED : RESET, strerror(e)); return -1; }
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set_app_data(c->ssl, c);
    SSL_set_tlsext_host_name(c->ssl, "localhost");
    if (g_resume && c->session) SSL_set_session(c->ssl, c->session);
    c->state = HANDSHAKE;
    return 0;
}

static void on_event(client *c)
{
    if (c->fd < 0 || (c->state == CONNECTING && secure(c))) return;
    if (c->state == HANDSHAKE && !handshake(c)) return;
    for (;;) {
        int n = SSL_read(c->ssl, c->in + c->inlen, sizeof c->in - c->inlen);
        if (n <= 0) {
            if (SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_READ) fail_here(c, "closed by server");
            ERR_clear_error();
            return;
        }
        c->inlen += n;
        if (take_lines(c)) return;
    }
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    client *c = SSL_get_app_data(ssl);
    if (c->session) SSL_SESSION_free(c->session);
    c->session = session;
    return 1;
}

/* The chain is not looked at (it's self-signed); the handshake's signature is still checked. */
static int any_cert(X509_STORE_CTX *x, void *arg)
{
    (void)x; (void)arg;
    return 1;
}

static void prepare_clients(client *clients, int n)     /* reads the options; as the harness's, so that the work is the same */
{
    g_port = optn("port", 0); g_sources = optn("src", 8); g_resume = optn("resume", 0);
    g_users = optn("users", 100); g_userfmt = opt("userfmt", "u%05d"); g_pass = opt("pass", "secret");
    ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set1_groups_list(ctx, "X25519:P-256");
    SSL_CTX_set_cert_verify_callback(ctx, any_cert, NULL);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    if (g_resume) {
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(ctx, keep_session);
    }
    ep = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < n; i++) clients[i].slot = i, clients[i].fd = -1;
}

static void print_counts(void)
{
    printf("\"errors\":{");
    for (int i = 0, first = 1; i < KINDS; i++)
        if (counts[i]) { printf("%s\"%s\":%ld", first ? "" : ",", kind_names[i], counts[i]); first = 0; }
    printf("},\"error_text\":\"%s\"}\n", errtext);
}
#endif
