// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions that kernel code calls to emit telemetry. They do nothing: a
 * kprobe on their first instruction is what reads the arguments.
 */

#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/telemetry/native.h>

/*
 * A function that does nothing is the compiler's to remove. These have to stay,
 * each with an address of its own, and every call to them with all arguments:
 *
 * - noinline and __noclone keep one copy of the body, under its plain name.
 * - __used keeps that copy where nobody seems to call it.
 * - The asm statement makes the body more than nothing, or else the compiler
 *   finds it pure and drops calls to it. It takes the arguments, so that none
 *   of them is optimised away, and a number that differs from function to
 *   function: identical bodies would be folded into one (-fipa-icf), and the
 *   end of a session could not be told from an unregistration.
 *
 * They are never notrace: a kprobe on a function's entry goes through ftrace
 * where the kernel has it, which is much cheaper than a breakpoint.
 */

/**
 * register_telemetry() - say which application a sandbox ID stands for
 * @id: sandbox ID: the UUID registered with Lantern Rock, as text, up to
 *	%TELEMETRY_ID_SIZE
 * @name: name of the application, module or driver, at most 128 characters
 * @version: its version, at most 128 characters
 *
 * To be called once, before the first session, from a module's init function
 * for instance. Calling it again replaces name and version from there on.
 *
 * Context: Any: process, softirq, hard interrupt and NMI. Does not sleep, takes
 * no lock. Strings are copied before it returns.
 */
noinline __noclone __used
void register_telemetry(const char *id, const char *name, const char *version)
{
	asm volatile("" : : "i" (1), "r" (id), "r" (name), "r" (version) : "memory");
}
EXPORT_SYMBOL_GPL(register_telemetry);

/**
 * session_begin() - begin a session
 * @id: sandbox ID, as registered; up to %TELEMETRY_ID_SIZE
 * @name: what the session is: "startup", "resume"; at most 128 characters
 *
 * Messages until session_end() belong to this session. A sandbox has one
 * session at a time on one boot of a host.
 *
 * Context: Any: process, softirq, hard interrupt and NMI. Does not sleep, takes
 * no lock. Strings are copied before it returns.
 */
noinline __noclone __used
void session_begin(const char *id, const char *name)
{
	asm volatile("" : : "i" (2), "r" (id), "r" (name) : "memory");
}
EXPORT_SYMBOL_GPL(session_begin);

/**
 * telemetry_msg() - emit a message
 * @id: sandbox ID, as registered; up to %TELEMETRY_ID_SIZE
 * @name: what the message is about; messages of one name have one form. At most
 *	128 characters: longer ones are refused further on
 * @msg: a short JSON object, up to %TELEMETRY_MSG_SIZE. Names without quotes are
 *	accepted. Other text is kept as it is and marked
 *
 * As costly as a printk() to nowhere, and to be used like one: now and then, in
 * bursts, but not in a tight loop.
 *
 * Context: Any: process, softirq, hard interrupt and NMI. Does not sleep, takes
 * no lock. Strings are copied before it returns, so @msg may live on the stack,
 * best in a block of its own, so that it takes space only while it is in use.
 */
noinline __noclone __used
void telemetry_msg(const char *id, const char *name, const char *msg)
{
	asm volatile("" : : "i" (3), "r" (id), "r" (name), "r" (msg) : "memory");
}
EXPORT_SYMBOL_GPL(telemetry_msg);

/**
 * session_end() - end the session of a sandbox
 * @id: sandbox ID, as registered; up to %TELEMETRY_ID_SIZE
 *
 * Context: Any: process, softirq, hard interrupt and NMI. Does not sleep, takes
 * no lock. The string is copied before it returns.
 */
noinline __noclone __used
void session_end(const char *id)
{
	asm volatile("" : : "i" (4), "r" (id) : "memory");
}
EXPORT_SYMBOL_GPL(session_end);

/**
 * unregister_telemetry() - say that nothing more will come from a sandbox
 * @id: sandbox ID, as registered; up to %TELEMETRY_ID_SIZE
 *
 * The counterpart of register_telemetry(), to be called once, last.
 *
 * Context: Any: process, softirq, hard interrupt and NMI. Does not sleep, takes
 * no lock. The string is copied before it returns.
 */
noinline __noclone __used
void unregister_telemetry(const char *id)
{
	asm volatile("" : : "i" (5), "r" (id) : "memory");
}
EXPORT_SYMBOL_GPL(unregister_telemetry);

/* Nothing in a kernel; the same file is a module for a kernel without it. */
MODULE_DESCRIPTION("Empty functions that kernel code calls to emit telemetry");
MODULE_VERSION(TELEMETRY_VERSION);
MODULE_LICENSE("GPL");
