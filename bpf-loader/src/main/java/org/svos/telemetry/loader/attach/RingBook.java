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

    /** Whether that ring is the one that was read last on this boot. */
    default boolean isKnown(long ring) {
        OptionalLong known = known();
        return known.isPresent() && known.getAsLong() == ring;
    }

    /** A ring begins that nothing has been read of. */
    void begins(long ring) throws E;
}
