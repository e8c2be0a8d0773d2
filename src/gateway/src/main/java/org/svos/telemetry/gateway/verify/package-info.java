/** The command {@code verify}: reads all that a store holds, and says what of it is damaged. */
@NullMarked
package org.svos.telemetry.gateway.verify;

import org.jspecify.annotations.NullMarked;
