/** The event model and its JSON codec, shared by the host loader and the gateway. */
@NullMarked
package org.svos.telemetry.event;

import org.jspecify.annotations.NullMarked;
