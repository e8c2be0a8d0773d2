/** What a database may send: bytes a UTC day, and events a second with a burst. */
@NullMarked
package org.svos.telemetry.gateway.quota;

import org.jspecify.annotations.NullMarked;
