/** The settings: one YAML file, environment variables, checked at the start. */
@NullMarked
package org.svos.telemetry.loader.config;

import org.jspecify.annotations.NullMarked;
