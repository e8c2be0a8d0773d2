/** Refusals and faults as RFC 9457 problems. */
@NullMarked
package org.svos.telemetry.gateway.problem;

import org.jspecify.annotations.NullMarked;
