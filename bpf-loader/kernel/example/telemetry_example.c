// SPDX-License-Identifier: GPL-2.0-only
/*
 * How to use <linux/telemetry/native.h>: insmod emits one application's life.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/telemetry/native.h>

#define SANDBOX_ID "00000000-1111-2222-3333-444444444444"

static char *sandbox = SANDBOX_ID;
module_param(sandbox, charp, 0444);
MODULE_PARM_DESC(sandbox, "sandbox ID to emit for");

static unsigned int count;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "further messages to emit in the session, for load");

static int hello;
module_param(hello, int, 0444);
MODULE_PARM_DESC(hello, "the value that the message tells of");

static void emit_load(void)
{
	unsigned int i;

	for (i = 1; i <= count; i++) {
		char telemetry_buffer[64];

		snprintf(telemetry_buffer, sizeof(telemetry_buffer),
			 "{ number: %u, of: %u }", i, count);
		telemetry_msg(sandbox, "load", telemetry_buffer);
		cond_resched();
	}
}

static int __init telemetry_example_init(void)
{
	register_telemetry(sandbox, "hello", "1.0.0");
	session_begin(sandbox, "startup");

	{
		/* In a block of its own: on the stack only while needed. */
		char telemetry_buffer[256];

		snprintf(telemetry_buffer, sizeof(telemetry_buffer),
			 "{ hello_world: %s }", hello == 1 ? "true" : "false");
		telemetry_msg(sandbox, "loaded", telemetry_buffer);
	}
	emit_load();

	session_end(sandbox);
	unregister_telemetry(sandbox);
	return 0;
}

static void __exit telemetry_example_exit(void)
{
}

module_init(telemetry_example_init);
module_exit(telemetry_example_exit);

MODULE_DESCRIPTION("Example of the kernel's telemetry functions");
MODULE_LICENSE("GPL");
