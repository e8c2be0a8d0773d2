package org.svos.telemetry.gateway.spool;

/** Asked before the body of a batch is read: whoever reads bodies has to have room for them first. */
@FunctionalInterface
public interface Room {

    /**
     * Whether there is room for one more. After a no, no other is asked for.
     *
     * @param length of the body as it is stored
     * @param bytes of it decompressed
     * @param events valid ones
     */
    boolean take(int length, long bytes, int events);
}
