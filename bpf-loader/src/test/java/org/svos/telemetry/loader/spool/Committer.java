package org.svos.telemetry.loader.spool;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.Hook;

/** A process that commits rounds for ever, and prints each one's number when it is on disk. To be killed. */
final class Committer {

    static final SandboxId SANDBOX = new SandboxId("00000000-1111-2222-3333-444444444444");

    private Committer() {}

    public static void main(String[] arguments) throws SpoolFault {
        Spool spool = Spool.open(Path.of(arguments[0]), "boot-1", Bounds.ofBytes(Long.MAX_VALUE));
        long next = spool.nextSeqs().getOrDefault(SANDBOX, 1L);
        while (true) {
            NewBatch batch = new NewBatch(SANDBOX, "key-" + next, 1, 100, new byte[500], next + 1);
            Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
            counts.put(Hook.MESSAGE, new HookCounts(next, next, 0, 0, 0, 0));
            spool.commit(
                    new Round(List.of(batch), 1, Map.of(), Map.of()), new KernelCounts(counts), new RingMark(7, 0));
            System.out.println(next);
            next++;
        }
    }
}
