// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "drain.h"
#include "fill.h"
#include "telemetry.h"

#define EXPORT __attribute__((visibility("default")))

struct drain {
	struct bpf_object *object;
	struct ring_buffer *rival;
	int ring_fd;
	int state_fd;
	int program_fd;
	size_t page;
	size_t size;
	uint64_t *consumer;
	uint64_t *producer;
	char *data;
	struct fill_state state;
	long records;		/* of the run that is under way */
	long checksum;
	struct pace {
		pthread_t thread;
		long per_second;
		int seconds;
		int payload;
		int cpu;
		int done;
		long written;
		long dropped;
	} pace;
};

static long nanoseconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static inline long touch(const struct telemetry_record *r)
{
	return r->seq + r->kind + r->sandbox_len + r->name_len + r->text_len;
}

static int on_record(void *context, void *record, size_t size)
{
	struct drain *d = context;

	(void)size;
	d->records++;
	d->checksum += touch(record);
	return 0;
}

static int map_ring(struct drain *d)
{
	void *p;

	p = mmap(NULL, d->page, PROT_READ | PROT_WRITE, MAP_SHARED, d->ring_fd,
		 0);
	if (p == MAP_FAILED)
		return -1;
	d->consumer = p;
	p = mmap(NULL, d->page + 2 * d->size, PROT_READ, MAP_SHARED, d->ring_fd,
		 d->page);
	if (p == MAP_FAILED)
		return -1;
	d->producer = p;
	d->data = (char *)p + d->page;
	return 0;
}

EXPORT struct drain *drain_open(const char *object, unsigned int ring_bytes)
{
	struct drain *d = calloc(1, sizeof(*d));
	struct bpf_map *ring;

	if (!d)
		return NULL;
	d->page = sysconf(_SC_PAGESIZE);
	d->size = ring_bytes;
	d->object = bpf_object__open(object);
	if (!d->object)
		goto fail;
	ring = bpf_object__find_map_by_name(d->object, "ring");
	if (bpf_map__set_max_entries(ring, ring_bytes) ||
	    bpf_object__load(d->object))
		goto fail;
	d->ring_fd = bpf_map__fd(ring);
	d->state_fd = bpf_object__find_map_fd_by_name(d->object, "state");
	d->program_fd = bpf_program__fd(
		bpf_object__find_program_by_name(d->object, "fill"));
	d->rival = ring_buffer__new(d->ring_fd, on_record, d, NULL);
	if (!d->rival || map_ring(d))
		goto fail;
	return d;
fail:
	drain_close(d);
	return NULL;
}

EXPORT int drain_ring_fd(struct drain *d)
{
	return d->ring_fd;
}

EXPORT void *drain_consumer(struct drain *d)
{
	return d->consumer;
}

EXPORT void *drain_producer(struct drain *d)
{
	return d->producer;
}

EXPORT void *drain_data(struct drain *d)
{
	return d->data;
}

/* A message like the kernel's example's, its payload as long as asked. */
static int prepare(struct fill_state *s, int payload)
{
	static const char sandbox[] = "00000000-1111-2222-3333-444444444440";
	static const char name[] = "loaded";
	struct telemetry_record *r = (struct telemetry_record *)s->record;
	size_t fixed = sizeof(*r) + sizeof(sandbox) + sizeof(name);
	char *p = r->strings;

	if (payload < 16 || fixed + payload > sizeof(s->record)) {
		errno = EINVAL;
		return -1;
	}
	memset(s->record, 0, sizeof(s->record));
	r->pid = getpid();
	r->tid = getpid();
	r->kind = TELEMETRY_MESSAGE;
	r->sandbox_len = sizeof(sandbox);
	r->name_len = sizeof(name);
	r->text_len = payload;
	strcpy(r->comm, "insmod");
	p = mempcpy(p, sandbox, sizeof(sandbox));
	p = mempcpy(p, name, sizeof(name));
	memset(p, 'x', payload - 1);
	memcpy(p, "{ text: '", 9);
	memcpy(p + payload - 4, "' }", 4);
	s->length = fixed + payload;
	return 0;
}

