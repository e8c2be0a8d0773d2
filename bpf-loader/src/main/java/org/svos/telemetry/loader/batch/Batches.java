package org.svos.telemetry.loader.batch;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.LocalRefusal;
import org.svos.telemetry.loader.ledger.Withheld;
import org.svos.telemetry.loader.record.CpuSequences;
import org.svos.telemetry.loader.record.RecordView;
import org.svos.telemetry.loader.record.Text;
import org.svos.telemetry.loader.record.WallClock;
import org.svos.telemetry.loader.ring.RecordSink;
import org.svos.telemetry.loader.spool.NewBatch;
import org.svos.telemetry.loader.spool.Round;

/**
 * Sorts records into a batch a sandbox and writes them there as JSON.
 *
 * <p>What came in since the last {@link #committed()} is a round: its batches go to the spool in one transaction. A batch
 * that is full is closed within the round and its sandbox begins another. For one thread; nothing is allocated a record
 * once the sandbox is known and its buffer has grown.
 */
public final class Batches implements RecordSink, AutoCloseable {

    private static final int FIRST_CAPACITY = 4 * 1024;
    private static final int POOLED_CAPACITY = 512 * 1024;
    private static final int POOLED = 16;

    // Events of one sandbox are alike: level 3 takes a quarter more of the drain's time and saves nothing.
    private static final int LEVEL = 1;

    private final byte[] head;
    private final EventWriter events;
    private final SandboxStreams streams = new SandboxStreams();
    private final byte[] bytesOfRecord = new byte[RecordView.LONGEST];
    private final ByteBuffer recordMemory = ByteBuffer.wrap(bytesOfRecord).order(ByteOrder.nativeOrder());
    private final RecordView record = new RecordView();
    private final CpuSequences sequences = new CpuSequences();
    private final SandboxKey key = new SandboxKey();
    private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(LEVEL).setChecksum(true);
    private final List<SandboxStream> open = new ArrayList<>();
    private final Deque<Json> pool = new ArrayDeque<>();
    private final List<NewBatch> closed = new ArrayList<>();
    private final Map<LocalRefusal, Long> refused = new EnumMap<>(LocalRefusal.class);
    private final Map<Withheld, Long> withheld = new EnumMap<>(Withheld.class);
    private final Map<Text, AtomicLong> truncated = new EnumMap<>(Text.class);
    private HostLoss lost = new HostLoss(0, 0, 0, 0, 0);
    private int maxEvents;
    private int maxBytes;
    private byte[] compressed = new byte[FIRST_CAPACITY];
    /** Null while nothing is withheld, so that then nothing is asked. */
    private @Nullable OwnersWord owner;

    private long taken;
    private long bytes;

    /**
     * Batches of this host.
     *
     * @param maxEvents of a batch
     * @param maxBytes of a body, uncompressed: the event that passes it is its last
     */
    public Batches(Host host, int maxEvents, int maxBytes, WallClock clock) {
        for (Text text : Text.values()) {
            truncated.put(text, new AtomicLong());
        }
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
        this.head = BatchBody.head(host);
        this.events = new EventWriter(clock);
    }

    /** Goes on with a sandbox's numbers where an earlier run on this boot left them. */
    public void resume(SandboxId sandbox, long nextSeq) {
        streams.resume(sandbox, nextSeq);
    }

    /** Says how large batches are from now on. */
    public void limits(int events, int bytesOfBody) {
        maxEvents = events;
        maxBytes = bytesOfBody;
    }

    /** Says what is withheld of the records taken from now on. */
    public void owner(Config.Owner settings) {
        OwnersWord word = new OwnersWord(settings);
        owner = word.isOpen() ? null : word;
        events.drop(word.dropped());
    }

    /** Says what the host has lost since its boot, for the batches closed from now on. */
    public void lost(HostLoss now) {
        lost = now;
    }

