package org.svos.telemetry.loader.spool;

import java.util.List;
import org.svos.telemetry.event.SandboxId;

/**
 * A batch that waits.
 *
 * @param id of its row
 * @param boot that its events are of
 * @param key its idempotency key
 * @param bytes of the body, uncompressed
 * @param body compressed with zstd
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record SpooledBatch(long id, String boot, SandboxId sandbox, String key, int events, int bytes, byte[] body) {

    /** The batch in this one's place that has another content. */
    SpooledBatch become(Part part) {
        return new SpooledBatch(id, boot, sandbox, part.key(), part.events(), part.bytes(), part.body());
    }

    /** What two batches in its place hold: the first half of its events, which are several, and the rest. */
    public List<Part> halves() {
        return BodyLines.halves(this);
    }
}
