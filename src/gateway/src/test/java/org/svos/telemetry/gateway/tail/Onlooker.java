package org.svos.telemetry.gateway.tail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.svos.telemetry.gateway.RunningGateway;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A reader of the live tail, as a client of server-sent events reads: what has no data is no event, but may move the id. */
final class Onlooker implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 20;
    private static final Event CLOSED = new Event("closed", "", "");

    private final HttpResponse<InputStream> response;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile String lastId = "";
    private final AtomicInteger comments = new AtomicInteger();

    /** One event, its data as it came. */
    record Event(String type, String id, String data) {

        JsonNode json() {
            return JsonMapper.shared().readTree(data);
        }

        String text(String key) {
            return json().get(key).asString();
        }
    }

    /** Connects; what is posted from here on is seen. */
    Onlooker(RunningGateway gateway, String token, String path, String... headers) throws InterruptedException {
        response = gateway.open(token, path, headers);
        if (response.statusCode() != 200) {
            throw new IllegalStateException(response.toString());
        }
        Thread.ofVirtual().start(this::read);
        while (comments.get() == 0) {
            Thread.sleep(1);
        }
    }

    HttpResponse<InputStream> response() {
        return response;
    }

    String lastId() {
        return lastId;
    }

    int comments() {
        return comments.get();
    }

    /** The next event; "closed" if the stream has ended. */
    Event next() throws InterruptedException {
        Event event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new IllegalStateException("nothing came");
        }
        return event;
    }

    List<Event> next(int count) throws InterruptedException {
        List<Event> next = new ArrayList<>();
        while (next.size() < count) {
            next.add(next());
        }
        return next;
    }

    /** The events that have come and were not asked for yet. */
    List<Event> soFar() {
        List<Event> came = new ArrayList<>();
        events.drainTo(came);
        return came;
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            String type = "message";
            StringBuilder data = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty()) {
                    if (!data.isEmpty()) {
                        events.add(new Event(type, lastId, data.toString()));
                    }
                    type = "message";
                    data.setLength(0);
                } else if (line.startsWith(":")) {
                    comments.incrementAndGet();
                } else if (line.startsWith("id: ")) {
                    lastId = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data.append(line, 6, line.length());
                }
            }
        } catch (IOException e) {
            // Told below: it has ended.
        }
        events.add(CLOSED);
    }

    @Override
    public void close() throws IOException {
        response.body().close();
    }
}
