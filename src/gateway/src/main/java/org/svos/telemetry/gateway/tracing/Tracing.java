package org.svos.telemetry.gateway.tracing;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One trace of a batch. Its two parts may be hours and a restart apart, so what connects them goes with the batch through the
 * spool: a W3C {@code traceparent}, 55 characters, there only if the trace is recorded.
 *
 * <p>A part belongs to the thread that began it, until it is closed there.
 */
public interface Tracing {

    /** Nothing is traced, at no cost. */
    Tracing OFF = new Tracing() {
        @Override
        public Part receiving(UnaryOperator<@Nullable String> header) {
            return Part.NONE;
        }

        @Override
        public Part delivering(@Nullable String traceparent) {
            return Part.NONE;
        }

        @Override
        public @Nullable String traceparent() {
            return null;
        }
    };

    /**
     * Begins the part in which a batch comes in. It goes on with its sender's trace, if that names one.
     *
     * @param header tells a header of the request by its name
     */
    Part receiving(UnaryOperator<@Nullable String> header);

    /**
     * Begins the part in which it is delivered.
     *
     * @param traceparent that came with the batch; without one there is nothing to go on with, and the part is not recorded
     */
    Part delivering(@Nullable String traceparent);

    /** Of the part under way on this thread; null if none is, or its trace is not recorded. */
    @Nullable
    String traceparent();

    /** A part of a trace: a span. */
    interface Part extends AutoCloseable {

        /** One that is not recorded. */
        Part NONE = new Part() {
            @Override
            public Part with(String name, String value) {
                return this;
            }

            @Override
            public boolean isRecorded() {
                return false;
            }

            @Override
            public void close() {}
        };

        /** Says more of it. */
        Part with(String name, String value);

        /** Whether anybody will see what is said of it. */
        boolean isRecorded();

        /** Ends it. */
        @Override
        void close();
    }
}
