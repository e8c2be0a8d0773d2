/** The calls that make, list and revoke tokens. */
@NullMarked
package org.svos.telemetry.gateway.token;

import org.jspecify.annotations.NullMarked;
