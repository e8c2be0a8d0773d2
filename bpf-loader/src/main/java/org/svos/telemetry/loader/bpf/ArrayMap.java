package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import java.nio.charset.StandardCharsets;

/** An array map. Not for several threads at once: one buffer serves all. */
public final class ArrayMap {

    private static final long ANY = 0;

    private final String name;
    private final int fd;
    private final Memory key = new Memory(Integer.BYTES);
    private final Memory value;

    /** The array of that descriptor, which must stay open as long as the array is used. */
    public ArrayMap(String name, int fd, int valueBytes) {
        this.name = name;
        this.fd = fd;
        this.value = new Memory(valueBytes);
    }

    /** Reads an entry, for the getters below. */
    public void read(int index) throws BpfFault {
        key.setInt(0, index);
        int error = LibBpf.bpf_map_lookup_elem(fd, key, value);
        if (error < 0) {
            throw BpfFault.of("reading entry " + index, "map " + name, -error);
        }
    }

    /** The u64 at that offset of the entry that was read last. */
    public long number(int offset) {
        return value.getLong(offset);
    }

    /** The text at that offset, up to a NUL but no longer than so many bytes. */
    public String text(int offset, int most) {
        byte[] bytes = value.getByteArray(offset, most);
        int length = 0;
        while (length < most && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** Writes an entry that is one u64. */
    public void write(int index, long number) throws BpfFault {
        key.setInt(0, index);
        value.setLong(0, number);
        int error = LibBpf.bpf_map_update_elem(fd, key, value, ANY);
        if (error < 0) {
            throw BpfFault.of("writing entry " + index, "map " + name, -error);
        }
    }
}
