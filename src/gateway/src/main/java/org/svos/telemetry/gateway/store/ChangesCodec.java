package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes as bytes. They bring the texts of their statements along, so that a journal needs nothing else to be read, and a later
 * program none of the earlier one's numbers:
 *
 * <pre>
 * changes   := u16 count, count × statement, u32 count, count × change
 * statement := u32 length, UTF-8
 * change    := u16 index of the statement, u8 count, count × value
 * value     := 0 (null) | 1 i64 | 2 u32 length, UTF-8 | 3 u32 length, bytes | 4 (the segment's number) | 5 i64 (a place)
 * </pre>
 *
 * All numbers big-endian. Used by one thread at a time; its buffer is used again.
 */
final class ChangesCodec {

    private static final int KEPT_BYTES = 1 << 20;

    private static final byte NULL = 0;
    private static final byte NUMBER = 1;
    private static final byte TEXT = 2;
    private static final byte BYTES = 3;
    private static final byte SEGMENT = 4;
    private static final byte PLACE = 5;

    private byte[] bytes = new byte[8 << 10];
    private int length;

    /** Writes changes; {@link #bytes()} up to {@link #length()} has them until the next call. */
    void write(List<Changes.One> changes) {
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[KEPT_BYTES];
        }
        length = 0;
        Map<String, Integer> statements = new LinkedHashMap<>();
        for (Changes.One one : changes) {
            statements.putIfAbsent(one.sql(), statements.size());
        }
        u16(statements.size());
        statements.keySet().forEach(this::text);
        u32(changes.size());
        for (Changes.One one : changes) {
            Integer index = statements.get(one.sql());
            u16(index == null ? 0 : index);
            u8(one.values().length);
            for (Object value : one.values()) {
                value(value);
            }
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    private void value(@Nullable Object value) {
        switch (value) {
            case null -> u8(NULL);
            case Long number -> number(NUMBER, number);
            case Integer number -> number(NUMBER, number);
            case String text -> {
                u8(TEXT);
                text(text);
            }
            case byte[] array -> {
                u8(BYTES);
                u32(array.length);
                raw(array);
            }
            case Changes.Place(long offset) -> number(PLACE, offset);
            case Changes.Mark mark -> u8(SEGMENT);
            case Object other -> throw new IllegalArgumentException("no value for a statement: " + other);
        }
    }

    private void number(byte tag, long number) {
        u8(tag);
        room(Long.BYTES);
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes[length++] = (byte) (number >>> shift);
        }
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        u32(utf8.length);
        raw(utf8);
    }

    private void raw(byte[] array) {
        room(array.length);
        System.arraycopy(array, 0, bytes, length, array.length);
        length += array.length;
    }

    private void u8(int number) {
        room(Byte.BYTES);
        bytes[length++] = (byte) number;
    }

    private void u16(int number) {
        u8(number >>> 8);
        u8(number);
    }

    private void u32(int number) {
        u16(number >>> 16);
        u16(number);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /**
     * Reads changes that have passed their checksum.
     *
     * @throws IOException if they are not in this form all the same, which is a defect or a newer program's
     */
    static List<Changes.One> read(ByteBuffer from) throws IOException {
        try {
            String[] statements = new String[Short.toUnsignedInt(from.getShort())];
            for (int i = 0; i < statements.length; i++) {
                statements[i] = new String(array(from), StandardCharsets.UTF_8);
            }
            int count = from.getInt();
            List<Changes.One> changes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String sql = statements[Short.toUnsignedInt(from.getShort())];
                @Nullable Object[] values = new @Nullable Object[Byte.toUnsignedInt(from.get())];
                for (int j = 0; j < values.length; j++) {
                    values[j] = readValue(from);
                }
                changes.add(new Changes.One(sql, values, Changes.Merge.NONE, 0));
            }
            return changes;
        } catch (BufferUnderflowException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new IOException("changes in a form that this program does not know", e);
        }
    }

    private static @Nullable Object readValue(ByteBuffer from) throws IOException {
        byte tag = from.get();
        return switch (tag) {
            case NULL -> null;
            case NUMBER -> from.getLong();
            case TEXT -> new String(array(from), StandardCharsets.UTF_8);
            case BYTES -> array(from);
            case SEGMENT -> Changes.Mark.SEGMENT;
            case PLACE -> new Changes.Place(from.getLong());
            default -> throw new IOException("a value of the unknown kind " + tag);
        };
    }

    private static byte[] array(ByteBuffer from) {
        int size = from.getInt();
        if (size < 0 || size > from.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] array = new byte[size];
        from.get(array);
        return array;
    }
}
