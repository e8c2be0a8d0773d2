/** Turns records into bodies of batches, one sandbox each. */
@NullMarked
package org.svos.telemetry.loader.batch;

import org.jspecify.annotations.NullMarked;
