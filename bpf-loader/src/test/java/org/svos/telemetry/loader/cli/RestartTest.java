package org.svos.telemetry.loader.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Kind;
import org.svos.telemetry.loader.bpf.BpfHandle;
import org.svos.telemetry.loader.upload.FakeGateway;
import org.svos.telemetry.loader.upload.FakeGateway.Reply;

/** What becomes of events while the loader is killed, restarted and upgraded, on the kernel that this test runs on. */
class RestartTest {

    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";
    private static final Path BPF = Path.of("/sys/fs/bpf");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int RUNS = 100;
    private static final int MESSAGES = 495;
    private static final int EVENTS = RUNS * (MESSAGES + 5);
    private static final int KILLS = 6;

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private FakeGateway gateway;
    private Path pins;

    @BeforeEach
    void start() throws IOException {
        OwnKernel.assumeItCanBeProbed();
        if (!Files.exists(BPF) || !Files.getFileStore(BPF).type().equals("bpf")) {
            System.err.println("NOT RUN, as no BPF file system is mounted on " + BPF);
            Assumptions.abort("no BPF file system is mounted on " + BPF);
        }
        gateway = new FakeGateway();
        Set<String> keys = ConcurrentHashMap.newKeySet();
        gateway.behave(post -> keys.add(post.key()) ? FakeGateway.accept(post) : replayed(post));
        pins = BPF.resolve("svos-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        Files.writeString(folder.resolve("token"), "token");
        environment.put("TELEMETRY_HOST_PINS", pins.toString());
        environment.put("TELEMETRY_HOST_GATEWAY_URL", gateway.url().toString());
        environment.put("TELEMETRY_HOST_TOKEN_FILE", folder.resolve("token").toString());
        environment.put("TELEMETRY_HOST_DATA", folder.resolve("data").toString());
        environment.put("TELEMETRY_HOST_ATTACH_MECHANISM", "uprobe");
        environment.put("TELEMETRY_HOST_ATTACH_LIBRARY", OwnKernel.LIBRARY.toString());
        environment.put("TELEMETRY_HOST_HTTP_PORT", "0");
        environment.put("TELEMETRY_HOST_BATCH_MAX_AGE", "50ms");
    }

    @AfterEach
    void stop() throws IOException {
        if (gateway != null) {
            gateway.close();
            remove(pins);
        }
    }

    /** As the gateway answers a key that it has accepted before. */
    private static Reply replayed(FakeGateway.Post post) {
        return new Reply(
                200,
                Map.of("Idempotency-Replayed", "true"),
                FakeGateway.accept(post).body());
    }

    private static void remove(Path path) throws IOException {
        if (Files.exists(path)) {
            try (Stream<Path> all = Files.walk(path)) {
                for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(one);
                }
            }
        }
    }

    private LoaderProcess run() throws Exception {
        LoaderProcess loader = LoaderProcess.start(folder, environment, "run");
        loader.awaitLine("capturing: ");
        return loader;
    }

    private String detach() throws Exception {
        try (LoaderProcess detach = LoaderProcess.start(folder, environment, "detach")) {
            assertThat(detach.await()).as(detach.output()).isZero();
            return detach.output();
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean() && Instant.now().isBefore(deadline)) {
            Thread.sleep(20);
        }
        assertThat(condition.getAsBoolean()).as("waited long enough").isTrue();
    }

    private int delivered() {
        return gateway.accepted().stream()
                .mapToInt(post -> post.events().size())
                .sum();
    }

    private List<Event> events() {
        return gateway.accepted().stream()
                .flatMap(post -> post.events().stream())
                .toList();
    }

    private static LoaderProcess.Ledger end(LoaderProcess loader) throws Exception {
        loader.terminate();
        assertThat(loader.await()).as(loader.output()).isZero();
        return loader.ledger();
    }

    private static LoaderProcess.Ledger allDelivered(long events) {
        return new LoaderProcess.Ledger(events, events, events, 0, 0, 0);
    }

    private static Long[] numbers(long last) {
        return LongStream.rangeClosed(1, last).boxed().toArray(Long[]::new);
    }

