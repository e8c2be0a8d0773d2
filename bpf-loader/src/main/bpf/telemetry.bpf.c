// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies the arguments of the five telemetry functions into a ring buffer.
 *
 * One source, two objects: kprobes on the kernel's functions, or with
 * TELEMETRY_UPROBE uprobes on functions of the same names in a user-space
 * library. Only arguments are read, never a structure of the kernel, so neither
 * object needs the kernel's BTF or any relocation against it. (The object's own
 * BTF describes its maps to libbpf; a kernel without BTF does not get to see
 * it.)
 */

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "telemetry.h"

#ifdef TELEMETRY_UPROBE
#define HOOK(function)		SEC("uprobe")
#define read_str		bpf_probe_read_user_str
#define read_bytes		bpf_probe_read_user
#else
#define HOOK(function)		SEC("kprobe/" #function)
#define read_str		bpf_probe_read_kernel_str
#define read_bytes		bpf_probe_read_kernel
#endif

#define RECORD_MAX							\
	(sizeof(struct telemetry_record) + TELEMETRY_SANDBOX_MAX +	\
	 TELEMETRY_NAME_MAX + TELEMETRY_TEXT_MAX)

/*
 * Buffers a CPU. A kprobe's program is never entered twice on one CPU: the
 * kernel leaves the second call out. A uprobe's can be, because a task may be
 * preempted within it.
 */
#define BUFFERS		4

struct buffer {
	__u64 taken;
	char record[RECORD_MAX];	/* a struct telemetry_record */
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);	/* the loader may say another */
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TELEMETRY_KINDS);
	__type(key, __u32);
	__type(value, struct telemetry_counters);
} counters SEC(".maps");

/* Number of the last record that this CPU put out. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sequence SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BUFFERS);
	__type(key, __u32);
	__type(value, struct buffer);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct telemetry_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TELEMETRY_SETS);
	__type(key, __u32);
	__type(value, struct telemetry_set);
} guard SEC(".maps");

/* The programs that the entry programs below go on with, by kind. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, TELEMETRY_KINDS);
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

const char license_name[] SEC("license") = "GPL";

/*
 * The layout as compiled, for the reader to test its constants against: 40-byte
 * entries of a name of 32 bytes, padded with NULs, and two u32: offset and size.
 */
struct layout_entry {
	char name[32];
	__u32 offset;
	__u32 size;
};

