/** Any OpenTelemetry backend in Lantern Rock's place: deliveries as OTLP logs over HTTP. */
@NullMarked
package org.svos.telemetry.lanternrock.otlp;

import org.jspecify.annotations.NullMarked;
