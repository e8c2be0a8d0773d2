package org.svos.telemetry.gateway.spool;

/**
 * How far a lane is.
 *
 * @param passed every batch up to this position has its outcome
 * @param settled and so have so many events of the batch after it
 */
public record LaneCursor(long passed, int settled) {

    static final LaneCursor START = new LaneCursor(0, 0);
}
