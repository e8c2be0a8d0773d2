/** The host loader: captures the five calls on a host and posts them to the gateway. */
@NullMarked
package org.svos.telemetry.loader;

import org.jspecify.annotations.NullMarked;
