/** Registered databases and the sandboxes that belong to them. */
@NullMarked
package org.svos.telemetry.gateway.registry;

import org.jspecify.annotations.NullMarked;
