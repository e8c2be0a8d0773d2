package org.svos.telemetry.gateway.tracing;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.Propagator.Getter;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Traces as observations. Both parts receive their context: one from a request, the other from the spool. */
final class ObservedTracing implements Tracing {

    private static final String TRACEPARENT = "traceparent";

    private final Tracer tracer;
    /** Of its own: in Spring's each observation would also be a timer, beside the meters that there are. */
    private final ObservationRegistry registry = ObservationRegistry.create();

    ObservedTracing(Tracer tracer, Propagator propagator) {
        this.tracer = tracer;
        registry.observationConfig()
                .observationHandler(new PropagatingReceiverTracingObservationHandler<>(tracer, propagator));
    }

    @Override
    public Part receiving(UnaryOperator<@Nullable String> header) {
        return begin("receive batch", Kind.SERVER, header, UnaryOperator::apply);
    }

    @Override
    public Part delivering(@Nullable String traceparent) {
        return traceparent == null
                ? Part.NONE
                : begin(
                        "deliver batch",
                        Kind.CLIENT,
                        traceparent,
                        (kept, name) -> TRACEPARENT.equals(name) ? kept : null);
    }

    private <C> Part begin(String name, Kind kind, C carrier, Getter<C> getter) {
        ReceiverContext<C> context = new ReceiverContext<>(getter, kind);
        context.setCarrier(carrier);
        Observation observation = Observation.createNotStarted("telemetry.batch", () -> context, registry)
                .contextualName(name)
                .start();
        Observation.Scope scope = observation.openScope();
        return new ObservedPart(observation, scope, traceparent() != null);
    }

    private record ObservedPart(Observation observation, Observation.Scope scope, boolean isRecorded) implements Part {

        @Override
        public Part with(String name, String value) {
            observation.highCardinalityKeyValue(name, value);
            return this;
        }

        @Override
        public void close() {
            scope.close();
            observation.stop();
        }
    }

    @Override
    public @Nullable String traceparent() {
        TraceContext context = tracer.currentTraceContext().context();
        return context != null && Boolean.TRUE.equals(context.sampled())
                ? "00-" + context.traceId() + "-" + context.spanId() + "-01"
                : null;
    }
}
