package org.svos.telemetry.loader.upload;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;

/**
 * How a lane is.
 *
 * @param why what keeps it, null if nothing does
 * @param until when it tries again, null if nothing keeps it
 */
public record LaneState(
        SandboxId sandbox, @Nullable String why, @Nullable Instant until) {}
