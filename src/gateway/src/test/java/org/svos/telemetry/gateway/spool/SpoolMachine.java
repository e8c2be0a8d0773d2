package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.admission.Folders;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.store.TestServer;

/** A real spool, fed through admission, and the model of it: what waits in each database, in its order. */
final class SpoolMachine implements AutoCloseable {

    static final int DATABASES = 2;

    private static final Quota QUOTA = new Quota(Quota.MAX, 1, Quota.MAX, Quota.Mode.ENFORCE);
    private static final int ALL = 10_000;

    sealed interface Step {

        /** A batch of so many events, with a body of so many bytes. */
        record Bring(int database, int events, int bytes) implements Step {}

        /** A look at what waits behind so many batches. */
        record Read(int database, int ahead, int maxBatches, int maxBytes) implements Step {}

        /** So many batches, as far as there are any, have been delivered. */
        record Pass(int database, int batches) implements Step {}

        /** So many more events of the first batch have been delivered, while others of it still wait. */
        record Settle(int database, int events) implements Step {}

        record Sweep(int rows) implements Step {}

        record Discard(int database) implements Step {}

        record Restart() implements Step {}

        /** The process ends at once; another one finds its files. */
        record Crash() implements Step {}
    }

    private record Kept(String key, SandboxId sandbox, int events, String body) {}

    private static final class Lane {
        private final List<Kept> waiting = new ArrayList<>();
        private int settled;
        private long accepted;
        private long delivered;
        private long discarded;

        private long waitingEvents() {
            return waiting.stream().mapToLong(Kept::events).sum() - settled;
        }
    }

    /** What the spool stands on. */
    interface Ground {

        /** Opens what is there. */
        Rooms rooms();

        /** Ends the process that has those at once. */
        void crash(Rooms rooms) throws IOException;

        /** Removes some of what is passed. */
        void sweep(Rooms rooms, int rows);

        /** Removes everything. */
        void remove() throws IOException;
    }

    /** A folder. */
    private static final class Folder implements Ground {

        private Path data = Files.createTempDirectory("spool");

        private Folder() throws IOException {}

        @Override
        public Rooms rooms() {
            return new Rooms(data);
        }

        @Override
        public void crash(Rooms rooms) throws IOException {
            Path found = Folders.copyOfStore(data);
            rooms.close();
            remove();
            data = found;
        }

        @Override
        public void sweep(Rooms rooms, int rows) {
            rooms.spool.sweep(rows);
        }

        @Override
        public void remove() throws IOException {
            Folders.delete(data);
        }
    }

    /** A database on a server, whose ring turns all the time. */
    static final class Server implements Ground {

        private static final SpoolRing.Bounds BOUNDS = new SpoolRing.Bounds(1, 0, 3, 1 << 20);

        private final String database = TestServer.database();

        @Override
        public Rooms rooms() {
            return new Rooms(TestServer.open(database, null), Rooms.SETTINGS);
        }

        @Override
        public void crash(Rooms rooms) {
            TestServer.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + database + "'");
            rooms.close();
        }

        @Override
        public void sweep(Rooms rooms, int rows) {
            SpoolRing ring = new SpoolRing(rooms.store, BOUNDS);
            for (int i = 0; i < rows; i++) {
                ring.turn();
            }
        }

