package org.svos.telemetry.gateway.spool;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Gzip, to the letter of RFC 1952: one member or several, each with the checksum and length that it says, and nothing after
 * the last. The JDK's own stream lets whatever follows a member pass as if it were not there, so that one body could hold
 * what nobody has read.
 *
 * <pre>
 * 0   2  3     4       8   9  10
 * ┌───┬──┬─────┬───────┬───┬──┬────────────────────────────────┬─────────┬───────┬───────┐
 * │1F8B│08│flags│ mtime │xfl│os│ extra, name, comment, checksum │ deflate │ CRC32 │ ISIZE │
 * └───┴──┴─────┴───────┴───┴──┴────────────────────────────────┴─────────┴───────┴───────┘
 * </pre>
 */
final class GunzipStream extends InputStream {

    private static final int HEADER_LENGTH = 10;
    private static final int TRAILER_LENGTH = 8;
    private static final int MAGIC = 0x8B1F;
    private static final int DEFLATE = 8;

    private static final int HEADER_CHECKSUM = 1 << 1;
    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int RESERVED = 0xE0;

    private final byte[] packed;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] single = new byte[1];
    private int position;
    private boolean inMember;

    GunzipStream(byte[] packed) {
        this.packed = packed;
    }

    @Override
    public int read() throws IOException {
        int n = read(single, 0, 1);
        return n < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            if (!inMember) {
                if (position == packed.length && position > 0) {
                    return -1;
                }
                readHeader();
            }
            int n = inflate(buffer, offset, length);
            if (n > 0) {
                checksum.update(buffer, offset, n);
                return n;
            }
            if (inflater.finished()) {
                readTrailer();
            } else if (inflater.needsDictionary()) {
                throw new ZipException("it wants a dictionary");
            } else {
                throw new EOFException();
            }
        }
    }

    @Override
    public void close() {
        inflater.end();
    }

    private int inflate(byte[] buffer, int offset, int length) throws ZipException {
        try {
            return inflater.inflate(buffer, offset, length);
        } catch (DataFormatException e) {
            throw new ZipException("it is damaged");
        }
    }

    private void readHeader() throws IOException {
        int start = position;
        boolean starts = packed.length - start >= 2 && littleEndian(start, 2) == MAGIC;
        if (!starts && packed.length > 0) {
            throw new ZipException(
                    start == 0 ? "it does not start as gzip does" : "there is more after the end of the gzip member");
        }
        skip(HEADER_LENGTH);
        int flags = packed[start + 3] & 0xFF;
        if (packed[start + 2] != DEFLATE || (flags & RESERVED) != 0) {
            throw new ZipException("its gzip header asks for what does not exist");
        }
        if ((flags & EXTRA) != 0) {
            skip(2);
            skip((int) littleEndian(position - 2, 2));
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            CRC32 header = new CRC32();
            header.update(packed, start, position - start);
            skip(2);
            if (littleEndian(position - 2, 2) != (header.getValue() & 0xFFFF)) {
                throw new ZipException("its gzip header has a wrong checksum");
            }
        }
        inflater.reset();
        inflater.setInput(packed, position, packed.length - position);
        checksum.reset();
        inMember = true;
    }

    private void readTrailer() throws IOException {
        position = packed.length - inflater.getRemaining();
        int start = position;
        skip(TRAILER_LENGTH);
        if (littleEndian(start, 4) != checksum.getValue()) {
            throw new ZipException("it has a wrong checksum");
        }
        if (littleEndian(start + 4, 4) != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
            throw new ZipException("it has a wrong length");
        }
        inMember = false;
    }

    private void skipText() throws EOFException {
        do {
            skip(1);
        } while (packed[position - 1] != 0);
    }

    private void skip(int bytes) throws EOFException {
        if (packed.length - position < bytes) {
            throw new EOFException();
        }
        position += bytes;
    }

    private long littleEndian(int offset, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = (value << 8) | (packed[offset + i] & 0xFF);
        }
        return value;
    }
}
