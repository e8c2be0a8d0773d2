/** A Kafka broker of a test's own. */
@NullMarked
package org.svos.telemetry.kafka;

import org.jspecify.annotations.NullMarked;
