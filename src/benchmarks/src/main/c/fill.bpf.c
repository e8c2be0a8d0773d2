// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills a ring with records as the capture writes them, as fast as the machine
 * can, so that a reader is measured and not what emits. A raw tracepoint's
 * program, because that kind can be run by a system call (kprobe's can not).
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "fill.h"
#include "telemetry.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} ring SEC(".maps");

/*
 * The record to put out, made by user space with its strings. Only one run at a
 * time uses it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fill_state);
} state SEC(".maps");

const char license_name[] SEC("license") = "GPL";

static long put_out(__u32 i, void *context)
{
	struct fill_state *s = *(struct fill_state **)context;
	struct telemetry_record *r = (struct telemetry_record *)s->record;
	__u32 len = s->length;

	if (len > sizeof(s->record))
		return 1;
	r->boot_ns = bpf_ktime_get_boot_ns();
	r->seq = s->before + s->written + 1;
	r->cpu = bpf_get_smp_processor_id();
	/* The last digit of the sandbox ID tells sandboxes apart. */
	r->strings[35] = '0' + s->written % s->sandboxes % 10;
	if (bpf_ringbuf_output(&ring, r, len, BPF_RB_NO_WAKEUP))
		return 1;
	s->written++;
	return 0;
}

/* Runs till the ring is full or so many records are in it as user space asks. */
SEC("raw_tp")
int fill(void *ctx)
{
	__u32 key = 0;
	struct fill_state *s = bpf_map_lookup_elem(&state, &key);

	if (s)
		bpf_loop(s->wanted, put_out, &s, 0);
	return 0;
}
