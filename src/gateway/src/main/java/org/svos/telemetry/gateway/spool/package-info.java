/** The durable queue between admission and the lanes. */
@NullMarked
package org.svos.telemetry.gateway.spool;

import org.jspecify.annotations.NullMarked;
