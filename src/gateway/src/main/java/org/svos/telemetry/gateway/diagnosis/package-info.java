/** What happens to one database's events right now, and why, in words and in fields. */
@NullMarked
package org.svos.telemetry.gateway.diagnosis;

import org.jspecify.annotations.NullMarked;
