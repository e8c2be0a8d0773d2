/** The outgoing port: what the gateway asks of Lantern Rock, and the answers it may get. */
@NullMarked
package org.svos.telemetry.lanternrock;

import org.jspecify.annotations.NullMarked;
