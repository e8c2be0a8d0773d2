/** The HTTP edge on the way in: cheap checks first, then one pass over the body. */
@NullMarked
package org.svos.telemetry.gateway.intake;

import org.jspecify.annotations.NullMarked;
