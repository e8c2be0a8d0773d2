/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DRAIN_H
#define DRAIN_H

/*
 * A ring to measure readers on: it is filled by a BPF program, then read from C
 * here, or over the same mapping by whoever is compared. Flat functions for
 * JNA; those that fail set errno. One reader at a time.
 */

struct drain;

/*
 * A ring of so many bytes (a power of two, pages). The object is fill.bpf.o.
 * NULL if it fails.
 */
struct drain *drain_open(const char *object, unsigned int ring_bytes);

int drain_ring_fd(struct drain *d);

/* The mapping: consumer position; producer position; data, twice over. */
void *drain_consumer(struct drain *d);
void *drain_producer(struct drain *d);
void *drain_data(struct drain *d);

/*
 * Puts up to so many records in, messages with a payload of so many bytes (NUL
 * included), for so many sandboxes (1 to 10) by turns. Returns how many the
 * ring took, or -1.
 */
long drain_fill(struct drain *d, long records, int payload, int sandboxes);

/*
 * Empties the ring, touching each record: its sequence number, kind and
 * lengths go into the checksum. The consumer's position is published after
 * every so many records, and at the end; libbpf does after each. Returns the
 * records read; the time goes to *nanoseconds.
 */
long drain_c(struct drain *d, long publish_every, long *nanoseconds,
	     long *checksum);

/* The same by libbpf's ring_buffer__consume and a callback a record. */
long drain_libbpf(struct drain *d, long *nanoseconds, long *checksum);

/*
 * Emits so many records a second for so many seconds, from a thread of its own
 * on that CPU, in steps of a millisecond. What the ring does not take is
 * dropped. Returns 0, or -1.
 */
int drain_pace(struct drain *d, long per_second, int seconds, int payload,
	       int cpu);

/* Whether it is still at it. */
int drain_pacing(struct drain *d);

/* Waits for its end: how many the ring took, and how many it did not. */
int drain_paced(struct drain *d, long *written, long *dropped);

void drain_close(struct drain *d);

#endif /* DRAIN_H */
