/** What becomes of a connection when its request was refused: kept where that is safe, drained within a bound, or closed. */
@NullMarked
package org.svos.telemetry.gateway.connection;

import org.jspecify.annotations.NullMarked;
