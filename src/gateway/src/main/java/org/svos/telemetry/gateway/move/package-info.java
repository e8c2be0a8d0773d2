/** The command {@code move}: takes all that a store on SQLite holds to one on PostgreSQL. */
@NullMarked
package org.svos.telemetry.gateway.move;

import org.jspecify.annotations.NullMarked;
