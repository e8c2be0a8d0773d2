package org.svos.telemetry.loader.record;

/**
 * Where things are in a record, as {@code telemetry.h} has it; tested against the compiled object. Little-endian.
 *
 * <pre>
 *            0       1       2       3       4       5       6       7
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *      0 |                            boot_ns                            |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *      8 |                              seq                              |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     16 |              cpu              |              pid              |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     24 |              tid              | kind  | flags |  sandbox_len  |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     32 |   name_len    |   text_len    |           reserved            |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     40 |                              comm                             |
 *     48 |                                                               |
 *        +-------+-------+-------+-------+-------+-------+-------+-------+
 *     56 | sandbox, NUL, name, NUL, text, NUL
 *        +-------+--
 * </pre>
 *
 * Lengths count the NUL; 0 says that the string was NULL, unreadable, or that the kind has none.
 */
final class RecordLayout {

    static final int BOOT_NS = 0;
    static final int SEQ = 8;
    static final int CPU = 16;
    static final int PID = 20;
    static final int KIND = 28;
    static final int FLAGS = 29;
    static final int SANDBOX_LEN = 30;
    static final int NAME_LEN = 32;
    static final int TEXT_LEN = 34;
    static final int COMM = 40;
    static final int COMM_BYTES = 16;
    static final int STRINGS = 56;

    static final int SANDBOX_MAX = 64;
    static final int NAME_MAX = 256;
    static final int TEXT_MAX = 4096;

    private RecordLayout() {}
}
