/** The command {@code bootstrap}: registers the databases and sandboxes of a file with a gateway that runs. */
@NullMarked
package org.svos.telemetry.gateway.bootstrap;

import org.jspecify.annotations.NullMarked;
