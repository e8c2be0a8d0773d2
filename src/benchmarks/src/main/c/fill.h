/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FILL_H
#define FILL_H

/* What libdrain tells the filling program, and is told. */
struct fill_state {
	__u64 written;
	__u64 before;		/* records of earlier runs: numbers go on */
	__u32 wanted;
	__u32 length;		/* of the record, strings included */
	__u32 sandboxes;	/* 1 to 10 different ones, by turns */
	__u32 reserved;
	char record[4096];
};

#endif /* FILL_H */
