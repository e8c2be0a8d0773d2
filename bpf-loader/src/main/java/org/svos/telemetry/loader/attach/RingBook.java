package org.svos.telemetry.loader.attach;

import java.util.OptionalLong;

/**
 * Who keeps account of which ring was read, and how far.
 *
 * @param <E> what writing it down may fail with
 */
public interface RingBook<E extends Exception> {

    /** The kernel's number of the ring that was read last on this boot. */
    OptionalLong known();

    /** A new ring begins, before the first record comes into it. */
    void begins(long ring) throws E;
}