    @Override
    public void take(ByteBuffer memory, int offset, int length) {
        // One copy, and then an array: looking at the ring's memory byte by byte takes the small compiler four times as
        // long.
        if (length <= bytesOfRecord.length) {
            memory.get(offset, bytesOfRecord, 0, length);
        }
        if (length > bytesOfRecord.length || !record.wrap(recordMemory, 0, length)) {
            refuse(LocalRefusal.MALFORMED_RECORD);
            return;
        }
        if (!sequences.isNew(record.cpu(), record.cpuSequence())) {
            return;
        }
        if (record.isCut()) {
            countCut();
        }
        if (!key.read(bytesOfRecord, record.sandboxOffset(), record.sandboxLength())) {
            refuse(LocalRefusal.INVALID_SANDBOX_ID);
            return;
        }
        // Before it has a number: what is withheld is no gap.
        Withheld why = owner == null ? null : owner.withholds(key);
        if (why != null) {
            taken++;
            withheld.merge(why, 1L, Long::sum);
            return;
        }
        SandboxStream stream = streams.of(key);
        if (stream == null) {
            refuse(LocalRefusal.TOO_MANY_SANDBOXES);
            return;
        }
        taken++;
        append(stream);
    }

    private void countCut() {
        truncated.forEach((text, events) -> {
            if (record.isCut(text)) {
                events.incrementAndGet();
            }
        });
    }

    private void refuse(LocalRefusal why) {
        taken++;
        refused.merge(why, 1L, Long::sum);
    }

    private void append(SandboxStream stream) {
        Json body = stream.body;
        if (body == null) {
            body = pool.isEmpty() ? new Json(FIRST_CAPACITY) : pool.removeLast();
            body.clear();
            body.reserve(head.length);
            body.raw(head);
            stream.body = body;
            open.add(stream);
        } else {
            body.reserve(2);
            body.raw(',');
            body.raw('\n');
        }
        int before = body.length();
        events.write(record, bytesOfRecord, stream.nextSeq++, body);
        stream.events++;
        bytes += body.length() - before;
        if (stream.events >= maxEvents || body.length() >= maxBytes) {
            close(stream, body);
            open.remove(stream);
        }
    }

    private void close(SandboxStream stream, Json body) {
        BatchBody.tail(body, lost);
        closed.add(new NewBatch(
                stream.sandbox,
                UUID.randomUUID().toString(),
                stream.events,
                body.length(),
                compress(body),
                stream.nextSeq));
        stream.events = 0;
        stream.body = null;
        if (pool.size() < POOLED && body.capacity() <= POOLED_CAPACITY) {
            pool.addLast(body);
        }
    }

    private byte[] compress(Json body) {
        int bound = Math.toIntExact(Zstd.compressBound(body.length()));
        if (compressed.length < bound) {
            compressed = new byte[bound];
        }
        int size = zstd.compressByteArray(compressed, 0, compressed.length, body.bytes(), 0, body.length());
        return Arrays.copyOf(compressed, size);
    }

    /** Bytes of JSON written since the last {@link #committed()}. */
    public long bytes() {
        return bytes;
    }

    /** Records that came a second time, since the start. */
    public long doubles() {
        return sequences.doubles();
    }

    /** Events that had a text cut, since the start; any thread may ask. */
    public long truncated(Text text) {
        AtomicLong events = truncated.get(text);
        return events == null ? 0 : events.get();
    }

    /** Payloads that were withheld whole, since the start; any thread may ask. */
    public long withheldPayloads() {
        return events.withheldPayloads();
    }

    /** Closes every batch and says what the round holds; the same again until {@link #committed()}. */
    public Round round() {
        for (SandboxStream stream : open) {
            Json body = stream.body;
            if (body != null) {
                close(stream, body);
            }
        }
        open.clear();
        return new Round(List.copyOf(closed), taken, Map.copyOf(refused), Map.copyOf(withheld));
    }

    /** The round is on disk: begins the next. */
    public void committed() {
        closed.clear();
        refused.clear();
        withheld.clear();
        taken = 0;
        bytes = 0;
    }

    @Override
    public void close() {
        zstd.close();
    }
}
