package org.svos.telemetry.gateway.quota;

/**
 * How much of its quota a database has left: the numbers of the {@code RateLimit} headers.
 *
 * @param dayLeft bytes left of the UTC day
 * @param dayResetSeconds until midnight UTC
 * @param rateLeft whole events left in the bucket
 * @param rateResetSeconds until the bucket is full
 */
public record Standing(Quota quota, long dayLeft, long dayResetSeconds, long rateLeft, long rateResetSeconds) {}
