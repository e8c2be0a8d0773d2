package org.svos.telemetry.gateway.store;

/** Is told of what was announced in a shared store, by whichever process, in the order of the commits. */
@FunctionalInterface
public interface NewsReader {

    /** The kind of an announcement that stands for all there may ever have been: some were missed. */
    String EVERYTHING = "";

    /**
     * Something was announced: look at it again. It may be told twice, and by the time it is told there may be later news of it.
     *
     * @param kind of the thing, as {@link Tx#announce} had it, or {@link #EVERYTHING}
     */
    void changed(String kind, long key);
}
