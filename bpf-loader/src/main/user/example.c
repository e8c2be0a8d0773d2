// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's example in user space.
 *
 *	telemetry-example [MESSAGES [SANDBOX_ID]]
 *
 * emits so many further messages in its session.
 */

#include <stdio.h>
#include <stdlib.h>

#include "svos-telemetry.h"

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	const char *sandbox = argc > 2 ? argv[2] :
		"00000000-1111-2222-3333-444444444444";
	char buffer[64];
	unsigned long i;

	register_telemetry(sandbox, "hello", "1.0.0");
	session_begin(sandbox, "startup");
	telemetry_msg(sandbox, "loaded", "{ hello_world: false }");
	for (i = 1; i <= count; i++) {
		snprintf(buffer, sizeof(buffer), "{ number: %lu, of: %lu }", i,
			 count);
		telemetry_msg(sandbox, "load", buffer);
	}
	session_end(sandbox);
	unregister_telemetry(sandbox);
	return 0;
}
