package org.svos.telemetry.event;

import org.jspecify.annotations.Nullable;

/** The host that a batch comes from. A client that is no host leaves it out. */
public record Host(
        @Nullable String id,
        @Nullable String name,
        @Nullable String bootId,
        @Nullable String kernel,
        @Nullable String loaderVersion) {}
