/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PLATTER_H
#define PLATTER_H

/*
 * The platter: the files as a power cut would leave them. A change gets there
 * with the next sync of its file that succeeds; a sync that fails drops its
 * changes, as the kernel does: pages that it could not write are clean
 * afterwards, and no later sync knows of them.
 */
#include <pthread.h>
#include <sys/types.h>

#define TRUNCATION	NULL	/* instead of the bytes of a change */

struct change;

struct file {
	struct file *next;
	dev_t dev;
	ino_t ino;
	int platter;		/* -1: not opened yet */
	struct change *first;	/* since the last sync, in their order */
	struct change **last;
	pthread_mutex_t syncing;	/* one at a time, as in the kernel */
	char *path;		/* in the platter's folder */
};

void platter_start(const char *folder);
struct file *platter_file(dev_t dev, ino_t ino, const char *path);
void platter_change(struct file *file, off_t offset, const char *bytes,
		    size_t size, int early_percent);
void platter_inherit(struct file *file, const char *bytes, size_t size);
struct change *platter_take(struct file *file);
void platter_finish(struct file *file, struct change *changes, int keep);
void platter_rename(const char *from, const char *to);
void platter_unlink(const char *path);
void die(const char *what) __attribute__((noreturn));

#endif /* PLATTER_H */
