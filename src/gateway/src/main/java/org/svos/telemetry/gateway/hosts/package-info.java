/** The hosts that posted batches, as their last ones told of them. */
@NullMarked
package org.svos.telemetry.gateway.hosts;

import org.jspecify.annotations.NullMarked;
