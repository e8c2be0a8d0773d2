package org.svos.telemetry.loader.record;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Makes records as the BPF program does. */
public final class Records {

    private Hook hook = Hook.MESSAGE;
    private long bootNanos = 1_000_000_000L;
    private long sequence = 1;
    private int cpu;
    private int flags;
    private byte[] comm = "test".getBytes(StandardCharsets.UTF_8);
    private byte @Nullable [] sandbox = bytes("00000000-1111-2222-3333-444444444444");
    private byte @Nullable [] name = bytes("loaded");
    private byte @Nullable [] text = bytes("{ hello_world: true }");

    public static Records message() {
        return new Records();
    }

    public static Records of(Hook hook) {
        Records records = new Records();
        records.hook = hook;
        return records;
    }

    private static byte[] bytes(String string) {
        return string.getBytes(StandardCharsets.UTF_8);
    }

    public Records at(long nanos) {
        bootNanos = nanos;
        return this;
    }

    public Records numbered(int onCpu, long number) {
        cpu = onCpu;
        sequence = number;
        return this;
    }

    public Records sandbox(@Nullable String id) {
        sandbox = id == null ? null : bytes(id);
        return this;
    }

    public Records name(byte @Nullable [] bytes) {
        name = bytes;
        return this;
    }

    public Records name(String string) {
        return name(bytes(string));
    }

    /** With the flags of these texts that say that they were cut. */
    public Records cut(Text... texts) {
        for (Text text : texts) {
            flags |= text.flag();
        }
        return this;
    }

    public Records text(byte @Nullable [] bytes) {
        text = bytes;
        return this;
    }

    public Records text(String string) {
        return text(bytes(string));
    }

    public Records comm(byte[] bytes) {
        comm = bytes;
        return this;
    }

    /** The record's bytes. */
    public byte[] bytes() {
        int length = RecordLayout.STRINGS + length(sandbox) + length(name) + length(text);
        ByteBuffer record = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(RecordLayout.BOOT_NS, bootNanos);
        record.putLong(RecordLayout.SEQ, sequence);
        record.putInt(RecordLayout.CPU, cpu);
        record.putInt(RecordLayout.PID, 412);
        record.put(RecordLayout.KIND, (byte) hook.code());
        record.put(RecordLayout.FLAGS, (byte) flags);
        record.putShort(RecordLayout.SANDBOX_LEN, (short) length(sandbox));
        record.putShort(RecordLayout.NAME_LEN, (short) length(name));
        record.putShort(RecordLayout.TEXT_LEN, (short) length(text));
        record.put(RecordLayout.COMM, comm, 0, Math.min(comm.length, RecordLayout.COMM_BYTES));
        record.position(RecordLayout.STRINGS);
        put(record, sandbox);
        put(record, name);
        put(record, text);
        return record.array();
    }

    /** The record in memory, as a reader gets it. */
    public ByteBuffer memory() {
        return ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int length(byte @Nullable [] string) {
        return string == null ? 0 : string.length + 1;
    }

    private static void put(ByteBuffer record, byte @Nullable [] string) {
        if (string != null) {
            record.put(string).put((byte) 0);
        }
    }
}
