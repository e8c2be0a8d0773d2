package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.gateway.registry.Database;

/** Gaps in a stream's sequence numbers, whatever the order in which its batches come. */
class SequenceProperties {

    private static final Host HOST = new Host("h1", null, "b1", null, null);

    /** A stretch of consecutive events, which comes or is lost. */
    record Stretch(int events, boolean comes) {}

    @Provide
    Arbitrary<List<Stretch>> stretches() {
        return Arbitraries.integers()
                .between(1, 9)
                .flatMap(events -> Arbitraries.of(true, true, true, false).map(comes -> new Stretch(events, comes)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(30);
    }

    @Property(tries = 25)
    void whatIsMissingBetweenTheLowestAndTheHighestIsTheGapInAnyOrder(
            @ForAll("stretches") List<Stretch> stretches, @ForAll Random random) throws IOException {
        long missing = 0;
        long missingSinceLastCame = 0;
        boolean any = false;
        long seq = 1;
        List<long[]> batches = new ArrayList<>();
        for (Stretch stretch : stretches) {
            if (stretch.comes) {
                batches.add(new long[] {seq, stretch.events});
                missing += any ? missingSinceLastCame : 0;
                missingSinceLastCame = 0;
                any = true;
            } else {
                missingSinceLastCame += stretch.events;
            }
            seq += stretch.events;
        }
        Collections.shuffle(batches, random);
        assertThat(gapAfter(batches)).isEqualTo(missing);
    }

    private static long gapAfter(List<long[]> batches) throws IOException {
        Path data = Files.createTempDirectory("sequence");
        try (Rooms rooms = new Rooms(data)) {
            Database database = rooms.register("lab", Rooms.QUOTA, Rooms.sandbox(1));
            for (long[] batch : batches) {
                Outcome outcome = rooms.admission.admit(Rooms.batch(
                        database,
                        Rooms.sandbox(1),
                        "from-" + batch[0],
                        "body",
                        Rooms.summary(HOST, null, batch[0], (int) batch[1], List.of())));
                assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
            }
            return rooms.ledger.of(database.id()).sequenceGaps();
        } finally {
            Folders.delete(data);
        }
    }
}
