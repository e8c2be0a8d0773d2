/** The one decision on a batch: duplicate, refused (why), or durable. */
@NullMarked
package org.svos.telemetry.gateway.admission;

import org.jspecify.annotations.NullMarked;
