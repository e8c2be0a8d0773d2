package org.svos.telemetry.loader.upload;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.batch.Batches;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.config.ConfigReader;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.record.Records;
import org.svos.telemetry.loader.record.WallClock;
import org.svos.telemetry.loader.spool.NewBatch;
import org.svos.telemetry.loader.spool.RingMark;
import org.svos.telemetry.loader.spool.Round;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.upload.FakeGateway.Reply;

/** Every class of answer in the contract, and what the uploader makes of it. */
class UploaderTest {

    private static final String ONE = "00000000-1111-2222-3333-444444444444";
    private static final String TWO = "ffffffff-1111-2222-3333-444444444444";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final WallClock clock = new WallClock();
    private final Batches batches = new Batches(new Host("h1", null, "boot-1", null, null), 1000, 256 * 1024, clock);
    private FakeGateway gateway;
    private Spool spool;
    private Uploader uploader;
    private long captured;

    @BeforeEach
    void start() throws Exception {
        clock.pair(0, 1_800_000_000_000_000_000L);
        gateway = new FakeGateway();
        spool = Spool.open(
                folder.resolve("spool.db"), "boot-1", new Config.SpoolBounds(100_000_000, Duration.ofDays(14)));
        Files.writeString(folder.resolve("token"), "first\n");
        uploader = new Uploader(config(gateway.url().toString()), spool, "1.0.0");
    }

    @AfterEach
    void stop() throws Exception {
        uploader.close();
        spool.close();
        gateway.close();
    }

    private Config config(String url) throws Exception {
        return config(url, "30s");
    }

    private Config config(String url, String requestTimeout) throws Exception {
        return ConfigReader.read(null, environment(url, requestTimeout));
    }

    private Map<String, String> environment(String url, String requestTimeout) {
        Map<String, String> environment = new HashMap<>();
        environment.put("TELEMETRY_HOST_GATEWAY_URL", url);
        environment.put("TELEMETRY_HOST_GATEWAY_REQUEST_TIMEOUT", requestTimeout);
        environment.put("TELEMETRY_HOST_TOKEN_FILE", folder.resolve("token").toString());
        environment.put("TELEMETRY_HOST_UPLOAD_FIRST_PAUSE", "10ms");
        environment.put("TELEMETRY_HOST_UPLOAD_LONGEST_PAUSE", "50ms");
        environment.put("TELEMETRY_HOST_UPLOAD_PARKED_PAUSE", "300ms");
        return environment;
    }

    private void spool(String sandbox, int events) throws Exception {
        take(sandbox, events);
        Round round = batches.round();
        spool.commit(round, counts(), new RingMark(7, 0));
        batches.committed();
        uploader.wake(round.batches().stream().map(NewBatch::sandbox).toList());
    }

    private void take(String sandbox, int events) {
        for (int i = 0; i < events; i++) {
            ByteBuffer record = Records.message()
                    .numbered(0, ++captured)
                    .sandbox(sandbox)
                    .text("{\"n\":" + captured + "}")
                    .memory();
            batches.take(record, 0, record.capacity());
        }
    }

