// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk that is watched: preloaded into a process, this stands between it and
 * its files. A test sees what is written and synced in which order, holds syncs
 * up, lets them and writes fail, and gets what a power cut would have left.
 *
 * WATCHED_DISK_FOLDER   the files below it are watched, by their real path;
 *			 but no locks and no shared memory (*.lock, *-shm)
 * WATCHED_DISK_CONTROL  struct control, mapped by both sides
 * WATCHED_DISK_PLATTER  the same tree as a power cut would leave it
 * WATCHED_DISK_LOG      what happened, a line each, times of CLOCK_MONOTONIC:
 *
 *	w END INODE ID...	   those markers have been written to that file
 *	s BEGIN END INODE ERRNO	   it has been synced, or could not be
 *	a BEGIN STATUS ID...	   an HTTP answer with those is about to be sent
 *
 * A marker is "proof-" and seven more letters and digits. What is written
 * through mappings is not seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "disk_log.h"
#include "platter.h"

#define EXPORT __attribute__((visibility("default")))

#define HTTP		"HTTP/1.1 "

/* In the order of the constants in WatchedDisk.java. */
struct control {
	volatile int32_t hold_syncs;	/* syncs wait until this is 0 */
	volatile int32_t sync_errno;	/* syncs fail with this, if not 0 */
	volatile int32_t write_errno;	/* writes fail with this, if not 0 */
	volatile int32_t sync_micros;	/* syncs take this much longer */
	volatile int32_t early_percent;	/* of sectors that are there at once */
};

static const char *folder;
static struct control *control;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static ssize_t (*real_send)(int, const void *, size_t, int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_sync_file_range)(int, off_t, off_t, unsigned int);
static int (*real_msync)(void *, size_t, int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

static void *real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		die(name);
	return function;
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		die(name);
	return value;
}

static int ends_with(const char *text, const char *end)
{
	size_t size = strlen(text);

	return size >= strlen(end) && !strcmp(text + size - strlen(end), end);
}

/* A path from the folder on; NULL if it is not watched. */
static const char *watched_path(const char *path)
{
	size_t size = strlen(folder);

	if (strncmp(path, folder, size) || path[size] != '/')
		return NULL;
	if (ends_with(path, ".lock") || ends_with(path, "-shm") ||
	    ends_with(path, " (deleted)"))
		return NULL;
	return path + size;
}

/* What an earlier process wrote and never synced is the system's to write. */
static int inherit(const char *path, const struct stat *st, int type,
		   struct FTW *walk)
{
	const char *inside = watched_path(path);
	char *bytes;
	int fd;

	(void)walk;
	if (type != FTW_F || !inside)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	bytes = malloc(st->st_size + 1);
	if (fd < 0 || !bytes || read(fd, bytes, st->st_size) != st->st_size)
		die(path);
	platter_inherit(platter_file(st->st_dev, st->st_ino, inside), bytes,
			st->st_size);
	free(bytes);
	close(fd);
	return 0;
}

__attribute__((constructor)) static void start(void)
{
	int fd;

	real_write = real("write");
	real_pwrite = real("pwrite");
	real_writev = real("writev");
	real_pwritev = real("pwritev");
	real_send = real("send");
	real_fsync = real("fsync");
	real_fdatasync = real("fdatasync");
	real_sync_file_range = real("sync_file_range");
	real_msync = real("msync");
	real_ftruncate = real("ftruncate");
	real_unlink = real("unlink");
	real_rename = real("rename");
	folder = setting("WATCHED_DISK_FOLDER");
	platter_start(setting("WATCHED_DISK_PLATTER"));
	fd = open(setting("WATCHED_DISK_CONTROL"), O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("the control file");
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE,
		       MAP_SHARED, fd, 0);
	if (control == MAP_FAILED)
		die("the control file");
	close(fd);
	log_start(setting("WATCHED_DISK_LOG"));
	nftw(folder, inherit, 16, FTW_PHYS);
}

/* The watched file behind a descriptor; NULL if it is none. */
static struct file *watched_file(int fd)
{
	char link[64], path[PATH_MAX];
	const char *inside;
	struct stat st;
	ssize_t size;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, sizeof(path) - 1);
	if (size < 0)
		return NULL;
	path[size] = 0;
	inside = watched_path(path);
	return inside ? platter_file(st.st_dev, st.st_ino, inside) : NULL;
}

static void written(struct file *file, off_t offset, const char *bytes,
		    ssize_t size)
{
	char begin[64];

	if (size <= 0)
		return;
	platter_change(file, offset, bytes, size, control->early_percent);
	snprintf(begin, sizeof(begin), "w %lld %lu", nanoseconds_now(),
		 (unsigned long)file->ino);
	log_markers(begin, bytes, size);
}

static int synced(struct file *file, int fd, int (*sync)(int))
{
	long long begin = nanoseconds_now();
	struct change *changes;
	int result, error;

	pthread_mutex_lock(&file->syncing);
	changes = platter_take(file);
	while (control->hold_syncs)
		usleep(1000);
	error = control->sync_errno;
	result = error ? -1 : sync(fd);
	if (!error && result)
		error = errno;
	if (control->sync_micros)
		usleep(control->sync_micros);
	platter_finish(file, changes, !error);
	log_line("s %lld %lld %lu %d\n", begin, nanoseconds_now(),
	     (unsigned long)file->ino, error);
	pthread_mutex_unlock(&file->syncing);
	errno = error;
	return result;
}

