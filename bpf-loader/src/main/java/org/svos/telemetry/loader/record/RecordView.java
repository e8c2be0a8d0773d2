package org.svos.telemetry.loader.record;

import static org.svos.telemetry.loader.record.RecordLayout.*;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A look at one record where it lies, to be laid over the next when done. Lengths are read once, in {@link #wrap}; what
 * the memory says later cannot lead a reader out of the record.
 */
public final class RecordView {

    /** What a length of a string can be besides a number of bytes. */
    public static final int NO_STRING = -1;

    /** Bytes of the longest record. */
    public static final int LONGEST = STRINGS + SANDBOX_MAX + NAME_MAX + TEXT_MAX;

    private static final int CUT = Text.SANDBOX.flag() | Text.NAME.flag() | Text.PAYLOAD.flag();
    private static final @Nullable Hook[] HOOKS = hooksByCode();

    // Never read before wrap: an empty one stands for none.
    private ByteBuffer memory = ByteBuffer.allocate(0);
    private int offset;
    private Hook hook = Hook.REGISTER;
    private int sandboxLength;
    private int nameLength;
    private int textLength;

    private static @Nullable Hook[] hooksByCode() {
        @Nullable Hook[] hooks = new Hook[Hook.ALL.getLast().code() + 1];
        Hook.ALL.forEach(hook -> hooks[hook.code()] = hook);
        return hooks;
    }

    /**
     * Lays the view over a record.
     *
     * @param memory in the byte order of the records
     * @return whether it is one: its kind is known, no string is longer than the longest, and its length is that of its
     *     parts
     */
    public boolean wrap(ByteBuffer memory, int offset, int length) {
        if (length < STRINGS) {
            return false;
        }
        int code = memory.get(offset + KIND);
        Hook known = code >= 0 && code < HOOKS.length ? HOOKS[code] : null;
        int sandbox = Short.toUnsignedInt(memory.getShort(offset + SANDBOX_LEN));
        int name = Short.toUnsignedInt(memory.getShort(offset + NAME_LEN));
        int text = Short.toUnsignedInt(memory.getShort(offset + TEXT_LEN));
        if (known == null
                || sandbox > SANDBOX_MAX
                || name > NAME_MAX
                || text > TEXT_MAX
                || STRINGS + sandbox + name + text != length) {
            return false;
        }
        this.memory = memory;
        this.offset = offset;
        this.hook = known;
        this.sandboxLength = sandbox;
        this.nameLength = name;
        this.textLength = text;
        return true;
    }

    /** The memory that the offsets below are of. */
    public ByteBuffer memory() {
        return memory;
    }

    /** The function that was called. */
    public Hook hook() {
        return hook;
    }

    /** When, in nanoseconds of the boot-time clock. */
    public long bootNanos() {
        return memory.getLong(offset + BOOT_NS);
    }

    /** The number of the record on its CPU, from 1. */
    public long cpuSequence() {
        return memory.getLong(offset + SEQ);
    }

    public int cpu() {
        return memory.getInt(offset + CPU);
    }

    /** The process, or the one that was interrupted. */
    public int pid() {
        return memory.getInt(offset + PID);
    }

    public int commOffset() {
        return offset + COMM;
    }

    /** Bytes of the command's name. */
    public int commLength() {
        int length = 0;
        while (length < COMM_BYTES && memory.get(offset + COMM + length) != 0) {
            length++;
        }
        return length;
    }

    /** Whether any text was longer than what was captured of it. */
    public boolean isCut() {
        return (memory.get(offset + FLAGS) & CUT) != 0;
    }

    /** Whether that text was. A record has a version or a payload, not both. */
    public boolean isCut(Text text) {
        boolean other = text == (hook == Hook.REGISTER ? Text.PAYLOAD : Text.VERSION);
        return !other && (memory.get(offset + FLAGS) & text.flag()) != 0;
    }

    public int sandboxOffset() {
        return offset + STRINGS;
    }

    /** Bytes of the sandbox ID without its NUL, or {@link #NO_STRING}. */
    public int sandboxLength() {
        return sandboxLength - 1;
    }

    public int nameOffset() {
        return offset + STRINGS + sandboxLength;
    }

    /** Bytes of the name without its NUL, or {@link #NO_STRING}. */
    public int nameLength() {
        return nameLength - 1;
    }

    public int textOffset() {
        return offset + STRINGS + sandboxLength + nameLength;
    }

    /** Bytes of the text, a version or a payload, without its NUL, or {@link #NO_STRING}. */
    public int textLength() {
        return textLength - 1;
    }
}
