// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a call costs: insmod calls the function so many times and says in the
 * kernel's log how long one took, beside a call of an empty function that
 * nothing can be attached to.
 */

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/telemetry/native.h>

#define SANDBOX_ID "00000000-1111-2222-3333-444444444444"

static unsigned int calls = 10000;
module_param(calls, uint, 0444);
MODULE_PARM_DESC(calls, "how many calls are timed");

static noinline void nothing(const char *id, const char *name, const char *msg)
{
	asm volatile("" : : "r" (id), "r" (name), "r" (msg) : "memory");
}

static u64 timed(void (*call)(const char *id, const char *name, const char *msg))
{
	u64 began = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < calls; i++)
		call(SANDBOX_ID, "cost", "{ number: 1, of: 10000 }");
	return ktime_get_ns() - began;
}

static int __init telemetry_cost_init(void)
{
	u64 empty, telemetry;

	/* Once to warm up. */
	timed(nothing);
	empty = timed(nothing);
	cond_resched();
	telemetry = timed(telemetry_msg);
	pr_info("telemetry_cost: %u calls, nothing %llu ns, telemetry_msg %llu ns\n",
		calls, empty, telemetry);
	/* It has nothing to stay for. */
	return -EAGAIN;
}
module_init(telemetry_cost_init);

MODULE_DESCRIPTION("Cost of a call of the kernel's telemetry functions");
MODULE_LICENSE("GPL");
