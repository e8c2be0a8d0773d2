/** The live tail: what happens to one database's events, shown to whoever looks on, and kept for nobody. */
@NullMarked
package org.svos.telemetry.gateway.tail;

import org.jspecify.annotations.NullMarked;
