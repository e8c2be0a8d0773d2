package org.svos.telemetry.acceptance;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A quota of a day's bytes, and clients that go on after it is used up, behind a balancer before one gateway and before several: what
 * was accepted is what fits, to the byte. Three sizes of batches are tried at the same time until none fits any more.
 */
final class SharedQuota {

    private static final long BYTES_PER_DAY = 50_000_017;
    private static final long ATTEMPTS = 200_000;
    private static final int CONNECTIONS = 40;
    private static final int SECONDS = 5;
    private static final int[] EVENTS = {1, 3, 7};

    private SharedQuota() {}

    /** What came of it, as a row of a table; a fault if a byte is too much or too few. */
    static String run(Path folder, Path load, List<String> gatewayCommand, Shared shared, int gateways)
            throws Exception {
        Path site = Files.createDirectories(folder.resolve("quota-" + shared + "-" + gateways));
        try (var lanternRock = new LanternRockStandIn(site);
                var cluster = new Cluster(site, shared, lanternRock.url(), gatewayCommand, gateways, Map.of(), false)) {
            String name = "bench";
            Registered database = cluster.register(
                    name,
                    "\"quota\": {\"bytesPerDay\": " + BYTES_PER_DAY
                            + ", \"eventsPerSecond\": 1000000000, \"burst\": 1000000000}");
            String sandboxes = database.sandbox().substring(0, 28);
            for (int i = 0; i < EVENTS.length; i++) {
                cluster.registerSandbox(name, sandboxes + "%08x".formatted(i));
            }
            Thread.sleep(2_000); // In force at every gateway.
            return post(cluster, database, sandboxes, new NativeLoad(load, site), shared, gateways);
        }
    }

    private static String post(
            Cluster cluster, Registered database, String sandboxes, NativeLoad load, Shared shared, int gateways) {
        int port = URI.create(cluster.url()).getPort();
        long attempts = 0;
        long events = 0;
        long bytes = 0;
        long refusedEvents = 0;
        int smallest = Integer.MAX_VALUE;
        while (attempts < ATTEMPTS) {
            List<NativeLoad.Running> running = new ArrayList<>();
            for (int size : EVENTS) {
                var batches = new NativeLoad.Batches(sandboxes, EVENTS.length, 0, size);
                running.add(load.start(port, database.secret(), batches, CONNECTIONS, SECONDS, 0));
            }
            for (int i = 0; i < EVENTS.length; i++) {
                NativeLoad.Told told = running.get(i).told();
                attempts += told.requests();
                events += (told.requests() - told.refused()) * EVENTS[i];
                bytes += (told.requests() - told.refused()) * told.bodyBytes();
                refusedEvents += told.refused() * EVENTS[i];
                smallest = Math.min(smallest, told.bodyBytes());
            }
        }
        JsonNode ledger = cluster.ledger(database.database());
        JsonNode points = cluster.admin("GET", "/api/v1/databases/" + database.database() + "/usage?step=day", "")
                .json()
                .path("points");
        long counted =
                points.path(points.size() - 1).path("accepted").path("bytes").asLong(-1);
        long accepted = ledger.path("accepted").asLong(-1);
        long rejected = ledger.path("rejected").path("quota-exceeded").asLong(-1);
        // The load counts a connection that broke before its request was through as refused, too.
        long neverThere = refusedEvents - rejected;
        boolean exact = counted <= BYTES_PER_DAY
                && BYTES_PER_DAY - counted < smallest
                && accepted - events == neverThere
                && (neverThere > 0 || bytes == counted)
                && ledger.path("received").asLong(-1) == accepted + rejected
                && ledger.path("imbalance").asLong(-1) == 0;
        String row = "| %s | %d | %,d | %,d of %,d | %,d | %,d | %s |"
                .formatted(
                        shared.name().toLowerCase(Locale.ROOT),
                        gateways,
                        attempts,
                        counted,
                        BYTES_PER_DAY,
                        accepted,
                        rejected,
                        exact ? "exact" : "WRONG");
        if (!exact) {
            throw new IllegalStateException(row + " " + ledger + " usage " + counted);
        }
        return row;
    }
}
