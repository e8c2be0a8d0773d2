/** The description of the API, made from the calls themselves, at {@code /v3/api-docs}. */
@NullMarked
package org.svos.telemetry.gateway.openapi;

import org.jspecify.annotations.NullMarked;
