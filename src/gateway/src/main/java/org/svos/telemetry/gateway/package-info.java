/** The gateway: the central service between the host loaders and Lantern Rock. */
@NullMarked
package org.svos.telemetry.gateway;

import org.jspecify.annotations.NullMarked;
