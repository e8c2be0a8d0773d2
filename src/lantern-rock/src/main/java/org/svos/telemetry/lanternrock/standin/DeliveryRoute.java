package org.svos.telemetry.lanternrock.standin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/databases/{database}/records}: takes a delivery, the way that the behaviour of the moment has it. */
final class DeliveryRoute {

    private static final Pattern PATH = Pattern.compile("/v1/databases/([a-z0-9][a-z0-9_-]{0,62})/records");
    private static final Pattern KEY = Pattern.compile("\"?([\\x21-\\x7e&&[^\"\\\\]]{1,255})\"?");
    private static final int MAX_BODY_BYTES = 256 * 1024 * 1024;

    private final Archive archive;
    private final Supplier<Behaviour> behaviour;

    DeliveryRoute(Archive archive, Supplier<Behaviour> behaviour) {
        this.archive = archive;
        this.behaviour = behaviour;
    }

    void handle(HttpExchange exchange) throws IOException, HttpFault, InterruptedException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
        if (!path.matches()) {
            throw new HttpFault(
                    404, "there is nothing at " + exchange.getRequestURI().getPath());
        }
        if (!"POST".equals(exchange.getRequestMethod())) {
            throw Answers.notAllowed(exchange, "POST");
        }
        String database = path.group(1);
        Behaviour now = behaviour.get().towards(database);
        now.refuseIfTold(exchange);
        keepAndAnswer(exchange, database, body, now);
    }

    private void keepAndAnswer(HttpExchange exchange, String database, byte[] body, Behaviour now)
            throws IOException, HttpFault, InterruptedException {
        String key = key(exchange);
        RecordFile file = archive.of(database);
        OptionalInt before = file.delivered(key);
        int records;
        if (before.isPresent()) {
            records = before.getAsInt();
        } else {
            ReceivedDelivery delivery = read(exchange, body, now);
            List<String> lines = RecordLines.of(database, key, delivery);
            file.append(key, lines);
            records = lines.size();
        }
        if (now.mode() == Behaviour.Mode.DROP) {
            // Closing an exchange that has no answer yet closes its connection.
            return;
        }
        Thread.sleep(now.delay());
        int status = now.mode() == Behaviour.Mode.STATUS ? now.status() : 200;
        Answers.json(exchange, status, "{\"records\":" + records + "}");
    }

    private static ReceivedDelivery read(HttpExchange exchange, byte[] body, Behaviour now) throws HttpFault {
        if (body.length > MAX_BODY_BYTES) {
            throw new HttpFault(413, "a body may have " + MAX_BODY_BYTES + " bytes");
        }
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type == null || !type.replaceAll(";.*", "").strip().equalsIgnoreCase("application/json")) {
            throw new HttpFault(415, "a delivery is application/json, not " + type);
        }
        try {
            ReceivedDelivery delivery = DeliveryReader.read(body);
            boolean isPoisoned = now.mode() == Behaviour.Mode.POISON || now.mode() == Behaviour.Mode.PARTIAL;
            refusePoison(delivery, isPoisoned ? now.name() : null);
            return delivery;
        } catch (InvalidDeliveryException e) {
            throw new HttpFault(e.status(), String.valueOf(e.getMessage()), e.pointer());
        }
    }

    private static void refusePoison(ReceivedDelivery delivery, @Nullable String poison) throws HttpFault {
        for (int i = 0; poison != null && i < delivery.records().size(); i++) {
            if (poison.equals(delivery.records().get(i).name())) {
                throw new HttpFault(422, "told to refuse records named \"" + poison + "\"", "/records/" + i);
            }
        }
    }

    private static String key(HttpExchange exchange) throws HttpFault {
        String header = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        Matcher key = KEY.matcher(header == null ? "" : header);
        if (!key.matches()) {
            throw new HttpFault(400, "Idempotency-Key must be 1 to 255 visible ASCII characters in quotes");
        }
        return key.group(1);
    }
}
