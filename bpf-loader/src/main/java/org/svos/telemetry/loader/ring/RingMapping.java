package org.svos.telemetry.loader.ring;

import java.nio.ByteBuffer;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.Poller;
import org.svos.telemetry.loader.bpf.SharedMemory;

/**
 * A BPF ring buffer in this process's memory. P is the page size, D the ring's size, a power of two, T the longest record.
 *
 * <pre>
 *   descriptor  0          P          2P             2P + D        2P + D + T
 *               +----------+----------+--------------+-------------+
 *               | consumer | producer |     data     | its begin   |
 *               | position | position |              |    again    |
 *               +----------+----------+--------------+-------------+
 *                read-write  read-only, one mapping
 * </pre>
 *
 * So no record wraps. The kernel offers all of the data a second time; every page mapped counts as memory of this process,
 * so only as much is mapped as a record can reach into. Never close it while a reader is at work.
 */
public final class RingMapping implements AutoCloseable {

    /** More than the record in telemetry.h, the longest there is. */
    private static final int LONGEST_RECORD = 8 * 1024;

    private final int fd;
    private final int dataBytes;
    private final SharedMemory consumer;
    private final SharedMemory producer;

    private RingMapping(int fd, int dataBytes, SharedMemory consumer, SharedMemory producer) {
        this.fd = fd;
        this.dataBytes = dataBytes;
        this.consumer = consumer;
        this.producer = producer;
    }

    /**
     * Maps the ring of a map's descriptor, which stays the caller's.
     *
     * @param dataBytes the ring's size, the map's entries: a power of two, at most 512 MiB
     */
    public static RingMapping map(int fd, int dataBytes) throws BpfFault {
        int page = SharedMemory.pageBytes();
        SharedMemory consumer = SharedMemory.map(fd, 0, page, true);
        try {
            int again = Math.min(dataBytes, (LONGEST_RECORD + page - 1) & -page);
            SharedMemory producer = SharedMemory.map(fd, page, (long) page + dataBytes + again, false);
            return new RingMapping(fd, dataBytes, consumer, producer);
        } catch (BpfFault e) {
            consumer.close();
            throw e;
        }
    }

    /** A poller that waits for records. */
    public Poller poller() {
        return new Poller(fd);
    }

    /** Bytes of the ring. */
    public int dataBytes() {
        return dataBytes;
    }

    ByteBuffer consumerPage() {
        return consumer.buffer();
    }

    ByteBuffer producerPageAndData() {
        return producer.buffer();
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
