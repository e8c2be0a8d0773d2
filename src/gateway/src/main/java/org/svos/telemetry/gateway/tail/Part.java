package org.svos.telemetry.gateway.tail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events of one database that followed one another at one gateway, on their way to others. As a row holds them:
 *
 * <pre>
 * part  := count × frame
 * frame := u8 which of the three there are (1 kind, 2 name, 4 host), those as u16 length and modified UTF-8,
 *          u32 length of the text, text
 * </pre>
 *
 * @param before events that came before these, told or not
 */
record Part(long before, List<Frame> frames) {

    private static final int KIND = 1;
    private static final int NAME = 2;
    private static final int HOST = 4;

    byte[] encoded() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            for (Frame frame : frames) {
                out.writeByte(flag(KIND, frame.kind()) | flag(NAME, frame.name()) | flag(HOST, frame.host()));
                for (String text : new @Nullable String[] {frame.kind(), frame.name(), frame.host()}) {
                    if (text != null) {
                        out.writeUTF(text);
                    }
                }
                out.writeInt(frame.text().length);
                out.write(frame.text());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int flag(int flag, @Nullable String text) {
        return text == null ? 0 : flag;
    }

    static Part decoded(long before, int events, byte[] bytes) {
        List<Frame> frames = new ArrayList<>(events);
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            for (int i = 0; i < events; i++) {
                int flags = in.readUnsignedByte();
                String kind = text(in, flags & KIND);
                String name = text(in, flags & NAME);
                String host = text(in, flags & HOST);
                frames.add(new Frame(kind, name, host, in.readNBytes(in.readInt())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Part(before, frames);
    }

    private static @Nullable String text(DataInputStream in, int flag) throws IOException {
        return flag == 0 ? null : in.readUTF();
    }

    /** Events that there were up to its end. */
    long end() {
        return before + frames.size();
    }
}
