/** The record that the BPF program writes, as bytes and as time, and its hooks. */
@NullMarked
package org.svos.telemetry.loader.record;

import org.jspecify.annotations.NullMarked;
