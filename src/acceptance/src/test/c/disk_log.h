/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DISK_LOG_H
#define DISK_LOG_H

/* The log of the watched disk; watched_disk.c says what is in it. */
#include <stddef.h>

void log_start(const char *path);
long long nanoseconds_now(void);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_markers(const char *begin, const char *bytes, size_t size);

#endif /* DISK_LOG_H */
