package org.svos.telemetry.event;

/** Events that a host lost since its boot, by cause. Counts of the whole host, not of the batch's sandbox. */
public record HostLoss(long ringFull, long probeFault, long recursion, long throttled, long spoolEvicted) {}
