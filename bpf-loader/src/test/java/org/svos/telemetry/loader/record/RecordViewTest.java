package org.svos.telemetry.loader.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RecordViewTest {

    private final RecordView view = new RecordView();

    @Test
    void aRecordIsReadAsItWasWritten() {
        ByteBuffer memory = Records.of(Hook.REGISTER)
                .numbered(3, 77)
                .at(123_456)
                .name("hello")
                .text("1.0.0")
                .memory();

        assertThat(view.wrap(memory, 0, memory.capacity())).isTrue();

        assertThat(view.hook()).isEqualTo(Hook.REGISTER);
        assertThat(view.cpu()).isEqualTo(3);
        assertThat(view.cpuSequence()).isEqualTo(77);
        assertThat(view.bootNanos()).isEqualTo(123_456);
        assertThat(view.pid()).isEqualTo(412);
        assertThat(string(view.commOffset(), view.commLength())).isEqualTo("test");
        assertThat(string(view.sandboxOffset(), view.sandboxLength()))
                .isEqualTo("00000000-1111-2222-3333-444444444444");
        assertThat(string(view.nameOffset(), view.nameLength())).isEqualTo("hello");
        assertThat(string(view.textOffset(), view.textLength())).isEqualTo("1.0.0");
    }

    @Test
    void aStringThatWasNullIsNoEmptyString() {
        ByteBuffer memory = Records.message().name((byte[]) null).text("").memory();

        assertThat(view.wrap(memory, 0, memory.capacity())).isTrue();

        assertThat(view.nameLength()).isEqualTo(RecordView.NO_STRING);
        assertThat(view.textLength()).isZero();
    }

    @Test
    void aRecordWhoseLengthIsNotThatOfItsPartsIsNone() {
        ByteBuffer memory = Records.message().memory();

        assertThat(view.wrap(memory, 0, memory.capacity() - 1)).isFalse();
        memory.put(RecordLayout.KIND, (byte) 6);
        assertThat(view.wrap(memory, 0, memory.capacity())).isFalse();
        memory.put(RecordLayout.KIND, (byte) -1);
        assertThat(view.wrap(memory, 0, memory.capacity())).isFalse();
    }

    @Property
    void whateverTheBytesAreNoStringLeavesTheRecord(@ForAll @Size(max = 400) byte[] bytes) {
        ByteBuffer memory = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

        if (view.wrap(memory, 0, bytes.length)) {
            assertThat(view.textOffset() + Math.max(0, view.textLength())).isLessThanOrEqualTo(bytes.length);
            assertThat(view.commLength()).isBetween(0, RecordLayout.COMM_BYTES);
        }
    }

    private String string(int offset, int length) {
        byte[] bytes = new byte[length];
        view.memory().get(offset, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
