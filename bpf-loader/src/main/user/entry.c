// SPDX-License-Identifier: Apache-2.0
/*
 * What programs call, by way of <svos-telemetry.h>: makes sure that the strings
 * are in memory, then passes them on to the probed functions in hooks.c.
 */

#include <stddef.h>

#include "hooks.h"

#define ENTRY __attribute__((visibility("default")))

/* No more than this is captured of any string. */
#define TOUCH_MAX 4096

static void touch(const char *string)
{
	const volatile char *s = string;
	size_t i = 0;

	if (s)
		while (i < TOUCH_MAX && s[i])
			i++;
}

ENTRY void svos_register_telemetry(const char *id, const char *name,
				   const char *version)
{
	touch(id);
	touch(name);
	touch(version);
	register_telemetry(id, name, version);
}

ENTRY void svos_session_begin(const char *id, const char *name)
{
	touch(id);
	touch(name);
	session_begin(id, name);
}

ENTRY void svos_telemetry_msg(const char *id, const char *name, const char *msg)
{
	touch(id);
	touch(name);
	touch(msg);
	telemetry_msg(id, name, msg);
}

ENTRY void svos_session_end(const char *id)
{
	touch(id);
	session_end(id);
}

ENTRY void svos_unregister_telemetry(const char *id)
{
	touch(id);
	unregister_telemetry(id);
}
