// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "platter.h"

#define SECTOR	512

/* A write or a truncation that no sync has taken yet. */
struct change {
	struct change *next;
	off_t offset;
	size_t size;
	char *bytes;
};

static const char *platter;
static struct file *files;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int dice;

void die(const char *what)
{
	fprintf(stderr, "watched_disk: %s: %s\n", what, strerror(errno));
	abort();
}

/**
 * platter_start - Say where the platter is
 * @folder: An empty one, or what an earlier process has left there
 */
void platter_start(const char *folder)
{
	platter = folder;
	dice = time(NULL) ^ getpid();
}

static char *on_platter(const char *path)
{
	char *whole;

	if (asprintf(&whole, "%s%s", platter, path) < 0)
		die(path);
	return whole;
}

/**
 * platter_file - Find what is known of a file, or begin to know it
 * @path: From the watched folder on, with the slash
 *
 * Return: the file, for ever
 */
struct file *platter_file(dev_t dev, ino_t ino, const char *path)
{
	char *whole = on_platter(path);
	struct file *file;

	pthread_mutex_lock(&lock);
	for (file = files; file; file = file->next)
		if (file->ino == ino && file->dev == dev &&
		    !strcmp(file->path, whole))
			break;
	if (file) {
		free(whole);
	} else {
		file = calloc(1, sizeof(*file));
		if (!file)
			die(path);
		file->dev = dev;
		file->ino = ino;
		file->path = whole;
		file->platter = -1;
		file->last = &file->first;
		pthread_mutex_init(&file->syncing, NULL);
		file->next = files;
		files = file;
	}
	pthread_mutex_unlock(&lock);
	return file;
}

static void make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + strlen(platter) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0700);
		*slash = '/';
	}
}

/* With the lock held. A file that was removed while it is open has none. */
static int platter_fd(struct file *file)
{
	if (file->platter < 0 && *file->path) {
		make_folders(file->path);
		file->platter = open(file->path,
				     O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (file->platter < 0)
			die(file->path);
	}
	return file->platter;
}

static void put(struct file *file, off_t offset, const char *bytes, size_t size)
{
	int fd = platter_fd(file);

	if (fd >= 0 && pwrite(fd, bytes, size, offset) != (ssize_t)size)
		die(file->path);
}

/* Some sectors get there at once, as nobody promises that they do not. */
static void put_some(struct file *file, const struct change *change,
		     int percent)
{
	size_t at, size;

	for (at = 0; at < change->size; at += size) {
		size = SECTOR - (change->offset + at) % SECTOR;
		if (size > change->size - at)
			size = change->size - at;
		if (rand_r(&dice) % 100 < percent)
			put(file, change->offset + at, change->bytes + at,
			    size);
	}
}

/**
 * platter_change - Keep a change for the next sync
 * @bytes: What was written, or TRUNCATION to @offset
 * @early_percent: Of its sectors that do not wait for the sync
 */
void platter_change(struct file *file, off_t offset, const char *bytes,
		    size_t size, int early_percent)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change)
		die(file->path);
	change->offset = offset;
	change->size = size;
	if (bytes != TRUNCATION) {
		change->bytes = malloc(size);
		if (!change->bytes)
			die(file->path);
		memcpy(change->bytes, bytes, size);
	}
	pthread_mutex_lock(&lock);
	*file->last = change;
	file->last = &change->next;
	if (bytes != TRUNCATION && early_percent)
		put_some(file, change, early_percent);
	pthread_mutex_unlock(&lock);
}

/**
 * platter_inherit - Keep what another process has changed since its last sync
 * @bytes: The whole file, as processes see it
 */
void platter_inherit(struct file *file, const char *bytes, size_t size)
{
	char *kept = malloc(size + 1);
	int fd = platter_fd(file);

	if (!kept || fd < 0)
		die(file->path);
	if (pread(fd, kept, size + 1, 0) != (ssize_t)size ||
	    memcmp(kept, bytes, size)) {
		platter_change(file, size, TRUNCATION, 0, 0);
		platter_change(file, 0, bytes, size, 0);
	}
	free(kept);
}

/**
 * platter_take - Take the changes that a sync which begins now has to write
 *
 * Return: them, for platter_finish()
 */
struct change *platter_take(struct file *file)
{
	struct change *first;

	pthread_mutex_lock(&lock);
	first = file->first;
	file->first = NULL;
	file->last = &file->first;
	pthread_mutex_unlock(&lock);
	return first;
}

/**
 * platter_finish - End a sync
 * @keep: Whether it succeeded; if not, its changes are dropped
 */
void platter_finish(struct file *file, struct change *changes, int keep)
{
	struct change *next;

	for (; changes; changes = next) {
		next = changes->next;
		pthread_mutex_lock(&lock);
		if (keep && changes->bytes == TRUNCATION) {
			if (platter_fd(file) >= 0 &&
			    ftruncate(file->platter, changes->offset))
				die(file->path);
		} else if (keep) {
			put(file, changes->offset, changes->bytes,
			    changes->size);
		}
		pthread_mutex_unlock(&lock);
		free(changes->bytes);
		free(changes);
	}
}

/* With the lock held. What was known of a path holds for another, or none. */
static void repath(const char *from, const char *to)
{
	struct file *file;

	for (file = files; file; file = file->next) {
		if (strcmp(file->path, from))
			continue;
		free(file->path);
		file->path = strdup(to);
		if (!*to && file->platter >= 0) {
			close(file->platter);
			file->platter = -1;
		}
	}
}

/** platter_rename - Follow a rename, which counts as done at once */
void platter_rename(const char *from, const char *to)
{
	char *old = on_platter(from);
	char *new = on_platter(to);

	pthread_mutex_lock(&lock);
	repath(new, "");
	repath(old, new);
	if (rename(old, new))
		unlink(new);
	pthread_mutex_unlock(&lock);
	free(old);
	free(new);
}

/** platter_unlink - Follow a removal, which counts as done at once */
void platter_unlink(const char *path)
{
	char *gone = on_platter(path);

	pthread_mutex_lock(&lock);
	repath(gone, "");
	unlink(gone);
	pthread_mutex_unlock(&lock);
	free(gone);
}
