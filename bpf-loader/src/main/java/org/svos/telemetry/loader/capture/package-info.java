/** From the attached program's ring to batches on disk: the drain, and the kernel's counters. */
@NullMarked
package org.svos.telemetry.loader.capture;

import org.jspecify.annotations.NullMarked;
