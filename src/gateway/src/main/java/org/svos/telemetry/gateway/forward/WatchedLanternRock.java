package org.svos.telemetry.gateway.forward;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.Kind;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/** Lets somebody look on at what Lantern Rock has taken, as events. */
record WatchedLanternRock(LanternRock lanternRock, DeliveryWatch watch) implements LanternRock {

    @Override
    public Receipt deliver(Delivery delivery) throws InterruptedException {
        Receipt receipt = lanternRock.deliver(delivery);
        if (receipt instanceof Receipt.Delivered && watch.isWatching(delivery.database())) {
            Delivery.Host host = delivery.host();
            List<Event> events = new ArrayList<>(delivery.records().size());
            for (TelemetryRecord one : delivery.records()) {
                Kind kind = Kind.of(one.segments().kind());
                if (kind != null) { // else it is an old dead letter of a kind that is no more
                    events.add(event(kind, one, delivery.application()));
                }
            }
            watch.delivered(
                    delivery.database(),
                    delivery.telemetryId(),
                    host == null
                            ? null
                            : new Host(host.id(), host.name(), host.bootId(), host.kernel(), host.loaderVersion()),
                    events);
        }
        return receipt;
    }

    private static Event event(Kind kind, TelemetryRecord one, Delivery.@Nullable Application application) {
        Segments segments = one.segments();
        return new Event(
                segments.seq(),
                kind,
                one.name(),
                kind == Kind.REGISTER && application != null ? application.version() : null,
                one.time(),
                segments.bootTimeNs(),
                segments.cpu(),
                segments.pid(),
                segments.comm(),
                one.attachment());
    }
}
