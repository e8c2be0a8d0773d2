// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls the telemetry functions in ways that a driver should not, and from
 * everywhere: with pointers that lead nowhere, texts at every limit, from hard
 * interrupts, from all CPUs at once, and within another probe. Or, with storm=,
 * only far too many at once. How many calls it made is in
 * /sys/module/telemetry_odd_calls/parameters.
 */

#include <linux/cpu.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <linux/telemetry/native.h>

static char *sandbox = "00000000-1111-2222-3333-444444444444";
module_param(sandbox, charp, 0444);
MODULE_PARM_DESC(sandbox, "sandbox ID to call for");

static unsigned int interrupts = 200;
module_param(interrupts, uint, 0444);
MODULE_PARM_DESC(interrupts, "calls from a hard interrupt on each other CPU");

static unsigned int tasks = 1000;
module_param(tasks, uint, 0444);
MODULE_PARM_DESC(tasks, "calls from a task on each CPU, at the same time");

static unsigned int nested = 10;
module_param(nested, uint, 0444);
MODULE_PARM_DESC(nested, "calls from within another probe's handler");

static unsigned int storm;
module_param(storm, uint, 0444);
MODULE_PARM_DESC(storm, "calls without a pause, and nothing else");

static int messages;
module_param(messages, int, 0444);
MODULE_PARM_DESC(messages, "calls of telemetry_msg made");

static int from_interrupts;
module_param(from_interrupts, int, 0444);
MODULE_PARM_DESC(from_interrupts, "those of them from hard interrupts");

static atomic_t made = ATOMIC_INIT(0);
static atomic_t made_hard = ATOMIC_INIT(0);

static void message(const char *id, const char *name, const char *msg)
{
	atomic_inc(&made);
	telemetry_msg(id, name, msg);
}

/* Each of these pointers leads nowhere that a kernel may read as its own. */
static void call_with_bad_pointers(void)
{
	static const unsigned long nowhere[] = {
		0,			/* NULL */
		8,			/* a member of a NULL structure */
		0x00007fffdeadb000,	/* user space */
		0xdead000000000000,	/* in no half of the address space */
		(unsigned long)-4096,	/* an error as a pointer */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		const char *bad = (const char *)nowhere[i];

		message(bad, "bad sandbox", "{}");
		message(sandbox, bad, "{}");
		message(sandbox, "bad payload", bad);
	}
}

static void call_with_odd_texts(void)
{
	char *page = vmalloc(2 * PAGE_SIZE);
	char *end;

	message(sandbox, "", "");
	message("", "no sandbox", "{}");
	message("not a sandbox", "no sandbox", "{}");
	message(sandbox, "not UTF-8 \xff\xfe", "{\"bytes\": \"\xc0\x80 \xed\xa0\x80 \xf5\"}");
	if (!page)
		return;
	/* Behind the last byte of a vmalloc() there is a page of nothing. */
	end = page + 2 * PAGE_SIZE;
	memset(page, 'x', 2 * PAGE_SIZE);
	end[-1] = '\0';
	message(sandbox, "just fits", end - 4096);
	message(sandbox, "one too long", end - 4097);
	message(sandbox, "short at the end", end - 3);
	end[-1] = 'x';
	message(sandbox, "runs off the end", end - 100);
	message(sandbox, "fills up to the end", end - 4096);
	vfree(page);
}

static void from_interrupt(void *unused)
{
	/* On the CPU that asks for it, the function is called in its task. */
	if (!in_hardirq())
		return;
	atomic_inc(&made_hard);
	message(sandbox, "hard interrupt", "{}");
}

static void task(struct work_struct *work)
{
	unsigned int i;

	for (i = 0; i < tasks; i++) {
		message(sandbox, "task", "{ all: 'at once' }");
		cond_resched();
	}
}

/* The interrupts hit the CPUs while their tasks are calling. */
static int call_from_everywhere(void)
{
	struct work_struct *works = kcalloc(nr_cpu_ids, sizeof(*works), GFP_KERNEL);
	unsigned int i;
	int cpu;

	if (!works)
		return -ENOMEM;
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		INIT_WORK(&works[cpu], task);
		schedule_work_on(cpu, &works[cpu]);
	}
	for (i = 0; i < interrupts; i++) {
		on_each_cpu(from_interrupt, NULL, 1);
		cond_resched();
	}
	for_each_online_cpu(cpu)
		flush_work(&works[cpu]);
	cpus_read_unlock();
	kfree(works);
	return 0;
}

static noinline void probed(void)
{
	asm volatile("" : : : "memory");
}

static int call_nested(struct kprobe *probe, struct pt_regs *regs)
{
	message(sandbox, "nested", "{}");
	return 0;
}

/* The kernel runs no probe within a probe: the loader's misses these calls. */
static int call_from_a_probe(void)
{
	struct kprobe probe = {
		.addr = (kprobe_opcode_t *)probed,
		.pre_handler = call_nested,
	};
	unsigned int i;
	int err;

	err = register_kprobe(&probe);
	if (err)
		return err;
	for (i = 0; i < nested; i++)
		probed();
	unregister_kprobe(&probe);
	return 0;
}

static void call_without_a_pause(void)
{
	static char text[400];
	unsigned int i;

	memset(text, '.', sizeof(text) - 1);
	for (i = 0; i < storm; i++)
		message(sandbox, "storm", text);
}

static int call_oddly(void)
{
	int err;

	register_telemetry(sandbox, "odd calls", NULL);
	session_begin(sandbox, NULL);
	call_with_bad_pointers();
	call_with_odd_texts();
	err = call_from_everywhere();
	if (!err)
		err = call_from_a_probe();
	session_end(sandbox);
	unregister_telemetry(sandbox);
	return err;
}

static int __init telemetry_odd_calls_init(void)
{
	int err = 0;

	if (storm)
		call_without_a_pause();
	else
		err = call_oddly();
	messages = atomic_read(&made);
	from_interrupts = atomic_read(&made_hard);
	return err;
}

static void __exit telemetry_odd_calls_exit(void)
{
}

module_init(telemetry_odd_calls_init);
module_exit(telemetry_odd_calls_exit);

MODULE_DESCRIPTION("Odd calls of the kernel's telemetry functions");
MODULE_LICENSE("GPL");