/* All bytes of a vector in a row; the caller frees them. */
static char *row(const struct iovec *vector, int count, size_t *size)
{
	size_t used = 0;
	char *bytes;
	int i;

	*size = 0;
	for (i = 0; i < count; i++)
		*size += vector[i].iov_len;
	bytes = malloc(*size + 1);
	if (!bytes)
		die("a vector");
	for (i = 0; i < count; i++) {
		memcpy(bytes + used, vector[i].iov_base, vector[i].iov_len);
		used += vector[i].iov_len;
	}
	return bytes;
}

static void answering(int fd, const char *bytes, size_t size)
{
	size_t version = strlen(HTTP);
	char begin[64];
	struct stat st;

	if (size < version + 3 || memcmp(bytes, HTTP, version) ||
	    fstat(fd, &st) || !S_ISSOCK(st.st_mode))
		return;
	snprintf(begin, sizeof(begin), "a %lld %.3s", nanoseconds_now(),
		 bytes + version);
	log_markers(begin, bytes, size);
}

/* Where a write without an offset goes. */
static off_t position(int fd)
{
	struct stat st;

	if (fcntl(fd, F_GETFL) & O_APPEND)
		return fstat(fd, &st) ? 0 : st.st_size;
	return lseek(fd, 0, SEEK_CUR);
}

static int may_write(void)
{
	if (!control->write_errno)
		return 1;
	errno = control->write_errno;
	return 0;
}

EXPORT ssize_t write(int fd, const void *bytes, size_t size)
{
	struct file *file = watched_file(fd);
	ssize_t done;
	off_t offset;

	if (!file) {
		answering(fd, bytes, size);
		return real_write(fd, bytes, size);
	}
	if (!may_write())
		return -1;
	offset = position(fd);
	done = real_write(fd, bytes, size);
	written(file, offset, bytes, done);
	return done;
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	struct file *file = watched_file(fd);
	ssize_t done;

	if (file && !may_write())
		return -1;
	done = real_pwrite(fd, bytes, size, offset);
	if (file)
		written(file, offset, bytes, done);
	return done;
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
	return pwrite(fd, bytes, size, offset);
}

EXPORT ssize_t writev(int fd, const struct iovec *vector, int count)
{
	struct file *file = watched_file(fd);
	ssize_t done = -1;
	char *bytes;
	size_t size;
	off_t offset;

	bytes = row(vector, count, &size);
	if (!file) {
		answering(fd, bytes, size);
		done = real_writev(fd, vector, count);
	} else if (may_write()) {
		offset = position(fd);
		done = real_writev(fd, vector, count);
		written(file, offset, bytes, done);
	}
	free(bytes);
	return done;
}

EXPORT ssize_t pwritev(int fd, const struct iovec *vector, int count,
		       off_t offset)
{
	struct file *file = watched_file(fd);
	ssize_t done;
	char *bytes;
	size_t size;

	if (!file)
		return real_pwritev(fd, vector, count, offset);
	if (!may_write())
		return -1;
	bytes = row(vector, count, &size);
	done = real_pwritev(fd, vector, count, offset);
	written(file, offset, bytes, done);
	free(bytes);
	return done;
}

EXPORT ssize_t pwritev64(int fd, const struct iovec *vector, int count,
			 off_t offset)
{
	return pwritev(fd, vector, count, offset);
}

EXPORT ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	answering(fd, bytes, size);
	return real_send(fd, bytes, size, flags);
}

EXPORT int fsync(int fd)
{
	struct file *file = watched_file(fd);

	return file ? synced(file, fd, real_fsync) : real_fsync(fd);
}

EXPORT int fdatasync(int fd)
{
	struct file *file = watched_file(fd);

	return file ? synced(file, fd, real_fdatasync) : real_fdatasync(fd);
}

/* It promises nothing of a file's size and blocks: good for no answer. */
EXPORT int sync_file_range(int fd, off_t offset, off_t size, unsigned int flags)
{
	while (watched_file(fd) && control->hold_syncs)
		usleep(1000);
	return real_sync_file_range(fd, offset, size, flags);
}

/* Mappings are not seen here, so that none of them can count as kept. */
EXPORT int msync(void *address, size_t size, int flags)
{
	while (control->hold_syncs)
		usleep(1000);
	return real_msync(address, size, flags);
}

EXPORT int ftruncate(int fd, off_t size)
{
	struct file *file = watched_file(fd);
	int result;

	if (file && !may_write())
		return -1;
	result = real_ftruncate(fd, size);
	if (file && !result)
		platter_change(file, size, TRUNCATION, 0, 0);
	return result;
}

EXPORT int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

EXPORT int unlink(const char *path)
{
	int result = real_unlink(path);
	const char *inside = watched_path(path);

	if (!result && inside)
		platter_unlink(inside);
	return result;
}

EXPORT int rename(const char *from, const char *to)
{
	int result = real_rename(from, to);
	const char *inside = watched_path(from);
	const char *target = watched_path(to);

	if (!result && inside && target)
		platter_rename(inside, target);
	return result;
}
