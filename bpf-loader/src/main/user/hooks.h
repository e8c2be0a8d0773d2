/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SVOS_TELEMETRY_HOOKS_H
#define SVOS_TELEMETRY_HOOKS_H

void register_telemetry(const char *id, const char *name, const char *version);
void session_begin(const char *id, const char *name);
void telemetry_msg(const char *id, const char *name, const char *msg);
void session_end(const char *id);
void unregister_telemetry(const char *id);

#endif /* SVOS_TELEMETRY_HOOKS_H */
