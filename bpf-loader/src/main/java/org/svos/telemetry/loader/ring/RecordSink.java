package org.svos.telemetry.loader.ring;

import java.nio.ByteBuffer;

/** Takes the records of a ring, in their order, on the thread that reads it. */
@FunctionalInterface
public interface RecordSink {

    /**
     * Takes one record.
     *
     * @param memory the ring's, read-only, in the byte order of the machine; valid until the record is released
     * @param offset of the record's first byte
     * @param length in bytes
     */
    void take(ByteBuffer memory, int offset, int length);
}