#define FIELD(type, field) \
	{ #type "." #field, offsetof(struct telemetry_##type, field), \
	  sizeof(((struct telemetry_##type *)0)->field) }

const struct layout_entry layout[] SEC(".layout") = {
	{ "record", 0, sizeof(struct telemetry_record) },
	FIELD(record, boot_ns),
	FIELD(record, seq),
	FIELD(record, cpu),
	FIELD(record, pid),
	FIELD(record, tid),
	FIELD(record, kind),
	FIELD(record, flags),
	FIELD(record, sandbox_len),
	FIELD(record, name_len),
	FIELD(record, text_len),
	FIELD(record, reserved),
	FIELD(record, comm),
	{ "record.strings", offsetof(struct telemetry_record, strings), 0 },
	{ "counters", 0, sizeof(struct telemetry_counters) },
	FIELD(counters, seen),
	FIELD(counters, captured),
	FIELD(counters, ring_full),
	FIELD(counters, probe_fault),
	FIELD(counters, throttled),
	FIELD(counters, recursion),
	{ "settings", 0, sizeof(struct telemetry_settings) },
	FIELD(settings, guard_interval),
	{ "way", 0, sizeof(struct telemetry_way) },
	FIELD(way, id),
	FIELD(way, due),
	FIELD(way, throttled),
	FIELD(way, sandbox),
	{ "set", 0, sizeof(struct telemetry_set) },
	{ "max.sets", 0, TELEMETRY_SETS },
	{ "max.sandbox", 0, TELEMETRY_SANDBOX_MAX },
	{ "max.name", 0, TELEMETRY_NAME_MAX },
	{ "max.text", 0, TELEMETRY_TEXT_MAX },
};

/* Counters are added to atomically: see BUFFERS for who else might. */
static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline struct buffer *take_buffer(void)
{
	struct buffer *b;
	__u32 i;

#pragma unroll
	for (i = 0; i < BUFFERS; i++) {
		__u32 key = i;

		b = bpf_map_lookup_elem(&scratch, &key);
		if (b && !__sync_val_compare_and_swap(&b->taken, 0, 1))
			return b;
	}
	return NULL;
}

static __always_inline void give_back(struct buffer *b)
{
	*(volatile __u64 *)&b->taken = 0;
}

/*
 * Copies one string and returns its length with the NUL, 0 if there is none to
 * be read. The helper cuts without saying so; a result of the full size was cut
 * only if the caller's byte at the place of the NUL is another.
 */
static __always_inline __u32 copy(char *to, __u32 max, const char *from,
				  __u8 *flags, __u8 cut, __u8 missing)
{
	long len = read_str(to, max, from);
	char last = 1;

	if (len <= 0) {
		*flags |= missing;
		return 0;
	}
	if (len == max) {
		read_bytes(&last, 1, from + max - 1);
		if (last)
			*flags |= cut;
	}
	return len;
}

/* Length of a sandbox ID with its NUL: what else is called with is none. */
#define ID_LEN		37

/* The guard's burst: a second's worth of events, see held_back(). */
#define SECOND		1000000000ULL

/* Of an ID's text, the same in upper and lower case; neither 0 nor 1. */
static __always_inline __u64 hash(const char *id)
{
	const __u64 lower = 0x2020202020202020ULL;
	const __u64 odd = 0x9e3779b97f4a7c15ULL;
	__u64 word, h = 0;
	__u32 i;

#pragma unroll
	for (i = 0; i < 4; i++) {
		__builtin_memcpy(&word, id + 8 * i, 8);
		h = (h ^ (word | lower)) * odd;
		h ^= h >> 32;
	}
	word = 0;
	__builtin_memcpy(&word, id + 32, 4);
	h = (h ^ (word | lower)) * odd;
	h ^= h >> 29;
	return h > 1 ? h : h + 2;
}

/*
 * The sandbox's place in the table: the one that it has, else one whose time is
 * up. NULL if four others that hash alike are busy: then nothing is held back.
 */
static __always_inline struct telemetry_way *
find_way(struct telemetry_set *set, __u64 id, const char *sandbox, __u64 now)
{
	struct telemetry_way *w;
	__u64 before;
	__u32 i;

#pragma unroll
	for (i = 0; i < TELEMETRY_WAYS; i++)
		if (set->ways[i].id == id)
			return &set->ways[i];
#pragma unroll
	for (i = 0; i < TELEMETRY_WAYS; i++) {
		w = &set->ways[i];
		before = w->id;
		if (before && w->due > now)
			continue;
		if (__sync_val_compare_and_swap(&w->id, before, id) == before) {
			w->throttled = 0;
			__builtin_memset(w->sandbox, 0, sizeof(w->sandbox));
			if (id != 1)
				__builtin_memcpy(w->sandbox, sandbox, 36);
			return w;
		}
		if (w->id == id)	/* another CPU was faster */
			return w;
	}
	return NULL;
}

/*
 * The storm guard: a bucket a sandbox, of a second's worth of events, filled as
 * fast as the limit says. Kept as the one moment at which it will be full: an
 * event moves it on by the interval, and is held back where it would come to
 * lie more than a second ahead. What is no message may take a second's worth
 * more, so that a storm of messages does not leave sessions without their end.
 * Calls with anything but a sandbox ID share one bucket.
 *
 * Nothing is locked. The moment is added to first and, if that was too much,
 * taken from again; another CPU that looks in between can be held back one
 * event early.
 */
static __noinline int held_back(struct telemetry_record *r, __u32 kind,
				__u32 sandbox_len, __u64 now)
{
	__u64 ahead = kind == TELEMETRY_MESSAGE ? SECOND : 2 * SECOND;
	struct telemetry_settings *s;
	struct telemetry_set *set;
	struct telemetry_way *w;
	__u64 interval, id, due;
	__u32 key = 0;

	s = bpf_map_lookup_elem(&settings, &key);
	interval = s ? s->guard_interval : 0;
	if (!interval)
		return 0;
	id = sandbox_len == ID_LEN ? hash(r->strings) : 1;
	key = id & (TELEMETRY_SETS - 1);
	set = bpf_map_lookup_elem(&guard, &key);
	w = set ? find_way(set, id, r->strings, now) : NULL;
	if (!w)
		return 0;
	due = w->due;
	if (due < now)		/* full by now; else another CPU said so */
		__sync_val_compare_and_swap(&w->due, due, now);
	due = __sync_fetch_and_add(&w->due, interval) + interval;
	if ((__s64)(due - now) <= (__s64)ahead)
		return 0;
	__sync_fetch_and_add(&w->due, -interval);
	count(&w->throttled);
	return 1;
}

/*
 * Puts the record out under the next number of this CPU. Numbers are
 * consecutive: one that the ring did not take is used again, unless somebody
 * came between, which only a preempted uprobe lets happen. Then a number is
 * left out, beside an event counted as ring_full. Where the same happens
 * between number and output, two records of a CPU change places.
 */
static __always_inline long put_out(struct telemetry_record *r, __u32 len)
{
	__u32 key = 0;
	__u64 *last = bpf_map_lookup_elem(&sequence, &key);
	long err;

	if (!last)
		return -1;
	r->seq = __sync_fetch_and_add(last, 1) + 1;
	err = bpf_ringbuf_output(&ring, r, len, 0);
	if (err)
		__sync_val_compare_and_swap(last, r->seq, r->seq - 1);
	return err;
}

/*
 * In an interrupt, pid, tid and comm are those of the task that was
 * interrupted, which has as a rule nothing to do with the event.
 */
static __always_inline int capture(__u32 kind, const char *sandbox,
				   const char *name, const char *text)
{
	struct telemetry_counters *c = bpf_map_lookup_elem(&counters, &kind);
	__u64 boot_ns = bpf_ktime_get_boot_ns();
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u32 sandbox_len, name_len = 0, text_len = 0;
	struct telemetry_record *r;
	__u8 flags = 0;
	struct buffer *b;

	if (!c)
		return 0;
	count(&c->seen);
	b = take_buffer();
	if (!b) {
		count(&c->recursion);
		return 0;
	}
	r = (struct telemetry_record *)b->record;

	sandbox_len = copy(r->strings, TELEMETRY_SANDBOX_MAX, sandbox, &flags,
			   TELEMETRY_SANDBOX_CUT, TELEMETRY_SANDBOX_MISSING);
	if (!sandbox_len) {
		count(&c->probe_fault);
		goto out;
	}
	if (held_back(r, kind, sandbox_len, boot_ns)) {
		count(&c->throttled);
		goto out;
	}
	if (kind <= TELEMETRY_MESSAGE)
		name_len = copy(r->strings + sandbox_len, TELEMETRY_NAME_MAX,
				name, &flags, TELEMETRY_NAME_CUT,
				TELEMETRY_NAME_MISSING);
	if (kind == TELEMETRY_REGISTER || kind == TELEMETRY_MESSAGE)
		text_len = copy(r->strings + sandbox_len + name_len,
				TELEMETRY_TEXT_MAX, text, &flags,
				TELEMETRY_TEXT_CUT, TELEMETRY_TEXT_MISSING);

	r->boot_ns = boot_ns;
	r->cpu = bpf_get_smp_processor_id();
	r->pid = pid_tgid >> 32;
	r->tid = pid_tgid;
	r->kind = kind;
	r->flags = flags;
	r->sandbox_len = sandbox_len;
	r->name_len = name_len;
	r->text_len = text_len;
	r->reserved = 0;
	bpf_get_current_comm(r->comm, sizeof(r->comm));

	if (put_out(r, sizeof(*r) + sandbox_len + name_len + text_len))
		count(&c->ring_full);
	else
		count(&c->captured);
out:
	give_back(b);
	return 0;
}

HOOK(register_telemetry)
int on_register(struct pt_regs *ctx)
{
	return capture(TELEMETRY_REGISTER, (const char *)PT_REGS_PARM1(ctx),
		       (const char *)PT_REGS_PARM2(ctx),
		       (const char *)PT_REGS_PARM3(ctx));
}

HOOK(session_begin)
int on_session_begin(struct pt_regs *ctx)
{
	return capture(TELEMETRY_SESSION_BEGIN,
		       (const char *)PT_REGS_PARM1(ctx),
		       (const char *)PT_REGS_PARM2(ctx), NULL);
}

HOOK(telemetry_msg)
int on_message(struct pt_regs *ctx)
{
	return capture(TELEMETRY_MESSAGE, (const char *)PT_REGS_PARM1(ctx),
		       (const char *)PT_REGS_PARM2(ctx),
		       (const char *)PT_REGS_PARM3(ctx));
}

HOOK(session_end)
int on_session_end(struct pt_regs *ctx)
{
	return capture(TELEMETRY_SESSION_END,
		       (const char *)PT_REGS_PARM1(ctx), NULL, NULL);
}

HOOK(unregister_telemetry)
int on_unregister(struct pt_regs *ctx)
{
	return capture(TELEMETRY_UNREGISTER,
		       (const char *)PT_REGS_PARM1(ctx), NULL, NULL);
}

/*
 * What is attached. These programs never change: they go on with whatever the
 * map of programs has, so that a loader of another version replaces what runs
 * by one write, which every call sees either before or after. A link to a probe
 * cannot be given another program.
 */
#define ENTRY(function, kind)						\
	HOOK(function)							\
	int at_##function(struct pt_regs *ctx)				\
	{								\
		bpf_tail_call(ctx, &programs, kind);			\
		return 0;						\
	}

ENTRY(register_telemetry, TELEMETRY_REGISTER)
ENTRY(session_begin, TELEMETRY_SESSION_BEGIN)
ENTRY(telemetry_msg, TELEMETRY_MESSAGE)
ENTRY(session_end, TELEMETRY_SESSION_END)
ENTRY(unregister_telemetry, TELEMETRY_UNREGISTER)
