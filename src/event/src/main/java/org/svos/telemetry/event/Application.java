package org.svos.telemetry.event;

import org.jspecify.annotations.Nullable;

/** The name and version given to {@code register_telemetry}. */
public record Application(@Nullable String name, @Nullable String version) {}
