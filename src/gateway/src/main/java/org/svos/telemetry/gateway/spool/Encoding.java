package org.svos.telemetry.gateway.spool;

/** How a body is compressed, on the wire and in the spool alike: it is kept as it came. */
public enum Encoding {
    IDENTITY,
    GZIP,
    ZSTD
}
