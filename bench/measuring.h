/* Clocks, options and samples of a load generator, each used by one program alone. */
#ifndef MEASURING_H
#define MEASURING_H
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static int g_argc;
static char **g_argv;
static uint32_t *lat;                   /* microseconds */
static size_t nlat, caplat;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double own_cpu(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

static void die(const char *what)
{
    fprintf(stderr, "%s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(2);
}

static const char *opt(const char *key, const char *def)
{
    size_t n = strlen(key);
    for (int i = 2; i < g_argc; i++)
        if (!strncmp(g_argv[i], key, n) && g_argv[i][n] == '=') return g_argv[i] + n + 1;
    return def;
}
static long optn(const char *key, long def)
{
    const char *v = opt(key, NULL);
    return v ? atol(v) : def;
}

static void sample(double s)
{
    if (nlat == caplat) {
        caplat = caplat ? caplat * 2 : 1 << 20;
        if (!(lat = realloc(lat, caplat * sizeof *lat))) die("realloc");
    }
    lat[nlat++] = (uint32_t)(s * 1e6 + 0.5);
}

static int cmp32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}
static double pct(double p)
{
    return nlat ? lat[(size_t)(p * (nlat - 1) + 0.5)] / 1e3 : 0;
}
#endif
