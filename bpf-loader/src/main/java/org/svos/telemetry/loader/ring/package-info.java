/** Reads the BPF ring buffer from its mapping. */
@NullMarked
package org.svos.telemetry.loader.ring;

import org.jspecify.annotations.NullMarked;
