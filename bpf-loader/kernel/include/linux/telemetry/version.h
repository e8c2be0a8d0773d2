/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_TELEMETRY_VERSION_H
#define _LINUX_TELEMETRY_VERSION_H

#include <linux/stringify.h>

/*
 * Version of the interface in <linux/telemetry/native.h>. The major number
 * rises when a caller has to be changed, the minor one when there is something
 * new to call, the last one otherwise.
 */
#define TELEMETRY_VERSION_MAJOR	1
#define TELEMETRY_VERSION_MINOR	0
#define TELEMETRY_VERSION_PATCH	0

#define TELEMETRY_VERSION					\
	__stringify(TELEMETRY_VERSION_MAJOR) "."		\
	__stringify(TELEMETRY_VERSION_MINOR) "."		\
	__stringify(TELEMETRY_VERSION_PATCH)

#endif /* _LINUX_TELEMETRY_VERSION_H */
