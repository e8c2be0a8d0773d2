/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies, each kept in whole microseconds: percentiles are exact. */
#ifndef LATENCY_H
#define LATENCY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECOND 1000000000L

struct latencies {
	uint32_t *micros;
	size_t count;
	size_t room;
};

static inline long nanoseconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static inline void latencies_add(struct latencies *l, long nanoseconds)
{
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 1 << 16;
		l->micros = realloc(l->micros, l->room * sizeof(*l->micros));
		if (!l->micros) {
			perror("memory for latencies");
			exit(1);
		}
	}
	l->micros[l->count++] = nanoseconds / 1000;
}

static inline int latencies_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static inline void latencies_sort(struct latencies *l)
{
	qsort(l->micros, l->count, sizeof(*l->micros), latencies_order);
}

/* Nearest rank; the latencies are sorted. */
static inline uint32_t latencies_percentile(const struct latencies *l, int p)
{
	return l->count ? l->micros[(l->count * p + 99) / 100 - 1] : 0;
}

#endif
