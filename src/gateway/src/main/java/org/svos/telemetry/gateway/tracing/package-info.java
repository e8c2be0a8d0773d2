/** One trace of a batch, from the request that brings it to the one that delivers it; off unless an address is set. */
@NullMarked
package org.svos.telemetry.gateway.tracing;

import org.jspecify.annotations.NullMarked;
