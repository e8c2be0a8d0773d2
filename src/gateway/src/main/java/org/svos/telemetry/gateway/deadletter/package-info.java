/** Events that Lantern Rock refused for good: kept, shown to their owner, delivered again or thrown away on request. */
@NullMarked
package org.svos.telemetry.gateway.deadletter;

import org.jspecify.annotations.NullMarked;
