/** What this project's stations cost, each measured beside a rival in the same run. */
@NullMarked
package org.svos.telemetry.benchmarks;

import org.jspecify.annotations.NullMarked;
