package org.svos.telemetry.lanternrock.http;

import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.DeliveryJson;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/** The port over HTTP: {@code POST {base}/v1/databases/{database}/records}. */
public final class HttpLanternRock implements LanternRock, AutoCloseable {

    private static final Protocol PROTOCOL = new Protocol() {
        @Override
        public Receipt taken(Answer answer) {
            return new Receipt.Delivered();
        }

        @Override
        public String words(Answer answer) {
            return answer.text();
        }
    };

    private final HttpSender sender;

    /**
     * An adapter to the settings' address.
     *
     * @param tls the keys and trust of the moment; null for what the JDK trusts
     * @param traceparent of the delivery that a thread is about; see {@link HttpSender}
     */
    public HttpLanternRock(
            HttpSettings settings,
            @Nullable Supplier<Tls> tls,
            InstantSource clock,
            Supplier<@Nullable String> traceparent) {
        this.sender = new HttpSender(settings, tls, clock, traceparent);
    }

    @Override
    public Receipt deliver(Delivery delivery) throws InterruptedException {
        // Names of databases and keys come checked: they need no escaping in a path or a header.
        return sender.post(
                delivery.database(),
                "/v1/databases/" + delivery.database() + "/records",
                DeliveryJson.write(delivery),
                PROTOCOL,
                "Content-Type",
                "application/json",
                "Accept",
                "application/json",
                "Idempotency-Key",
                '"' + delivery.idempotencyKey() + '"');
    }

    @Override
    public void close() {
        sender.close();
    }
}
