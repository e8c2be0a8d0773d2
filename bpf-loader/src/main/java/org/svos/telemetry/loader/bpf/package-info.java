/** The one room that knows native memory: libbpf and libc through JNA. */
@NullMarked
package org.svos.telemetry.loader.bpf;

import org.jspecify.annotations.NullMarked;
