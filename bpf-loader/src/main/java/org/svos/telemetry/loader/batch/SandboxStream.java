package org.svos.telemetry.loader.batch;

import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;

/** What one sandbox emits on this boot: its next sequence number, and its open batch if it has one. */
final class SandboxStream {

    final long high;
    final long low;
    final SandboxId sandbox;
    long nextSeq;
    int events;

    @Nullable
    Json body;

    SandboxStream(long high, long low, SandboxId sandbox, long nextSeq) {
        this.high = high;
        this.low = low;
        this.sandbox = sandbox;
        this.nextSeq = nextSeq;
    }
}