    @Test
    void fiftyThousandEventsWithALoaderThatIsKilledAgainAndAgainAreEachDeliveredOnce() throws Exception {
        AtomicInteger kills = new AtomicInteger();
        Random random = new Random(4);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            LoaderProcess loader = run();
            Future<?> emitting = threads.submit(() -> {
                for (int i = 0; i < RUNS; i++) {
                    // Each loader is killed, and the next one starts, while its share is emitted.
                    while (i >= (kills.get() + 1) * RUNS / KILLS) {
                        Thread.sleep(5);
                    }
                    OwnKernel.callAll(MESSAGES, SANDBOX);
                    Thread.sleep(20);
                }
                return null;
            });
            while (!emitting.isDone()) {
                Thread.sleep(random.nextInt(400));
                loader.kill();
                kills.incrementAndGet();
                loader = run();
            }
            emitting.get();
            await(() -> delivered() >= EVENTS);
            assertThat(end(loader)).as(loader.output()).isEqualTo(allDelivered(EVENTS));
        }
        System.out.printf("%,d events over %d kills: each delivered once%n", EVENTS, kills.get());
        assertThat(kills.get()).isGreaterThanOrEqualTo(KILLS - 1);
        assertThat(events()).extracting(Event::seq).containsExactly(numbers(EVENTS));
        assertThat(events().stream().filter(event -> event.kind() == Kind.MESSAGE))
                .extracting(Event::payload)
                .containsExactlyElementsOf(IntStream.range(0, RUNS)
                        .mapToObj(run -> payloads())
                        .flatMap(List::stream)
                        .toList());
    }

    private static List<String> payloads() {
        return Stream.concat(
                        Stream.of("{\"hello_world\":false}"),
                        IntStream.rangeClosed(1, MESSAGES)
                                .mapToObj(i -> "{\"number\":%d,\"of\":%d}".formatted(i, MESSAGES)))
                .toList();
    }

    @Test
    void whatIsEmittedWhileNoLoaderRunsWaitsInTheRingForTheNext() throws Exception {
        try (LoaderProcess before = run()) {
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 5);
            assertThat(end(before)).isEqualTo(allDelivered(5));
            assertThat(before.output()).contains("stay attached", pins.toString());
        }
        OwnKernel.callAll(1_000, SANDBOX);
        try (LoaderProcess after = run()) {
            await(() -> delivered() == 1_010);
            assertThat(after.output()).contains("Going on with the ring that was pinned in " + pins);
            assertThat(end(after)).isEqualTo(allDelivered(1_010));
        }
        assertThat(events()).extracting(Event::seq).containsExactly(numbers(1_010));
    }

    @Test
    void detachPutsWhatWaitsIntoTheSpoolAndLeavesNothingInTheKernel() throws Exception {
        try (LoaderProcess killed = run()) {
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 5);
            killed.kill();
        }
        OwnKernel.callAll(20, SANDBOX);

        assertThat(detach())
                .contains("25 events that waited in the ring are in the spool now")
                .contains(" events wait in ", "purges the package")
                .contains("detached: 5 links, 5 programs and 6 maps are removed");

        assertThat(pins).doesNotExist();
        OwnKernel.callAll(0, SANDBOX);
        assertThat(detach()).contains("nothing to detach");
        try (LoaderProcess next = run()) {
            await(() -> delivered() == 30);
            assertThat(end(next)).isEqualTo(allDelivered(30));
        }
        assertThat(events()).extracting(Event::seq).containsExactly(numbers(30));
    }

    @Test
    void detachNamesTheProcessThatHoldsWhatItCannotRemove() throws Exception {
        try (LoaderProcess killed = run()) {
            killed.kill();
        }
        try (BpfHandle held = Objects.requireNonNull(BpfHandle.open(pinned("counters")));
                LoaderProcess detach = LoaderProcess.start(folder, environment, "detach")) {
            assertThat(detach.await()).as(detach.output()).isEqualTo(1);
            assertThat(detach.output())
                    .contains("not everything is gone: map " + held.map().id() + "; held by process "
                            + ProcessHandle.current().pid() + " (");
        }
    }

    private Path pinned(String map) throws IOException {
        try (Stream<Path> all = Files.walk(pins)) {
            return all.filter(path -> path.endsWith(map)).findFirst().orElseThrow();
        }
    }

    @Test
    void whatIsInTheRingWhenTheOwnerSwitchesOffIsWithheldAndNothingStaysAttached() throws Exception {
        try (LoaderProcess before = run()) {
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 5);
            end(before);
        }
        OwnKernel.callAll(20, SANDBOX);
        environment.put("TELEMETRY_HOST_OWNER_CAPTURE", "off");
        try (LoaderProcess off = run()) {
            OwnKernel.callAll(0, SANDBOX);
            assertThat(end(off)).isEqualTo(new LoaderProcess.Ledger(30, 30, 5, 0, 0, 0, 25));
            assertThat(off.output()).doesNotContain("stay attached");
        }
        environment.remove("TELEMETRY_HOST_OWNER_CAPTURE");
        try (LoaderProcess on = run()) {
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 10);
            assertThat(end(on)).isEqualTo(new LoaderProcess.Ledger(35, 35, 10, 0, 0, 0, 25));
        }
        assertThat(events()).extracting(Event::seq).containsExactly(numbers(10));
    }

    @Test
    void aLoaderThatRunsKeepsItsPinsFromOthersAndFromDetach() throws Exception {
        try (LoaderProcess loader = run()) {
            try (LoaderProcess detach = LoaderProcess.start(folder, environment, "detach")) {
                assertThat(detach.await()).isEqualTo(ExitCode.FAULT);
                assertThat(detach.output()).contains("a loader is running on");
            }
            environment.put("TELEMETRY_HOST_DATA", folder.resolve("other").toString());
            try (LoaderProcess other = LoaderProcess.start(folder, environment, "run")) {
                assertThat(other.await()).isEqualTo(ExitCode.FAULT);
                assertThat(other.output()).contains("another loader holds the pins in " + pins);
            }
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 5);
            assertThat(end(loader)).isEqualTo(allDelivered(5));
        }
    }

    @Test
    void thePinsOfAnotherSpoolAndOfAnotherLayoutAreReplacedWithAMessage() throws Exception {
        try (LoaderProcess killed = run()) {
            killed.kill();
        }
        Files.createDirectories(pins.resolve("v0"));
        environment.put("TELEMETRY_HOST_DATA", folder.resolve("other").toString());

        try (LoaderProcess other = run()) {
            assertThat(other.output())
                    .contains("The pins in " + pins.resolve("v1") + " are another's")
                    .contains("The pins in " + pins.resolve("v0") + " are of another layout");
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 5);
            assertThat(end(other)).isEqualTo(allDelivered(5));
        }
        assertThat(pins.resolve("v0")).doesNotExist();
    }

    /** As attach-early leaves it: all pinned, the mark beside it, and no spool that knows of the ring. */
    @Test
    void theRingOfEarlyBootBecomesTheFirstLoadersThatComes() throws Exception {
        try (LoaderProcess killed = run()) {
            killed.kill();
        }
        Path mark = Files.createDirectory(pins.resolve("v1").resolve("early"));
        environment.put("TELEMETRY_HOST_DATA", folder.resolve("first").toString());
        OwnKernel.callAll(20, SANDBOX);

        try (LoaderProcess first = run()) {
            assertThat(first.output()).contains("The functions were attached to in early boot");
            assertThat(mark).doesNotExist();
            await(() -> delivered() == 25);
            assertThat(end(first)).isEqualTo(allDelivered(25));
        }
        assertThat(events()).extracting(Event::seq).containsExactly(numbers(25));
    }

    @Test
    void aLinkThatIsGoneIsMadeAnewOnTheSameRing() throws Exception {
        try (LoaderProcess killed = run()) {
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 5);
            killed.kill();
        }
        try (Stream<Path> pinned = Files.list(pins.resolve("v1"))) {
            for (Path link : pinned.filter(path -> path.toString().endsWith("-telemetry_msg"))
                    .toList()) {
                Files.delete(link);
            }
        }

        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 10);
            assertThat(end(loader)).isEqualTo(allDelivered(10));
        }
    }

    @Test
    void withoutABpfFileSystemItCapturesAndSaysThatNothingIsPinned() throws Exception {
        environment.put("TELEMETRY_HOST_PINS", folder.resolve("pins").toString());

        try (LoaderProcess loader = run()) {
            assertThat(loader.output()).contains("Nothing is pinned: ", "is no BPF file system");
            OwnKernel.callAll(0, SANDBOX);
            await(() -> delivered() == 5);
            assertThat(end(loader)).isEqualTo(allDelivered(5));
            assertThat(loader.output()).doesNotContain("stay attached");
        }
    }
}
