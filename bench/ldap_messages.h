/* The few LDAP messages that searches.c needs (RFC 4511): two requests, and the heads of answers. */
#ifndef LDAP_MESSAGES_H
#define LDAP_MESSAGES_H
#include <stdint.h>
#include <string.h>

#include "measuring.h"

enum { MAX_REQUEST = 130 };             /* every length takes one byte */
enum { BIND_RESPONSE = 0x61, ENTRY = 0x64, DONE = 0x65 };

/* what is known of one answer; `body` holds the operation's contents, `oplen` bytes, 7 at least */
typedef struct { int op, total, oplen; uint32_t id; const unsigned char *body; } answer;

static int put_string(unsigned char *b, int tag, const char *s)
{
    int n = strlen(s);
    if (n > 100) die("a name is too long");
    b[0] = tag;
    b[1] = n;
    memcpy(b + 2, s, n);
    return n + 2;
}

/* the message with the operation `op` */
static int put_message(unsigned char *b, uint32_t id, int tag, const unsigned char *op, int oplen)
{
    int idlen = id < 0x80 ? 1 : id < 0x8000 ? 2 : id < 0x800000 ? 3 : 4, n = 0;
    if (oplen + idlen + 4 > 127) die("a request is too long");
    b[n++] = 0x30; b[n++] = oplen + idlen + 4;
    b[n++] = 2; b[n++] = idlen;
    for (int k = idlen - 1; k >= 0; k--) b[n++] = id >> (8 * k);
    b[n++] = tag; b[n++] = oplen;
    memcpy(b + n, op, oplen);
    return n + oplen;
}

static int encode_bind(unsigned char *b, uint32_t id, const char *dn, const char *password)
{
    unsigned char op[300] = { 2, 1, 3 };
    int n = 3 + put_string(op + 3, 4, dn);
    n += put_string(op + n, 0x80, password);
    return put_message(b, id, 0x60, op, n);
}

/* the filter attr=value: whole subtree, no aliases followed, no limits, types and values of all attributes */
static int encode_search(unsigned char *b, uint32_t id, const char *base, const char *attr, const char *value)
{
    static const unsigned char how[] = { 10, 1, 2, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0 };
    unsigned char op[400];
    int n = put_string(op, 4, base);
    memcpy(op + n, how, sizeof how);
    n += sizeof how;
    unsigned char *filter = op + n;
    n += 2;
    n += put_string(op + n, 4, attr);
    n += put_string(op + n, 4, value);
    filter[0] = 0xa3;
    filter[1] = op + n - filter - 2;
    op[n++] = 0x30; op[n++] = 0;        /* all attributes */
    return put_message(b, id, 0x63, op, n);
}

static int length(const unsigned char *p, int have, int *size)  /* bytes the length takes; 0: more are needed */
{
    if (have < 1) return 0;
    if (p[0] < 0x80) { *size = p[0]; return 1; }
    int k = p[0] & 0x7f, v = 0;
    if (k > 3) return -1;
    if (have < 1 + k) return 0;
    for (int i = 1; i <= k; i++) v = v << 8 | p[i];
    *size = v;
    return 1 + k;
}

/* 1: `a` is the message that p begins with; 0: it isn't whole yet; -1: it is none, or longer than `most` */
static int parse(const unsigned char *p, int have, int most, answer *a)
{
    int size = 0, n = 1;
    if (have < 2) return 0;
    if (p[0] != 0x30) return -1;
    int k = length(p + 1, have - 1, &size);
    if (k <= 0) return k;
    n += k;
    a->total = n + size;
    if (a->total > most) return -1;
    if (have < a->total) return 0;
    int idlen = p[n + 1];
    if (size < 9 || p[n] != 2 || idlen < 1 || idlen > 4) return -1;
    a->id = 0;
    for (int i = 0; i < idlen; i++) a->id = a->id << 8 | p[n + 2 + i];
    n += 2 + idlen;
    a->op = p[n++];
    k = length(p + n, a->total - n, &a->oplen);
    if (k <= 0) return -1;
    a->body = p + n + k;
    return a->body + a->oplen <= p + a->total && a->oplen >= 7 ? 1 : -1;
}
#endif
