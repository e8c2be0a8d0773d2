/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_TELEMETRY_NATIVE_H
#define _LINUX_TELEMETRY_NATIVE_H

#include <linux/telemetry/version.h>

/**
 * DOC: Kernel telemetry
 *
 * Five functions for the kernel itself, its modules and its drivers to say what
 * is being used out there: that a new feature runs, that code believed to be
 * dead does not, which values a setting really has. Their bodies are empty. On
 * a host that runs svos-kernel-telemetry-host a kprobe on each of them copies
 * the arguments out; on any other host a call is a call and a return.
 *
 * Every call names its sandbox: the UUID that Lantern Rock gave out for your
 * database, in text. An application registers, begins a session, emits
 * messages, ends the session, unregisters::
 *
 *	#define SANDBOX_ID "00000000-1111-2222-3333-444444444444"
 *
 *	register_telemetry(SANDBOX_ID, "hello", "1.0.0");
 *	session_begin(SANDBOX_ID, "startup");
 *	{
 *		char buffer[256];
 *
 *		snprintf(buffer, sizeof(buffer), "{ hello_world: %s }",
 *			 hello == 1 ? "true" : "false");
 *		telemetry_msg(SANDBOX_ID, "loaded", buffer);
 *	}
 *	session_end(SANDBOX_ID);
 *	unregister_telemetry(SANDBOX_ID);
 *
 * Advice:
 *
 * - Treat a call like a printk(): bursts are fine, a tight loop is not. A
 *   medium database takes about 10 MB a day from all of its hosts together.
 * - Keep a message short, and make it one JSON object: names and values within
 *   curly brackets.
 * - Format it in a buffer with a block of its own, as above, so that the stack
 *   holds it for no longer than it is needed.
 *
 * For all five functions:
 *
 * - Context: Any: process, softirq, hard interrupt and NMI, preemptible or not,
 *   under any lock. They never sleep, take no lock and allocate nothing. A call
 *   from an interrupt (or NMI) that hits while the same CPU is capturing
 *   another call, or runs a kprobe's handler, is not captured.
 * - Strings are copied before the call returns; the caller may free or reuse
 *   them at once. They have to be resident kernel memory: __user pointers are
 *   not followed, nor are pages faulted in.
 * - A string longer than the size given is cut there, and the event marked as
 *   cut. NULL is taken and reported as absent; with a NULL sandbox ID the event
 *   belongs to nobody, and is counted but not captured.
 * - Nothing is returned: a caller can not tell whether anybody listens.
 */

/* Sizes in bytes, the terminating NUL among them. */
#define TELEMETRY_ID_SIZE	64
#define TELEMETRY_NAME_SIZE	256
#define TELEMETRY_MSG_SIZE	4096

#ifdef CONFIG_TELEMETRY

void register_telemetry(const char *id, const char *name, const char *version);
void session_begin(const char *id, const char *name);
void telemetry_msg(const char *id, const char *name, const char *msg);
void session_end(const char *id);
void unregister_telemetry(const char *id);

#else /* !CONFIG_TELEMETRY */

static inline void register_telemetry(const char *id, const char *name,
				      const char *version)
{
}

static inline void session_begin(const char *id, const char *name)
{
}

static inline void telemetry_msg(const char *id, const char *name,
				 const char *msg)
{
}

static inline void session_end(const char *id)
{
}

static inline void unregister_telemetry(const char *id)
{
}

#endif /* CONFIG_TELEMETRY */

#endif /* _LINUX_TELEMETRY_NATIVE_H */
