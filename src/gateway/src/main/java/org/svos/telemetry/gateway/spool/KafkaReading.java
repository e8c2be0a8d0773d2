package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/**
 * Reads records by their places. Those that were written or read last are kept, as lanes mostly want what was just admitted, and what
 * lies beside what they wanted before.
 */
final class KafkaReading implements AutoCloseable {

    /** What all reads under way may come to, in KiB: records are held twice while they are read. */
    private static final int MOST_KIB = 8 << 10;

    private final KafkaSettings settings;
    private final long most;
    private final Semaphore room = new Semaphore(MOST_KIB);
    private final Map<Integer, KafkaPartition> partitions = new ConcurrentHashMap<>();
    private final LinkedHashMap<Place, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long size;
    private volatile boolean closed;

    KafkaReading(KafkaSettings settings) {
        this.settings = settings;
        most = settings.cache().toBytes();
    }

    /** Where a record is. */
    record Place(int partition, long offset) {}

    /** A record: whose piece it says it is, and the piece. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Kept(byte[] key, byte[] value) {}

    /** What a record's key says. */
    static byte[] key(long databaseId, long first) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(databaseId)
                .putLong(first)
                .array();
    }

    /**
     * The record of a piece.
     *
     * @throws IOException if it is no longer there, or is another's
     * @throws StoreUnavailableException if no broker gives it
     */
    byte[] read(Piece piece, Place place) throws IOException {
        Kept record = kept(place);
        if (record == null) {
            record = fetch(place, piece.length());
        }
        if (!Arrays.equals(record.key, key(piece.databaseId(), piece.first()))
                || record.value.length != piece.length()) {
            throw new IOException("The record at offset " + place.offset + " of partition " + place.partition
                    + " is not that of the piece at " + piece.first());
        }
        return record.value;
    }

    private Kept fetch(Place place, int length) throws IOException {
        int kib = Math.min(MOST_KIB, KafkaPartition.FETCH_KIB + (length >> 10) + 1);
        try {
            if (!room.tryAcquire(kib, 2L * settings.timeoutMillis(), TimeUnit.MILLISECONDS)) {
                throw new StoreUnavailableException("Too much is being read from Kafka", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while it waited to read from Kafka", e);
        }
        try {
            Kept record = kept(place); // Whoever was before has perhaps read it.
            return record != null ? record : partition(place.partition).read(place.offset);
        } finally {
            room.release(kib);
        }
    }

    private KafkaPartition partition(int number) {
        if (closed) {
            throw new StoreUnavailableException("The spool is closed", null);
        }
        return partitions.computeIfAbsent(number, _ -> new KafkaPartition(settings, number, this));
    }

    private synchronized @Nullable Kept kept(Place place) {
        return kept.get(place);
    }

    /** Keeps a record for whoever wants it next. */
    synchronized void keep(Place place, Kept record) {
        long length = (long) record.key.length + record.value.length;
        if (length > most) {
            return; // A batch of the largest is read twice: for its directory, and for its body.
        }
        Kept before = kept.put(place, record);
        size += length - (before == null ? 0 : (long) before.key.length + before.value.length);
        var eldest = kept.entrySet().iterator();
        while (size > most && eldest.hasNext()) {
            Kept gone = eldest.next().getValue();
            size -= (long) gone.key.length + gone.value.length;
            eldest.remove();
        }
    }

    @Override
    public void close() {
        closed = true;
        partitions.values().forEach(KafkaPartition::close);
    }
}