    private KernelCounts counts() {
        Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
        counts.put(Hook.MESSAGE, new HookCounts(captured, captured, 0, 0, 0, 0));
        return new KernelCounts(counts);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waited too long").isBefore(deadline);
            Thread.sleep(5);
        }
    }

    private void awaitEmptySpool() throws InterruptedException {
        await(() -> spool.events() == 0);
        assertThat(new Balance(counts(), spool.settled()).imbalance()).isZero();
    }

    @Test
    void aBatchIsPostedAsTheContractHasIt() throws Exception {
        spool(ONE, 3);
        awaitEmptySpool();

        FakeGateway.Post post = gateway.posts().getFirst();
        assertThat(post.sandbox()).isEqualTo(ONE);
        assertThat(post.headers())
                .containsEntry("Content-type", "application/json")
                .containsEntry("Content-encoding", "zstd")
                .containsEntry("Authorization", "Bearer first")
                .containsEntry("User-agent", "svos-kernel-telemetry-host/1.0.0");
        assertThat(post.headers().get("Idempotency-key")).matches("\"[\\x21-\\x7E]{1,64}\"");
        assertThat(post.events()).extracting(Event::seq).containsExactly(1L, 2L, 3L);
        assertThat(spool.settled().accepted()).isEqualTo(3);
        assertThat(uploader.count(Outcome.ACCEPTED)).isEqualTo(1);
    }

    @Test
    void whatIsRejectedInA202IsCountedByItsCode() throws Exception {
        gateway.behave(
                post -> new Reply(
                        202,
                        Map.of(),
                        "{\"batch\":\"x\",\"accepted\":2,\"rejected\":[{\"index\":1,\"code\":\"too-long\",\"detail\":{\"a\":[]}}]}"));
        spool(ONE, 3);
        awaitEmptySpool();

        assertThat(spool.settled().accepted()).isEqualTo(2);
        assertThat(spool.settled().rejected()).containsOnly(Map.entry("too-long", 1L));
    }

    @Test
    void afterAFailureTheSameBatchIsPostedAgainUnderTheSameKey() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        gateway.behave(post -> switch (turn.incrementAndGet()) {
            case 1 -> Reply.problem(503, "unavailable");
            case 2 -> Reply.problem(507, "spool-full");
            case 3 -> Reply.problem(429, "quota-exceeded");
            case 4 -> Reply.problem(409, "key-in-use");
            case 5 -> new Reply(202, Map.of(), "<html>a captive portal</html>");
            case 6 -> new Reply(202, Map.of(), "{\"accepted\":1}");
            default ->
                new Reply(
                        200,
                        Map.of("Idempotency-Replayed", "true"),
                        FakeGateway.accept(post).body());
        });
        spool(ONE, 2);
        awaitEmptySpool();

        assertThat(gateway.posts()).hasSize(7);
        assertThat(gateway.posts().stream().map(FakeGateway.Post::key).distinct())
                .hasSize(1);
        assertThat(spool.settled().accepted()).isEqualTo(2);
        assertThat(uploader.count(Outcome.LATER)).isEqualTo(6);
        assertThat(uploader.count(Outcome.REPLAYED)).isEqualTo(1);
    }

    @Test
    void theGatewaysRetryAfterIsNeverUndercut() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        gateway.behave(post -> turn.incrementAndGet() == 1
                ? Reply.problem(429, "quota-exceeded").with("Retry-After", "1")
                : FakeGateway.accept(post));
        Instant began = Instant.now();
        spool(ONE, 1);
        awaitEmptySpool();

        assertThat(Duration.between(began, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aSandboxThatMustWaitKeepsNoOther() throws Exception {
        gateway.behave(post -> post.sandbox().equals(ONE)
                ? Reply.problem(429, "quota-exceeded").with("Retry-After", "3600")
                : FakeGateway.accept(post));
        for (int i = 0; i < 10; i++) {
            spool(ONE, 1);
            spool(TWO, 1);
        }
        await(() -> spool.settled().accepted() == 10);

        assertThat(spool.waiting()).isEqualTo(Set.of(new SandboxId(ONE)));
        LaneState lane = uploader.lanes().getFirst();
        assertThat(lane.why()).contains("429 quota-exceeded");
        assertThat(lane.until()).isAfter(Instant.now().plusSeconds(3500));
    }

    @Test
    void aTokenThatWasReplacedIsTriedAtOnce() throws Exception {
        gateway.behave(post -> "Bearer second".equals(post.headers().get("Authorization"))
                ? FakeGateway.accept(post)
                : Reply.problem(401, "unauthenticated"));
        spool(ONE, 1);
        await(() -> uploader.count(Outcome.UNAUTHENTICATED) == 1);
        assertThat(uploader.lanes().getFirst().why()).contains("401");

        Files.writeString(folder.resolve("token"), "second");

        awaitEmptySpool();
    }

    @Test
    void aMissingTokenIsNamedAndTakenWhenItIsThere() throws Exception {
        Files.delete(folder.resolve("token"));
        spool(ONE, 1);
        await(() -> uploader.lanes().stream().anyMatch(lane -> lane.why() != null));
        assertThat(uploader.lanes().getFirst().why()).contains("token.file").contains(folder.toString());
        assertThat(gateway.posts()).isEmpty();

        Files.writeString(folder.resolve("token"), "late");

        awaitEmptySpool();
    }

    @Test
    void aLaneThatFailedGoesOnByItself() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        gateway.behave(
                post -> turn.incrementAndGet() == 1 ? Reply.problem(400, "malformed-body") : FakeGateway.accept(post));
        take(ONE, 2);
        Round round = batches.round();
        NewBatch sound = round.batches().getFirst();
        NewBatch cannotBeCut =
                new NewBatch(sound.sandbox(), sound.key(), sound.events(), 1, sound.body(), sound.nextSeq());
        spool.commit(new Round(List.of(cannotBeCut), round.taken(), Map.of(), Map.of()), counts(), new RingMark(7, 0));
        uploader.wake(Set.of(sound.sandbox()));

        awaitEmptySpool();
        assertThat(gateway.posts()).hasSize(2);
    }

    @Test
    void anAnswerThatStopsInTheMiddleIsGivenUp() throws Exception {
        uploader.close();
        try (ServerSocket stuck = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Uploader other =
                        new Uploader(config("http://127.0.0.1:" + stuck.getLocalPort(), "300ms"), spool, "1.0.0")) {
            spool(ONE, 1);
            other.start();
            try (Socket post = stuck.accept()) {
                post.getOutputStream()
                        .write("HTTP/1.1 202 Accepted\r\nContent-Length: 99\r\n\r\n{".getBytes(StandardCharsets.UTF_8));
                await(() -> other.lanes().stream().anyMatch(lane -> lane.why() != null));
                assertThat(other.lanes().getFirst().why()).contains("gateway.requestTimeout");
            }
            assertThat(spool.events()).isEqualTo(1);
        }
    }

    @Test
    void aSandboxThatIsNotTakenIsParkedAndTriedSlowly() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        gateway.behave(
                post -> turn.incrementAndGet() < 3 ? Reply.problem(403, "sandbox-unknown") : FakeGateway.accept(post));
        Instant began = Instant.now();
        spool(ONE, 1);
        awaitEmptySpool();

        assertThat(gateway.posts()).hasSize(3);
        assertThat(Duration.between(began, Instant.now())).isGreaterThan(Duration.ofMillis(600));
    }

    @Test
    void aBatchThatIsNeverTakenIsCutDownToTheCulprit() throws Exception {
        gateway.behave(post -> post.events().stream().anyMatch(event -> event.seq() == 5)
                ? Reply.problem(400, "malformed-body")
                : FakeGateway.accept(post));
        spool(ONE, 9);
        awaitEmptySpool();

        assertThat(spool.settled().accepted()).isEqualTo(8);
        assertThat(spool.settled().rejected()).containsOnly(Map.entry("malformed-body", 1L));
        List<Long> accepted = gateway.accepted().stream()
                .flatMap(post -> post.events().stream())
                .map(Event::seq)
                .toList();
        assertThat(accepted).containsExactly(1L, 2L, 3L, 4L, 6L, 7L, 8L, 9L);
        assertThat(gateway.posts().stream().map(FakeGateway.Post::key)).doesNotHaveDuplicates();
    }

    @Test
    void aBatchOverWhatTheQuotaCouldEverHoldIsSentInParts() throws Exception {
        gateway.behave(post ->
                post.events().size() > 3 ? Reply.problem(413, "batch-exceeds-quota") : FakeGateway.accept(post));
        spool(ONE, 10);
        awaitEmptySpool();

        assertThat(spool.settled().accepted()).isEqualTo(10);
    }

    /** Ten events a second for an hour and more, in batches of five as they come: as many posts as that would take an hour. */
    @Test
    void aBacklogIsSentInFewLargeBatches() throws Exception {
        int small = 8_000;
        gateway.behave(post -> Reply.problem(503, "unavailable"));
        spool(ONE, 5);
        await(() -> uploader.count(Outcome.LATER) > 0);
        Batches fives = new Batches(new Host("h1", null, "boot-1", null, null), 5, 256 * 1024, clock);
        for (int i = 0; i < 5 * small; i++) {
            ByteBuffer record =
                    Records.message().numbered(0, ++captured).sandbox(ONE).memory();
            fives.take(record, 0, record.capacity());
        }
        spool.commit(fives.round(), counts(), new RingMark(7, 0));
        Instant began = Instant.now();

        gateway.behave(FakeGateway::accept);
        awaitEmptySpool();

        System.out.printf(
                "%,d events of %,d batches: %d posts in %d ms%n",
                spool.settled().accepted(),
                small + 1,
                gateway.accepted().size(),
                Duration.between(began, Instant.now()).toMillis());
        assertThat(gateway.accepted()).hasSizeLessThan(20);
        assertThat(gateway.accepted().stream().map(FakeGateway.Post::key)).doesNotHaveDuplicates();
        assertThat(spool.settled().accepted()).isEqualTo(5 * small + 5);
        assertThat(gateway.accepted().stream().skip(1).flatMap(post -> post.events().stream()))
                .extracting(Event::seq)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void batchesDoNotGrowBeyondWhatTheGatewayTakes() throws Exception {
        gateway.behave(post -> Reply.problem(503, "unavailable"));
        spool(ONE, 1);
        await(() -> uploader.count(Outcome.LATER) > 0);
        for (int i = 0; i < 100; i++) {
            spool(ONE, 10);
        }
        gateway.behave(post ->
                post.events().size() > 100 ? Reply.problem(413, "batch-exceeds-quota") : FakeGateway.accept(post));
        awaitEmptySpool();

        assertThat(spool.settled().accepted()).isEqualTo(1001);
        // One batch of 1,000 was cut until its parts were small enough, and none as large was made again.
        assertThat(uploader.count(Outcome.REFUSED)).isEqualTo(15);
        assertThat(gateway.accepted().stream().flatMap(post -> post.events().stream()))
                .extracting(Event::seq)
                .isSorted()
                .hasSize(1001);
    }

    @Test
    void otherSettingsAreTakenAtOnceByALaneThatWaits() throws Exception {
        FakeGateway down = new FakeGateway();
        String url = down.url().toString();
        down.close();
        uploader.close();
        Map<String, String> slow = new HashMap<>(environment(url, "30s"));
        slow.put("TELEMETRY_HOST_UPLOAD_FIRST_PAUSE", "1h");
        slow.put("TELEMETRY_HOST_UPLOAD_LONGEST_PAUSE", "1h");
        try (Uploader waits = new Uploader(ConfigReader.read(null, slow), spool, "1.0.0")) {
            spool(ONE, 1);
            waits.start();
            await(() -> waits.lanes().stream().anyMatch(lane -> lane.why() != null));

            waits.settings(config(gateway.url().toString()));

            awaitEmptySpool();
        }
    }

    @Test
    void aGatewayThatIsDownIsNamedAndFoundAgain() throws Exception {
        FakeGateway down = new FakeGateway();
        String url = down.url().toString();
        down.close();
        try (Uploader other = new Uploader(config(url), spool, "1.0.0")) {
            uploader.close();
            spool(ONE, 1);
            other.start();
            await(() -> other.lanes().stream().anyMatch(lane -> lane.why() != null));
            assertThat(other.lanes().getFirst().why()).contains(url).contains("gateway.url");
            assertThat(spool.events()).isEqualTo(1);
        }
    }

    @Test
    void drainingEndsWhenNothingMoreCanBeSentInTime() throws Exception {
        gateway.behave(post -> Reply.problem(429, "quota-exceeded").with("Retry-After", "3600"));
        spool(ONE, 1);
        await(() -> uploader.count(Outcome.LATER) == 1);
        Instant began = Instant.now();

        uploader.drain(Duration.ofSeconds(30));

        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(10));
    }
}
