package org.svos.telemetry.gateway.admission;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Balance;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;

/**
 * A process that admits, delivers and sweeps for all it is worth until it is killed, and tells each key on its standard output
 * as soon as it is admitted. Arguments: the data folder, and a prefix for its keys.
 */
final class Hammer {

    static final String NAME = "hammered";
    static final Quota QUOTA = new Quota(Quota.MAX, Quota.MAX, Quota.MAX, Quota.Mode.ENFORCE);

    private static final int THREADS = 16;

    private Hammer() {}

    public static void main(String[] args) {
        Rooms rooms = new Rooms(Path.of(args[0]));
        Database database = rooms.register(NAME, QUOTA, Rooms.sandbox(1));
        new Upkeep(
                rooms.store,
                rooms.spool,
                rooms.admission,
                new Forgetting(rooms.store),
                new Balance(rooms.ledger, rooms.meters));
        AtomicLong next = new AtomicLong();
        for (int i = 0; i < THREADS; i++) {
            Thread.ofVirtual().start(() -> {
                while (true) {
                    String key = args[1] + next.getAndIncrement();
                    Outcome outcome = rooms.admission.admit(Rooms.batch(database, Rooms.sandbox(1), key, body(key), 1));
                    if (outcome instanceof Outcome.Accepted) {
                        System.out.println(key);
                    } else {
                        System.out.println("not admitted: " + outcome);
                    }
                }
            });
        }
        deliver(rooms, database);
    }

    private static void deliver(Rooms rooms, Database database) {
        long id = database.id();
        while (true) {
            long after = rooms.spool.cursor(id).passed();
            List<SpooledBatch> batches = rooms.spool.next(id, after, 50, 1 << 20);
            if (batches.isEmpty()) {
                continue;
            }
            rooms.store.write(tx -> {
                rooms.spool.pass(tx, id, batches.getLast().position());
                rooms.ledger.add(tx, id, Account.DELIVERED, Ledger.NO_REASON, batches.size(), 0);
                return null;
            });
        }
    }

    static String body(String key) {
        return ("the body of " + key + " ").repeat(20);
    }
}
