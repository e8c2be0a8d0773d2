package org.svos.telemetry.lanternrock.otlp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.http.HttpSender;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tls;

/** The port over OTLP/HTTP, binary: {@code POST {base}/v1/logs}. {@link LogRequest} draws what is sent. */
public final class OtlpLanternRock implements LanternRock, AutoCloseable {

    private final HttpSender sender;
    private final boolean isGzipped;

    /**
     * An adapter to the settings' address.
     *
     * @param tls the keys and trust of the moment; null for what the JDK trusts
     * @param traceparent of the delivery that a thread is about; see {@link HttpSender}
     * @param isGzipped whether bodies are compressed
     */
    public OtlpLanternRock(
            HttpSettings settings,
            @Nullable Supplier<Tls> tls,
            InstantSource clock,
            Supplier<@Nullable String> traceparent,
            boolean isGzipped) {
        this.sender = new HttpSender(settings, tls, clock, traceparent);
        this.isGzipped = isGzipped;
    }

    @Override
    public Receipt deliver(Delivery delivery) throws InterruptedException {
        byte[] body = LogRequest.of(delivery).toByteArray();
        List<String> headers = new ArrayList<>(List.of(
                "Content-Type",
                OtlpAnswer.TYPE,
                "Accept",
                OtlpAnswer.TYPE,
                // OTLP knows no such key; a receiver or a proxy that does may recognise a repetition by it.
                "Idempotency-Key",
                '"' + delivery.idempotencyKey() + '"'));
        if (isGzipped) {
            body = gzip(body);
            headers.addAll(List.of("Content-Encoding", "gzip"));
        }
        return sender.post(
                delivery.database(),
                "/v1/logs",
                body,
                new OtlpAnswer(delivery.records().size()),
                headers.toArray(String[]::new));
    }

    private static byte[] gzip(byte[] body) {
        var bytes = new ByteArrayOutputStream(body.length / 4);
        try (var gzip = new FastGzip(bytes)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail to be written", e);
        }
        return bytes.toByteArray();
    }

    /** With the level that costs the least: attributes repeat from record to record, which any level finds. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    @Override
    public void close() {
        sender.close();
    }
}
