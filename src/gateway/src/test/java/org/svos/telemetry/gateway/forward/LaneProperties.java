package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.springframework.util.FileSystemUtils;
import org.svos.telemetry.gateway.forward.ScriptedLanternRock.Act;
import org.svos.telemetry.gateway.forward.ScriptedLanternRock.Crash;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.registry.Database;

/** Whatever Lantern Rock answers and whenever the lane breaks off: each event has one outcome, and the order is kept. */
class LaneProperties {

    private static final Path data = folder();
    private static final LaneFixture fixture = new LaneFixture(data);
    private static int databases;

    private static Path folder() {
        try {
            return Files.createTempDirectory("lane");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterContainer
    static void close() throws IOException {
        fixture.close();
        FileSystemUtils.deleteRecursively(data);
    }

    /** What one run is made of: sizes of the batches, the bad events, the answers, and where other applications begin. */
    record Run(List<Integer> batches, Set<Long> poison, List<Act> script, Set<Long> registers) {

        long events() {
            return batches.stream().mapToInt(Integer::intValue).sum();
        }
    }

    @Provide
    Arbitrary<Run> runs() {
        Arbitrary<List<Integer>> batches =
                Arbitraries.integers().between(1, 9).list().ofMinSize(1).ofMaxSize(6);
        Arbitrary<Set<Long>> seqs = Arbitraries.longs().between(1, 40).set().ofMaxSize(6);
        Arbitrary<List<Act>> scripts = Arbitraries.of(Act.class).list().ofMaxSize(40);
        return batches.flatMap(sizes -> seqs.flatMap(poison -> scripts.flatMap(
                script -> seqs.map(registers -> new Run(sizes, new TreeSet<>(poison), script, registers)))));
    }

    @Property(tries = 150)
    void everyEventIsDeliveredOrDeadExactlyOnceAndInOrder(@ForAll("runs") Run run) throws InterruptedException {
        Database database = fixture.register("lab-" + ++databases);
        ScriptedLanternRock lanternRock = fixture.lanternRock;
        lanternRock.kept.clear();
        lanternRock.poison.clear();
        lanternRock.poison.addAll(run.poison());
        long seq = 1;
        for (int i = 0; i < run.batches().size(); i++) {
            int size = run.batches().get(i);
            fixture.admit(database, "k" + i, body(seq, size, run.registers()));
            seq += size;
        }
        lanternRock.script.clear();
        lanternRock.script.addAll(run.script());

        carryAll(database);

        List<Long> delivered = lanternRock.seqs();
        List<Long> dead = fixture.deadLetters(database).stream()
                .map(letter -> Long.valueOf(letter.substring(0, letter.indexOf(' '))))
                .toList();
        assertThat(delivered).isSorted().doesNotHaveDuplicates();
        assertThat(dead).isSorted().doesNotHaveDuplicates();
        assertThat(Stream.concat(delivered.stream(), dead.stream()).sorted())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, run.events()).boxed().toList());
        Totals totals = fixture.rooms.ledger.of(database.id());
        assertThat(totals.delivered()).isEqualTo(delivered.size());
        assertThat(totals.deadLettered()).isEqualTo(dead.size());
        assertThat(totals.waiting()).isZero();
        assertThat(totals.imbalance()).isZero();
    }

    /** Goes on until nothing waits; after a crash, with a lane that remembers nothing. */
    private static void carryAll(Database database) throws InterruptedException {
        Lane lane = new Lane(database.id(), fixture.shared);
        while (true) {
            try {
                fixture.carryAll(lane);
                return;
            } catch (Crash e) {
                lane = new Lane(database.id(), fixture.shared);
            }
        }
    }

    private static String body(long first, int size, Set<Long> registers) {
        var events = new ArrayList<String>();
        for (long seq = first; seq < first + size; seq++) {
            events.add(
                    registers.contains(seq)
                            ? LaneFixture.event(seq, "register", "\"name\":\"app" + seq + "\"")
                            : LaneFixture.message(seq));
        }
        return LaneFixture.batch(events.toArray(String[]::new));
    }
}
