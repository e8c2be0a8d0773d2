/** A server that stands in for Lantern Rock in tests and demonstrations. */
@NullMarked
package org.svos.telemetry.lanternrock.standin;

import org.jspecify.annotations.NullMarked;
