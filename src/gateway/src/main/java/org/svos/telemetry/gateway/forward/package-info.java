/** Lanes that carry the spool to Lantern Rock. */
@NullMarked
package org.svos.telemetry.gateway.forward;

import org.jspecify.annotations.NullMarked;