EXPORT long drain_fill(struct drain *d, long records, int payload,
		       int sandboxes)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	uint32_t key = 0;
	int err;

	if (sandboxes < 1 || sandboxes > 10 || records < 0) {
		errno = EINVAL;
		return -1;
	}
	if (prepare(&d->state, payload))
		return -1;
	d->state.before += d->state.written;
	d->state.written = 0;
	d->state.sandboxes = sandboxes;
	/* bpf_loop() takes no more at a time. */
	d->state.wanted = records < 1 << 23 ? records : 1 << 23;
	if (bpf_map_update_elem(d->state_fd, &key, &d->state, BPF_ANY))
		return -1;
	err = bpf_prog_test_run_opts(d->program_fd, &run);
	if (err || bpf_map_lookup_elem(d->state_fd, &key, &d->state))
		return -1;
	return d->state.written;
}

EXPORT long drain_c(struct drain *d, long publish_every, long *nanoseconds,
		    long *checksum)
{
	uint64_t mask = d->size - 1;
	uint64_t position = *d->consumer;
	uint64_t end;
	long records = 0;
	long sum = 0;
	long begin = nanoseconds_now();

	while (position < (end = __atomic_load_n(d->producer, __ATOMIC_ACQUIRE))) {
		while (position < end) {
			char *at = d->data + (position & mask);
			uint32_t header = __atomic_load_n((uint32_t *)at,
							  __ATOMIC_ACQUIRE);
			uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT |
						     BPF_RINGBUF_DISCARD_BIT);

			if (header & BPF_RINGBUF_BUSY_BIT)
				goto out;
			position += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7UL;
			if (header & BPF_RINGBUF_DISCARD_BIT)
				continue;
			sum += touch((void *)(at + BPF_RINGBUF_HDR_SZ));
			records++;
			if (publish_every > 0 && records % publish_every == 0)
				__atomic_store_n(d->consumer, position,
						 __ATOMIC_RELEASE);
		}
	}
out:
	__atomic_store_n(d->consumer, position, __ATOMIC_SEQ_CST);
	*nanoseconds = nanoseconds_now() - begin;
	*checksum = sum;
	return records;
}

EXPORT long drain_libbpf(struct drain *d, long *nanoseconds, long *checksum)
{
	long begin;

	d->records = 0;
	d->checksum = 0;
	begin = nanoseconds_now();
	ring_buffer__consume(d->rival);
	*nanoseconds = nanoseconds_now() - begin;
	*checksum = d->checksum;
	return d->records;
}

static void *pace(void *context)
{
	struct drain *d = context;
	struct pace *p = &d->pace;
	long begin, due, step, took, left;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(p->cpu, &cpu);
	pthread_setaffinity_np(pthread_self(), sizeof(cpu), &cpu);
	left = p->per_second * p->seconds;
	due = 0;
	begin = nanoseconds_now();
	while (left > 0) {
		long now = nanoseconds_now() - begin;

		step = (long)((double)now / 1e9 * p->per_second) - due;
		if (step > left)
			step = left;
		if (step < p->per_second / 1000) {
			if (step < left) {
				usleep(200);
				continue;
			}
		}
		took = drain_fill(d, step, p->payload, 10);
		if (took < 0)
			took = 0;
		p->written += took;
		p->dropped += step - took;
		due += step;
		left -= step;
	}
	__atomic_store_n(&p->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

EXPORT int drain_pace(struct drain *d, long per_second, int seconds,
		      int payload, int cpu)
{
	d->pace = (struct pace){ .per_second = per_second, .seconds = seconds,
				 .payload = payload, .cpu = cpu };
	errno = pthread_create(&d->pace.thread, NULL, pace, d);
	return errno ? -1 : 0;
}

EXPORT int drain_pacing(struct drain *d)
{
	return !__atomic_load_n(&d->pace.done, __ATOMIC_ACQUIRE);
}

EXPORT int drain_paced(struct drain *d, long *written, long *dropped)
{
	errno = pthread_join(d->pace.thread, NULL);
	*written = d->pace.written;
	*dropped = d->pace.dropped;
	return errno ? -1 : 0;
}

EXPORT void drain_close(struct drain *d)
{
	int saved = errno;

	if (d->producer)
		munmap(d->producer, d->page + 2 * d->size);
	if (d->consumer)
		munmap(d->consumer, d->page);
	ring_buffer__free(d->rival);
	bpf_object__close(d->object);
	free(d);
	errno = saved;
}
