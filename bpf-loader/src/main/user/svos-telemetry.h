/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SVOS_TELEMETRY_H
#define SVOS_TELEMETRY_H

/*
 * The kernel's five telemetry functions for a program in user space. Link with
 * -lsvos-telemetry; what is said of them in the kernel's
 * <linux/telemetry/native.h> holds here too.
 *
 * A uprobe reads arguments without faulting their pages in, and finds NULL for
 * a string that nobody has touched yet, such as a literal. So what a program
 * calls is a function that reads the strings and passes them on to the empty
 * function of the plain name, where the probe is.
 */

#ifdef __cplusplus
extern "C" {
#endif

void register_telemetry(const char *id, const char *name, const char *version)
	__asm__("svos_register_telemetry");
void session_begin(const char *id, const char *name)
	__asm__("svos_session_begin");
void telemetry_msg(const char *id, const char *name, const char *msg)
	__asm__("svos_telemetry_msg");
void session_end(const char *id)
	__asm__("svos_session_end");
void unregister_telemetry(const char *id)
	__asm__("svos_unregister_telemetry");

#ifdef __cplusplus
}
#endif

#endif /* SVOS_TELEMETRY_H */
