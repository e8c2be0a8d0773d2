package org.svos.telemetry.gateway.spool;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * How a body is compressed, on the wire and in the spool alike: it is kept as it came. Intake and forwarder decompress it by
 * the same means, so that what the one took the other can read.
 */
public enum Encoding {
    IDENTITY,
    GZIP,
    ZSTD;

    /** RFC 9659: the largest window that a sender may use over HTTP is 8 MiB. */
    private static final int ZSTD_MAX_WINDOW_LOG = 23;

    /**
     * The decompressed body, to be read and closed. Several gzip members or zstd frames are one body; anything else after the
     * last is a fault.
     *
     * @throws IOException if the body is not compressed so; also thrown by the stream
     */
    public InputStream unpack(byte[] body) throws IOException {
        return switch (this) {
            case IDENTITY -> new ByteArrayInputStream(body);
            case GZIP -> new GunzipStream(body);
            case ZSTD ->
                new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(body), RecyclingBufferPool.INSTANCE)
                        .setLongMax(ZSTD_MAX_WINDOW_LOG);
        };
    }
}
