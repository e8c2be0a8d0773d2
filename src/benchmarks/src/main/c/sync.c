// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the disk itself takes for a durable write: overwrites of a file that was
 * written whole before, each followed by fdatasync.
 *
 *   sync FILE BYTES SECONDS     prints: writes, p50 and p99 in microseconds
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "latency.h"

#define FILE_SIZE (64L << 20)

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_written(const char *name)
{
	static char zeros[1 << 20];
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		fail(name);
	for (long at = 0; at < FILE_SIZE; at += sizeof(zeros))
		if (pwrite(fd, zeros, sizeof(zeros), at) != sizeof(zeros))
			fail(name);
	if (fsync(fd))
		fail(name);
	return fd;
}

int main(int argc, char **argv)
{
	struct latencies latencies = { 0 };
	long bytes, began, now, end, at = 0;
	char *block;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "usage: sync FILE BYTES SECONDS\n");
		return 2;
	}
	bytes = atol(argv[2]);
	if (bytes < 1 || bytes > FILE_SIZE) {
		fprintf(stderr, "sync: BYTES is 1 to %ld\n", FILE_SIZE);
		return 2;
	}
	block = malloc(bytes);
	if (!block)
		fail("memory for a write");
	fd = open_written(argv[1]);
	now = nanoseconds_now();
	end = now + (long)(atof(argv[3]) * SECOND);
	while (now < end) {
		began = now;
		memset(block, latencies.count, bytes);
		if (at + bytes > FILE_SIZE)
			at = 0;
		if (pwrite(fd, block, bytes, at) != bytes || fdatasync(fd))
			fail(argv[1]);
		at += (bytes + 4095) & ~4095L;
		now = nanoseconds_now();
		latencies_add(&latencies, now - began);
	}
	latencies_sort(&latencies);
	printf("%zu %u %u\n", latencies.count,
	       latencies_percentile(&latencies, 50),
	       latencies_percentile(&latencies, 99));
	return unlink(argv[1]) ? 1 : 0;
}
