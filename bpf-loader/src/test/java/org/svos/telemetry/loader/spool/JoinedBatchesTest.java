package org.svos.telemetry.loader.spool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.Hook;

/** Which of the batches that wait become one, and that none does that may have been sent. */
class JoinedBatchesTest {

    private static final SandboxId ONE = new SandboxId("00000000-1111-2222-3333-444444444444");
    private static final SandboxId TWO = new SandboxId("ffffffff-1111-2222-3333-444444444444");
    private static final int ROOM = 1024 * 1024;

    @TempDir
    Path folder;

    private Spool spool;
    private int number;

    @BeforeEach
    void start() throws SpoolFault {
        open("boot-1");
    }

    @AfterEach
    void stop() throws SpoolFault {
        spool.close();
    }

    private void open(String boot) throws SpoolFault {
        spool = Spool.open(folder.resolve("spool.db"), boot, Bounds.ofBytes(100_000_000));
    }

    private void reopen(String boot) throws SpoolFault {
        spool.close();
        open(boot);
    }

    private NewBatch batch(SandboxId sandbox, int events, String head) {
        StringBuilder body = new StringBuilder("{\"host\":\"" + head + "\",\"events\":[");
        for (int i = 0; i < events; i++) {
            body.append(i == 0 ? "\n" : ",\n")
                    .append("{\"seq\":")
                    .append(++number)
                    .append('}');
        }
        body.append("\n],\"lost\":").append(number).append('}');
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        return new NewBatch(sandbox, "key-" + number, events, bytes.length, Zstd.compress(bytes), number + 1);
    }

    private void spool(NewBatch... batches) throws SpoolFault {
        long taken = List.of(batches).stream().mapToLong(NewBatch::events).sum();
        spool.commit(new Round(List.of(batches), taken, Map.of(), Map.of()), captured(number), new RingMark(7, 0));
    }

    private void spool(int... events) throws SpoolFault {
        for (int of : events) {
            spool(batch(ONE, of, "h1"));
        }
    }

    private static KernelCounts captured(long events) {
        Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
        counts.put(Hook.MESSAGE, new HookCounts(events, events, 0, 0, 0, 0));
        return new KernelCounts(counts);
    }

    private SpooledBatch next(int events) throws SpoolFault {
        return requireNonNull(spool.next(ONE, events, ROOM));
    }

    private static String body(SpooledBatch batch) {
        byte[] body = Zstd.decompress(batch.body(), batch.bytes());
        assertThat(body).hasSize(batch.bytes());
        return new String(body, StandardCharsets.UTF_8);
    }

    private void requireThatAllAddsUp() throws SpoolFault {
        assertThat(new Balance(captured(number), spool.settled()).imbalance()).isZero();
        long bytes = spool.bytes();
        long events = spool.events();
        reopen("boot-1");
        assertThat(spool.bytes()).isEqualTo(bytes);
        assertThat(spool.events()).isEqualTo(events);
    }

    @Test
    void whatWaitsBecomesOneInItsOrderUnderAKeyOfItsOwn() throws SpoolFault {
        spool(2, 1, 3);

        SpooledBatch one = next(100);

        assertThat(body(one)).isEqualTo("""
                {"host":"h1","events":[
                {"seq":1},
                {"seq":2},
                {"seq":3},
                {"seq":4},
                {"seq":5},
                {"seq":6}
                ],"lost":6}""");
        assertThat(one.events()).isEqualTo(6);
        assertThat(one.key()).doesNotStartWith("key-");
        assertThat(spool.events()).isEqualTo(6);
        requireThatAllAddsUp();
        assertThat(next(100).key()).as("after a restart").isEqualTo(one.key());
        spool.accepted(one, 6, Map.of());
        assertThat(spool.next(ONE, 100, ROOM)).isNull();
    }

    @Test
    void noneIsLargerThanItMayBe() throws SpoolFault {
        spool(2, 2, 2, 9, 1);

        List<Integer> events = new ArrayList<>();
        for (SpooledBatch next = spool.next(ONE, 5, ROOM); next != null; next = spool.next(ONE, 5, ROOM)) {
            events.add(next.events());
            spool.accepted(next, next.events(), Map.of());
        }
        assertThat(events).containsExactly(4, 2, 9, 1);

        spool(2, 2);
        assertThat(requireNonNull(spool.next(ONE, 100, 60)).events())
                .as("in 60 bytes")
                .isEqualTo(2);
    }

    @Test
    void whatWasHandedOutStaysAsItIs() throws SpoolFault {
        spool(1);
        SpooledBatch first = next(100);
        spool.leave(first);
        spool(1, 1);

        assertThat(next(100).key()).as("while it is not settled").isEqualTo(first.key());
        spool.accepted(first, 1, Map.of());
        assertThat(next(100).events()).isEqualTo(2);
    }

    @Test
    void whatAnEarlierRunMayHaveSentStaysAsItIs() throws SpoolFault {
        spool(1, 1, 1);
        spool(batch(TWO, 1, "h1"), batch(TWO, 1, "h1"));

        reopen("boot-1");

        SpooledBatch first = next(100);
        assertThat(first.key()).isEqualTo("key-1");
        spool.accepted(first, 1, Map.of());
        assertThat(next(100).events()).isEqualTo(2);
        assertThat(requireNonNull(spool.next(TWO, 100, ROOM)).key()).isEqualTo("key-4");
    }

    @Test
    void whatWasCutIsNotJoinedAgain() throws SpoolFault {
        spool(4, 1);
        SpooledBatch whole = next(100);
        spool.replace(whole, whole.halves());

        SpooledBatch half = next(100);

        assertThat(half.events()).isEqualTo(2);
        spool.accepted(half, 2, Map.of());
        assertThat(next(100).events()).isEqualTo(3);
        requireThatAllAddsUp();
    }

    @Test
    void ofAnotherBootOrAnotherLoaderIsAnotherBatch() throws SpoolFault {
        spool(1);
        spool(batch(ONE, 1, "h1 upgraded"), batch(ONE, 1, "h1 upgraded"));
        assertThat(next(100).events()).isEqualTo(1);
        spool.accepted(next(100), 1, Map.of());
        reopen("boot-2");
        spool(1, 1);

        spool.accepted(next(100), 1, Map.of());
        SpooledBatch last = next(100);
        assertThat(last.boot()).isEqualTo("boot-1");
        assertThat(last.events()).isEqualTo(1);
        spool.accepted(last, 1, Map.of());
        assertThat(next(100).events()).isEqualTo(2);
    }

    @Test
    void oneThatIsTornIsLeftToTheGatewayAlone() throws SpoolFault {
        spool(1);
        spool(new NewBatch(ONE, "torn", 1, 10, new byte[10], ++number));

        assertThat(next(100).key()).isEqualTo("key-1");
    }
}
