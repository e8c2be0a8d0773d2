package org.svos.telemetry.gateway.store;

import org.jspecify.annotations.Nullable;

/** A decision that is being made: what it comes to, and a way to look at how things are. */
public interface Deciding {

    /** What is to be kept. */
    Changes changes();

    /** Looks at the store as it is now, without what this decision comes to. */
    <T extends @Nullable Object> T read(Work<T> work);
}
