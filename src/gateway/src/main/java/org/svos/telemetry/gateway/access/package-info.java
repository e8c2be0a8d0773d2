/** Tokens, roles, and who may do what. */
@NullMarked
package org.svos.telemetry.gateway.access;

import org.jspecify.annotations.NullMarked;
