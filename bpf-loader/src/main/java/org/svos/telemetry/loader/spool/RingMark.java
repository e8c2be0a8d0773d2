package org.svos.telemetry.loader.spool;

/**
 * Up to where a ring is in the spool.
 *
 * @param ring the kernel's number of it, which no other has on this boot
 * @param position in bytes since the ring began
 */
public record RingMark(long ring, long position) {}
