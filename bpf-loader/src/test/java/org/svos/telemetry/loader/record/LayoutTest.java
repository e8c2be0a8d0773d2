package org.svos.telemetry.loader.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The constants against what clang compiled: the object's section .layout. */
class LayoutTest {

    private static final int ENTRY_BYTES = 40;
    private static final int NAME_BYTES = 32;

    private record Place(int offset, int size) {}

    @ParameterizedTest
    @ValueSource(strings = {"telemetry.kprobe.bpf.o", "telemetry.uprobe.bpf.o"})
    void theConstantsAreThoseOfTheCompiledObject(String object) throws Exception {
        Map<String, Place> compiled = layout(object);

        assertThat(compiled)
                .containsEntry("record", new Place(0, RecordLayout.STRINGS))
                .containsEntry("record.boot_ns", new Place(RecordLayout.BOOT_NS, Long.BYTES))
                .containsEntry("record.seq", new Place(RecordLayout.SEQ, Long.BYTES))
                .containsEntry("record.cpu", new Place(RecordLayout.CPU, Integer.BYTES))
                .containsEntry("record.pid", new Place(RecordLayout.PID, Integer.BYTES))
                .containsEntry("record.kind", new Place(RecordLayout.KIND, Byte.BYTES))
                .containsEntry("record.flags", new Place(RecordLayout.FLAGS, Byte.BYTES))
                .containsEntry("record.sandbox_len", new Place(RecordLayout.SANDBOX_LEN, Short.BYTES))
                .containsEntry("record.name_len", new Place(RecordLayout.NAME_LEN, Short.BYTES))
                .containsEntry("record.text_len", new Place(RecordLayout.TEXT_LEN, Short.BYTES))
                .containsEntry("record.comm", new Place(RecordLayout.COMM, RecordLayout.COMM_BYTES))
                .containsEntry("record.strings", new Place(RecordLayout.STRINGS, 0))
                .containsEntry("max.sandbox", new Place(0, RecordLayout.SANDBOX_MAX))
                .containsEntry("max.name", new Place(0, RecordLayout.NAME_MAX))
                .containsEntry("max.text", new Place(0, RecordLayout.TEXT_MAX))
                .containsEntry("counters", new Place(0, CounterLayout.BYTES))
                .containsEntry("counters.seen", new Place(CounterLayout.SEEN, Long.BYTES))
                .containsEntry("counters.captured", new Place(CounterLayout.CAPTURED, Long.BYTES))
                .containsEntry("counters.ring_full", new Place(CounterLayout.RING_FULL, Long.BYTES))
                .containsEntry("counters.probe_fault", new Place(CounterLayout.PROBE_FAULT, Long.BYTES))
                .containsEntry("counters.throttled", new Place(CounterLayout.THROTTLED, Long.BYTES))
                .containsEntry("counters.recursion", new Place(CounterLayout.RECURSION, Long.BYTES));
    }

    @ParameterizedTest
    @ValueSource(strings = {"telemetry.kprobe.bpf.o", "telemetry.uprobe.bpf.o"})
    void theGuardsConstantsAreThoseOfTheCompiledObject(String object) throws Exception {
        assertThat(layout(object))
                .containsEntry("settings", new Place(0, GuardLayout.SETTINGS_BYTES))
                .containsEntry("settings.guard_interval", new Place(0, Long.BYTES))
                .containsEntry("way", new Place(0, GuardLayout.WAY_BYTES))
                .containsEntry("way.id", new Place(GuardLayout.ID, Long.BYTES))
                .containsEntry("way.due", new Place(GuardLayout.DUE, Long.BYTES))
                .containsEntry("way.throttled", new Place(GuardLayout.THROTTLED, Long.BYTES))
                .containsEntry("way.sandbox", new Place(GuardLayout.SANDBOX, GuardLayout.SANDBOX_BYTES))
                .containsEntry("set", new Place(0, GuardLayout.SET_BYTES))
                .containsEntry("max.sets", new Place(0, GuardLayout.SETS));
    }

    private static Map<String, Place> layout(String object) throws Exception {
        ByteBuffer section = section(object, ".layout");
        Map<String, Place> places = new HashMap<>();
        for (int at = section.position(); at < section.limit(); at += ENTRY_BYTES) {
            places.put(
                    string(section, at),
                    new Place(section.getInt(at + NAME_BYTES), section.getInt(at + NAME_BYTES + 4)));
        }
        return places;
    }

    /** A section of an ELF64 file, between the buffer's position and limit. */
    private static ByteBuffer section(String object, String name) throws Exception {
        try (InputStream in = LayoutTest.class.getResourceAsStream("/org/svos/telemetry/loader/bpf/" + object)) {
            assertThat(in).as(object).isNotNull();
            ByteBuffer elf = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            int headers = (int) elf.getLong(40);
            int headerBytes = elf.getShort(58);
            int count = elf.getShort(60);
            int names = (int) elf.getLong(headers + elf.getShort(62) * headerBytes + 24);
            for (int i = 0; i < count; i++) {
                int header = headers + i * headerBytes;
                if (string(elf, names + elf.getInt(header)).equals(name)) {
                    int offset = (int) elf.getLong(header + 24);
                    return elf.position(offset).limit(offset + (int) elf.getLong(header + 32));
                }
            }
            throw new AssertionError(object + " has no section " + name);
        }
    }

    private static String string(ByteBuffer from, int offset) {
        StringBuilder string = new StringBuilder();
        for (int at = offset; from.get(at) != 0; at++) {
            string.append((char) from.get(at));
        }
        return string.toString();
    }
}
