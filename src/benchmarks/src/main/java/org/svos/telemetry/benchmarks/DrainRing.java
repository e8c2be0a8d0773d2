package org.svos.telemetry.benchmarks;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.NativeLongByReference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A ring that a BPF program fills, and the readers in C that it is emptied by ({@code drain.h}). */
final class DrainRing implements AutoCloseable {

    private final Pointer ring;

    /** Loads {@code libdrain.so} and {@code fill.bpf.o} from a folder and makes a ring of so many bytes. */
    DrainRing(Path folder, int ringBytes) {
        Native.register(Library.class, folder.resolve("libdrain.so").toString());
        Pointer opened = Library.drain_open(folder.resolve("fill.bpf.o").toString(), ringBytes);
        if (opened == null) {
            throw new IllegalStateException("no ring: errno " + Native.getLastError()
                    + "; loading a BPF program takes root or CAP_BPF and CAP_PERFMON");
        }
        ring = opened;
    }

    int descriptor() {
        return Library.drain_ring_fd(ring);
    }

    /** Fills the ring and says how many records went in. */
    long fill(int payloadBytes) {
        long records = Library.drain_fill(ring, Integer.MAX_VALUE, payloadBytes, 10);
        if (records <= 0) {
            throw new IllegalStateException("the ring was not filled: errno " + Native.getLastError());
        }
        return records;
    }

    /** Empties the ring by its mapping. */
    Drained byMapping() {
        NativeLongByReference nanoseconds = new NativeLongByReference();
        NativeLongByReference checksum = new NativeLongByReference();
        long records = Library.drain_c(ring, 0, nanoseconds, checksum);
        return new Drained(
                records, nanoseconds.getValue().longValue(), checksum.getValue().longValue());
    }

    /** Empties the ring by libbpf and its callback a record. */
    Drained byLibbpf() {
        NativeLongByReference nanoseconds = new NativeLongByReference();
        NativeLongByReference checksum = new NativeLongByReference();
        long records = Library.drain_libbpf(ring, nanoseconds, checksum);
        return new Drained(
                records, nanoseconds.getValue().longValue(), checksum.getValue().longValue());
    }

    /** Emits so many records a second from another CPU until {@link #paced()}; what the ring does not take is dropped. */
    void pace(long perSecond, int seconds, int payloadBytes, int cpu) {
        if (Library.drain_pace(ring, perSecond, seconds, payloadBytes, cpu) != 0) {
            throw new IllegalStateException("no thread to emit from: errno " + Native.getLastError());
        }
    }

    /** Whether records are still emitted. */
    boolean isPacing() {
        return Library.drain_pacing(ring) != 0;
    }

    /** Waits until none are. */
    Paced paced() {
        NativeLongByReference written = new NativeLongByReference();
        NativeLongByReference dropped = new NativeLongByReference();
        if (Library.drain_paced(ring, written, dropped) != 0) {
            throw new IllegalStateException("the thread that emits: errno " + Native.getLastError());
        }
        return new Paced(written.getValue().longValue(), dropped.getValue().longValue());
    }

    /** What the ring took of what was emitted, and what it did not. */
    record Paced(long written, long dropped) {}

    @Override
    public void close() {
        Library.drain_close(ring);
    }

    /** What a reader took out, in which time. The checksum is over fields of every record. */
    record Drained(long records, long nanoseconds, long checksum) {}

    private static final class Library {
        static native @Nullable Pointer drain_open(String object, int ringBytes);

        static native int drain_ring_fd(Pointer ring);

        static native long drain_fill(Pointer ring, long records, int payload, int sandboxes);

        static native long drain_c(
                Pointer ring, long publishEvery, NativeLongByReference nanoseconds, NativeLongByReference checksum);

        static native long drain_libbpf(
                Pointer ring, NativeLongByReference nanoseconds, NativeLongByReference checksum);

        static native int drain_pace(Pointer ring, long perSecond, int seconds, int payload, int cpu);

        static native int drain_pacing(Pointer ring);

        static native int drain_paced(Pointer ring, NativeLongByReference written, NativeLongByReference dropped);

        static native void drain_close(Pointer ring);
    }
}
