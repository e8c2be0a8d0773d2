/** The calls that tell a database's owner what it sent and what became of it. */
@NullMarked
package org.svos.telemetry.gateway.usage;

import org.jspecify.annotations.NullMarked;
