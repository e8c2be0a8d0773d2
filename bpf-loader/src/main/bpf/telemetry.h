/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TELEMETRY_H
#define TELEMETRY_H

/*
 * What the BPF program and its reader share: the record in the ring, and the
 * counters. Everything is in the byte order of the machine (the project runs on
 * little-endian ones). The table in the object's section .layout says the same
 * of what was really compiled.
 *
 *            0       1       2       3       4       5       6       7
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *      0 |                            boot_ns                            |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *      8 |                              seq                              |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     16 |              cpu              |              pid              |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     24 |              tid              | kind  | flags |  sandbox_len  |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     32 |   name_len    |   text_len    |           reserved            |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     40 |                                                               |
 *        +                             comm                              +
 *     48 |                                                               |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     56 | sandbox, NUL, name, NUL, text, NUL: as long as the three lengths
 *        +-------+--
 *
 * The record is as long as 56 and the three lengths together. It is not padded;
 * the ring is, so that every record begins at a multiple of 8.
 */
struct telemetry_record {
	__u64 boot_ns;		/* since boot, time in suspend included */
	__u64 seq;		/* number of the record on its CPU, from 1 */
	__u32 cpu;
	__u32 pid;		/* the process, as user space numbers it */
	__u32 tid;
	__u8 kind;		/* enum telemetry_kind */
	__u8 flags;		/* TELEMETRY_*_CUT, TELEMETRY_*_MISSING */
	__u16 sandbox_len;	/* with the NUL; 0: NULL or unreadable */
	__u16 name_len;		/* the same; 0 also: this kind has none */
	__u16 text_len;		/* version of a register, payload of a message */
	__u32 reserved;		/* 0 */
	char comm[16];
	char strings[];
};

enum telemetry_kind {
	TELEMETRY_REGISTER = 1,
	TELEMETRY_SESSION_BEGIN = 2,
	TELEMETRY_MESSAGE = 3,
	TELEMETRY_SESSION_END = 4,
	TELEMETRY_UNREGISTER = 5,
	TELEMETRY_KINDS		/* entries of the counters' map: 0 is unused */
};

/* The caller's string was longer than the maximum. */
#define TELEMETRY_SANDBOX_CUT		0x01
#define TELEMETRY_NAME_CUT		0x02
#define TELEMETRY_TEXT_CUT		0x04

/* The kind has this string, but it was NULL or could not be read. */
#define TELEMETRY_SANDBOX_MISSING	0x08
#define TELEMETRY_NAME_MISSING		0x10
#define TELEMETRY_TEXT_MISSING		0x20

/* Most bytes of a string, the NUL among them. */
#define TELEMETRY_SANDBOX_MAX		64
#define TELEMETRY_NAME_MAX		256
#define TELEMETRY_TEXT_MAX		4096

/*
 * One entry a kind, for each CPU. Of calls that reached the program:
 *
 *	seen = captured + ring_full + probe_fault + throttled + recursion
 *
 * when no call is under way. A reader takes them one by one and may meet an
 * event between two of them.
 */
struct telemetry_counters {
	__u64 seen;		/*  0: the program was entered */
	__u64 captured;		/*  8: a record is in the ring */
	__u64 ring_full;	/* 16: the ring did not take the record */
	__u64 probe_fault;	/* 24: no sandbox could be read: nobody's event */
	__u64 throttled;	/* 32: held back by the storm guard */
	__u64 recursion;	/* 40: other calls held all of this CPU's buffers */
};

/* What the loader asks of the program; it may change while that runs. */
struct telemetry_settings {
	/* Nanoseconds that one event of a sandbox stands for; 0: no limit. */
	__u64 guard_interval;
};

/*
 * The storm guard's table: a sandbox is in one of the ways of one set. A way
 * whose time is up has nothing to remember and may become another's.
 */
struct telemetry_way {
	__u64 id;		/*  0: hash of the sandbox ID; 0: free */
	__u64 due;		/*  8: boot_ns until which events have come */
	__u64 throttled;	/* 16: events held back since it is this one's */
	char sandbox[40];	/* 24: 36 characters for people, and NULs */
};

#define TELEMETRY_WAYS			4
#define TELEMETRY_SETS			1024

struct telemetry_set {
	struct telemetry_way ways[TELEMETRY_WAYS];
};

#endif /* TELEMETRY_H */
