/** Ways to attach to the five functions, and what this machine lacks for them. */
@NullMarked
package org.svos.telemetry.loader.attach;

import org.jspecify.annotations.NullMarked;
