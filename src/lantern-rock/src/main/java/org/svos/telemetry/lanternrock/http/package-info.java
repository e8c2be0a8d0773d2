/** Lantern Rock over HTTP, as {@code openapi.yaml} describes it. */
@NullMarked
package org.svos.telemetry.lanternrock.http;

import org.jspecify.annotations.NullMarked;
