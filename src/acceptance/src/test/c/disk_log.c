// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "disk_log.h"
#include "platter.h"

#define MARKER		"proof-"
#define MARKER_SIZE	13

static int log_fd = -1;

/** log_start - Open the log at its end */
void log_start(const char *path)
{
	log_fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_CREAT, 0600);
	if (log_fd < 0)
		die("the log");
}

/** nanoseconds_now - The time that the log tells */
long long nanoseconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/**
 * log_line - Write a line, all of it at once, so that lines never mix
 */
void log_line(const char *format, ...)
{
	char line[128];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (write(log_fd, line, size) != size)
		die("the log");
}

/* The next marker from there on; what was cut off or overwritten is none. */
static const char *next_marker(const char *at, const char *end)
{
	size_t size = strlen(MARKER), i;

	for (;; at++) {
		at = memmem(at, end - at, MARKER, size);
		if (!at || end - at < MARKER_SIZE)
			return NULL;
		i = size;
		while (i < MARKER_SIZE && isalnum((unsigned char)at[i]))
			i++;
		if (i == MARKER_SIZE)
			return at;
	}
}

/**
 * log_markers - Write a line that ends with all markers in some bytes
 * @begin: The line without them. If there are none, there is no line
 */
void log_markers(const char *begin, const char *bytes, size_t size)
{
	const char *end = bytes + size;
	const char *at = next_marker(bytes, end);
	size_t used;
	char *line;

	if (!at)
		return;
	line = malloc(strlen(begin) + 2 + (MARKER_SIZE + 1) * size / MARKER_SIZE);
	if (!line)
		die("a line");
	used = sprintf(line, "%s", begin);
	for (; at; at = next_marker(at + MARKER_SIZE, end)) {
		line[used++] = ' ';
		memcpy(line + used, at, MARKER_SIZE);
		used += MARKER_SIZE;
	}
	line[used++] = '\n';
	if (write(log_fd, line, used) != (ssize_t)used)
		die("the log");
	free(line);
}