        @Override
        public void remove() {}
    }

    private final List<Lane> lanes = new ArrayList<>();
    private final List<Database> databases = new ArrayList<>();
    private final Ground ground;
    private Rooms rooms;
    private int keys;

    /** One in a folder of its own. */
    SpoolMachine() throws IOException {
        this(new Folder());
    }

    SpoolMachine(Ground ground) {
        this.ground = ground;
        rooms = ground.rooms();
        for (int i = 0; i < DATABASES; i++) {
            lanes.add(new Lane());
            databases.add(rooms.register("db" + i, QUOTA, sandbox(i)));
        }
    }

    private static SandboxId sandbox(int database) {
        return Rooms.sandbox(database + 1);
    }

    private long id(int database) {
        return databases.get(database).id();
    }

    void take(Step step) throws IOException {
        switch (step) {
            case Step.Bring bring -> bring(bring);
            case Step.Read read -> read(read);
            case Step.Pass(int database, int batches) -> pass(database, batches);
            case Step.Settle(int database, int events) -> settle(database, events);
            case Step.Sweep(int rows) -> ground.sweep(rooms, rows);
            case Step.Discard(int database) -> discard(database);
            case Step.Restart() -> {
                rooms.close();
                rooms = ground.rooms();
            }
            case Step.Crash() -> {
                ground.crash(rooms);
                rooms = ground.rooms();
            }
        }
    }

    private void bring(Step.Bring bring) {
        String key = "k" + keys++;
        String body = (key + " ").repeat(bring.bytes / (key.length() + 1) + 1);
        Outcome outcome = rooms.admission.admit(
                Rooms.batch(databases.get(bring.database), sandbox(bring.database), key, body, bring.events));
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        Lane lane = lanes.get(bring.database);
        lane.waiting.add(new Kept(key, sandbox(bring.database), bring.events, body));
        lane.accepted += bring.events;
    }

    private List<SpooledBatch> next(int database, int maxBatches, long maxBytes) {
        long passed = rooms.spool.cursor(id(database)).passed();
        return rooms.spool.next(id(database), passed, maxBatches, maxBytes);
    }

    private void read(Step.Read read) {
        List<Kept> waiting = lanes.get(read.database).waiting;
        int ahead = Math.min(read.ahead, waiting.size());
        long after = ahead == 0
                ? rooms.spool.cursor(id(read.database)).passed()
                : next(read.database, ahead, Long.MAX_VALUE).getLast().position();
        List<SpooledBatch> found = rooms.spool.next(id(read.database), after, read.maxBatches, read.maxBytes);
        List<Kept> behind = waiting.subList(ahead, waiting.size());
        assertThat(found.isEmpty()).isEqualTo(behind.isEmpty());
        assertThat(found).hasSizeLessThanOrEqualTo(read.maxBatches);
        assertSame(found, behind.subList(0, found.size()));
        assertThat(found.size() <= 1
                        || found.stream()
                                        .mapToLong(batch -> batch.body().length)
                                        .sum()
                                <= read.maxBytes)
                .isTrue();
    }

    private static void assertSame(List<SpooledBatch> found, List<Kept> model) {
        assertThat(found.stream()
                        .map(batch -> new Kept(
                                batch.key(),
                                batch.sandbox(),
                                batch.events(),
                                new String(batch.body(), StandardCharsets.UTF_8)))
                        .toList())
                .isEqualTo(model);
        for (int i = 1; i < found.size(); i++) {
            assertThat(found.get(i).position()).isGreaterThan(found.get(i - 1).position());
        }
    }

    private void pass(int database, int batches) {
        Lane lane = lanes.get(database);
        int count = Math.min(batches, lane.waiting.size());
        if (count == 0) {
            return;
        }
        long position = next(database, count, Long.MAX_VALUE).getLast().position();
        List<Kept> gone = lane.waiting.subList(0, count);
        long events = gone.stream().mapToLong(Kept::events).sum() - lane.settled;
        rooms.store.write(tx -> {
            rooms.spool.pass(tx, id(database), position);
            rooms.ledger.add(tx, id(database), Account.DELIVERED, Ledger.NO_REASON, events, 0);
            return null;
        });
        gone.clear();
        lane.settled = 0;
        lane.delivered += events;
    }

    private void settle(int database, int events) {
        Lane lane = lanes.get(database);
        int most = lane.waiting.isEmpty() ? 0 : lane.waiting.getFirst().events - 1;
        int settled = Math.min(most, lane.settled + events);
        int more = settled - lane.settled;
        if (more <= 0) {
            return;
        }
        rooms.store.write(tx -> {
            rooms.spool.settle(tx, id(database), settled);
            rooms.ledger.add(tx, id(database), Account.DELIVERED, Ledger.NO_REASON, more, 0);
            return null;
        });
        lane.settled = settled;
        lane.delivered += more;
    }

    private void discard(int database) {
        Lane lane = lanes.get(database);
        long events = lane.waitingEvents();
        Waiting discarded = rooms.store.write(tx -> rooms.spool.discard(tx, id(database), "database-deleted"));
        assertThat(discarded.events()).isEqualTo(events);
        lane.waiting.clear();
        lane.settled = 0;
        lane.discarded += events;
    }

    /** Everything that can be seen of the spool is as in the model. */
    void check() {
        long waiting = 0;
        for (int i = 0; i < DATABASES; i++) {
            int database = i;
            Lane lane = lanes.get(database);
            assertSame(next(database, ALL, Long.MAX_VALUE), lane.waiting);
            assertThat(rooms.spool.cursor(id(database)).settled()).isEqualTo(lane.settled);
            rooms.store.read(tx -> {
                assertThat(rooms.spool.waiting(tx, id(database)).events()).isEqualTo(lane.waitingEvents());
                assertThat(rooms.spool.holds(tx, id(database), sandbox(database)))
                        .isEqualTo(!lane.waiting.isEmpty());
                return null;
            });
            Totals totals = rooms.ledger.of(id(database));
            assertThat(totals.received()).isEqualTo(lane.accepted);
            assertThat(totals.accepted()).isEqualTo(lane.accepted);
            assertThat(totals.delivered()).isEqualTo(lane.delivered);
            assertThat(totals.discarded()).isEqualTo(lane.discarded);
            assertThat(totals.waiting()).isEqualTo(lane.waitingEvents());
            assertThat(totals.imbalance()).isZero();
            waiting += lane.waitingEvents();
        }
        assertThat(rooms.meters.get("telemetry.spool.events").gauge().value()).isEqualTo((double) waiting);
        rooms.spool.refreshGauges();
        assertThat(rooms.meters.get("telemetry.spool.events").gauge().value())
                .as("looked up")
                .isEqualTo((double) waiting);
    }

    @Override
    public void close() throws IOException {
        rooms.close();
        ground.remove();
    }
}
