package org.svos.telemetry.loader.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.event.Kind;
import org.svos.telemetry.loader.upload.FakeGateway;
import org.svos.telemetry.loader.upload.FakeGateway.Reply;

/** The whole loader, from calls in other processes to a gateway, on the kernel that this test runs on. */
class LoaderOnThisKernelTest {

    private static final String ONE = "00000000-1111-2222-3333-444444444444";
    private static final String TWO = "ffffffff-1111-2222-3333-444444444444";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private FakeGateway gateway;

    @BeforeEach
    void start() throws IOException {
        OwnKernel.assumeItCanBeProbed();
        gateway = new FakeGateway();
        Files.writeString(folder.resolve("token"), "token");
        environment.put("TELEMETRY_HOST_GATEWAY_URL", gateway.url().toString());
        environment.put("TELEMETRY_HOST_TOKEN_FILE", folder.resolve("token").toString());
        environment.put("TELEMETRY_HOST_DATA", folder.resolve("data").toString());
        environment.put("TELEMETRY_HOST_ATTACH_MECHANISM", "uprobe");
        environment.put("TELEMETRY_HOST_ATTACH_LIBRARY", OwnKernel.LIBRARY.toString());
        environment.put("TELEMETRY_HOST_HTTP_PORT", "0");
        environment.put("TELEMETRY_HOST_BATCH_MAX_AGE", "50ms");
        environment.put("TELEMETRY_HOST_HOST_NAME", "lab-17");
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private LoaderProcess run() throws Exception {
        LoaderProcess loader = LoaderProcess.start(folder, environment, "run");
        loader.awaitLine("capturing: ");
        return loader;
    }

    @Test
    void whoStartedItHearsThatItCapturesThatItLivesAndThatItEnds() throws Exception {
        Path path = folder.resolve("notify");
        environment.put("NOTIFY_SOCKET", path.toString());
        environment.put("WATCHDOG_USEC", "300000");
        try (var supervisor = new DatagramReceiver(path)) {
            LoaderProcess loader = run();
            assertThat(supervisor.next(60)).isEqualTo("READY=1\nSTATUS=capturing by uprobe");
            assertThat(supervisor.next(60)).isEqualTo("WATCHDOG=1");
            end(loader);
            String last = supervisor.next(60);
            while ("WATCHDOG=1".equals(last)) {
                last = supervisor.next(60);
            }
            assertThat(last).startsWith("STOPPING=1\n");
        }
    }

    private static LoaderProcess.Ledger end(LoaderProcess loader) throws Exception {
        loader.terminate();
        assertThat(loader.await()).as(loader.output()).isZero();
        LoaderProcess.Ledger ledger = loader.ledger();
        assertThat(ledger.captured())
                .isEqualTo(ledger.accepted() + ledger.rejected() + ledger.withheld() + ledger.waiting());
        return ledger;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waited too long").isBefore(deadline);
            Thread.sleep(10);
        }
    }

    private List<Event> events(String sandbox) {
        return gateway.accepted().stream()
                .filter(post -> post.sandbox().equals(sandbox))
                .flatMap(post -> post.events().stream())
                .toList();
    }

    private static Long[] numbers(long last) {
        return LongStream.rangeClosed(1, last).boxed().toArray(Long[]::new);
    }

    @Test
    void theSeedsExampleArrivesWholeAndTheLedgerAddsUp() throws Exception {
        Instant began = Instant.now();
        try (LoaderProcess loader = run()) {
            assertThat(loader.awaitLine("capturing: ")).contains("uprobe").contains("register_telemetry");
            OwnKernel.callAll(0, ONE);
            await(() -> events(ONE).size() == 5);

            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(5, 5, 5, 0, 0, 0));
        }
        assertThat(events(ONE))
                .extracting(Event::kind)
                .containsExactly(Kind.REGISTER, Kind.SESSION_BEGIN, Kind.MESSAGE, Kind.SESSION_END, Kind.UNREGISTER);
        assertThat(events(ONE)).extracting(Event::seq).containsExactly(numbers(5));
        assertThat(events(ONE)).extracting(Event::name).containsExactly("hello", "startup", "loaded", null, null);
        Event message = events(ONE).get(2);
        assertThat(message.payload()).isEqualTo("{\"hello_world\":false}");
        assertThat(message.comm()).isEqualTo("telemetry-examp");
        assertThat(message.time()).isBetween(began, Instant.now());
        FakeGateway.Post post = gateway.accepted().getFirst();
        assertThat(post.summary().host()).satisfies(host -> {
            assertThat(host.name()).isEqualTo("lab-17");
            assertThat(host.id()).isNotBlank();
            assertThat(host.bootId()).hasSize(36);
            assertThat(host.kernel()).isNotBlank();
        });
        assertThat(post.summary().lost()).isNotNull();
    }

    @Test
    void fiveThousandCallsOfTwoProcessesAreAllCapturedInOrder() throws Exception {
        try (LoaderProcess loader = run()) {
            Thread other = Thread.ofVirtual().start(() -> call(TWO));
            OwnKernel.callAll(2_500, ONE);
            other.join();
            await(() -> events(ONE).size() + events(TWO).size() == 5_010);

            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(5_010, 5_010, 5_010, 0, 0, 0));
        }
        for (String sandbox : List.of(ONE, TWO)) {
            assertThat(events(sandbox)).extracting(Event::seq).containsExactly(numbers(2_505));
            assertThat(events(sandbox).get(3).payload()).isEqualTo("{\"number\":1,\"of\":2500}");
            assertThat(events(sandbox).get(2_502).payload()).isEqualTo("{\"number\":2500,\"of\":2500}");
        }
    }

    private static void call(String sandbox) {
        try {
            OwnKernel.callAll(2_500, sandbox);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatTheGatewayDoesNotTakeWaitsOnDiskForTheNextRunWithTheNumbersGoingOn() throws Exception {
        gateway.behave(post -> Reply.problem(503, "unavailable").with("Retry-After", "3600"));
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(0, ONE);
            await(() -> !gateway.posts().isEmpty());
            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(5, 5, 0, 0, 5, 0));
        }
        gateway.behave(FakeGateway::accept);
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(0, ONE);
            await(() -> events(ONE).size() == 10);
            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(10, 10, 10, 0, 0, 0));
        }
        assertThat(events(ONE)).extracting(Event::seq).containsExactly(numbers(10));
    }

    @Test
    void afterKillNineWhatWasSpooledIsSentOnce() throws Exception {
        gateway.behave(post -> Reply.problem(503, "unavailable"));
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(100, ONE);
            await(() -> status(loader).contains("spool: 105 events"));
            loader.kill();
        }
        gateway.behave(FakeGateway::accept);
        try (LoaderProcess loader = run()) {
            await(() -> events(ONE).size() == 105);
            LoaderProcess.Ledger ledger = end(loader);
            assertThat(ledger.accepted()).isEqualTo(105);
        }
        try (Stream<Path> left = Files.list(folder.resolve("data"))) {
            // The host's ID is kept there where the machine has none.
            assertThat(left.map(file -> file.getFileName().toString()).filter(name -> !name.equals("host-id")))
                    .containsExactlyInAnyOrder("lock", "spool.db");
        }
        assertThat(events(ONE)).extracting(Event::seq).containsExactly(numbers(105));
    }

    @Test
    void whatTheOwnerWithholdsIsCountedAndNeverSent() throws Exception {
        environment.put("TELEMETRY_HOST_OWNER_DENY_SANDBOXES", TWO);
        environment.put("TELEMETRY_HOST_OWNER_DROP_FIELDS", "of, hello_world");
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(0, TWO);
            OwnKernel.callAll(2, ONE);
            await(() -> events(ONE).size() == 7 && status(loader).contains("withheld: sandbox 5"));
            assertThat(status(loader))
                    .contains("owner: 1 sandboxes are not captured (owner.denySandboxes): " + TWO)
                    .contains(
                            "owner: payloads lose the fields of, hello_world (owner.dropFields); 0 payloads withheld");
            assertThat(get(loader, "/metrics")).contains("telemetry_host_withheld_total{reason=\"sandbox\"} 5");
            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(12, 12, 7, 0, 0, 0, 5));
        }
        assertThat(events(TWO)).isEmpty();
        assertThat(events(ONE)).extracting(Event::payload).contains("{}", "{\"number\":1}", "{\"number\":2}");
    }

    @Test
    void withCaptureOffNothingIsAttachedAndNothingIsSeen() throws Exception {
        environment.put("TELEMETRY_HOST_OWNER_CAPTURE", "off");
        try (LoaderProcess loader = run()) {
            assertThat(loader.awaitLine("capturing: ")).contains("nothing", "owner.capture");
            OwnKernel.callAll(0, ONE);
            assertThat(status(loader)).containsPattern("capture is off since 2\\d{3}-.*Z \\(setting owner.capture\\)");
            assertThat(get(loader, "/metrics")).contains("telemetry_host_attach_info{mechanism=\"off\"} 1");
            assertThat(get(loader, "/health")).isEqualTo("ok\n");
            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(0, 0, 0, 0, 0, 0));
        }
        assertThat(gateway.posts()).isEmpty();
    }

    @Test
    void aRingThatIsTooSmallLosesAndCountsEveryLostCall() throws Exception {
        environment.put("TELEMETRY_HOST_RING_SIZE", "4KiB");
        environment.put("TELEMETRY_HOST_BATCH_MAX_AGE", "5s");
        LoaderProcess.Ledger ledger;
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(3_000, ONE);
            ledger = end(loader);
        }
        assertThat(ledger.seen()).isEqualTo(3_005);
        assertThat(ledger.lost()).isPositive();
        assertThat(ledger.captured() + ledger.lost()).isEqualTo(3_005);
        assertThat(ledger.accepted()).isEqualTo(ledger.captured());
        assertThat(events(ONE)).extracting(Event::seq).containsExactly(numbers(ledger.captured()));
    }

    @Test
    void aCallWhoseSandboxCannotBeReadIsLostAndReportedWithTheNextBatch() throws Exception {
        Function sessionEnd =
                NativeLibrary.getInstance(OwnKernel.LIBRARY.toString()).getFunction("svos_session_end");
        try (LoaderProcess loader = run()) {
            sessionEnd.invokeVoid(new Object[] {null});
            OwnKernel.callAll(0, ONE);
            await(() -> events(ONE).size() == 5);
            assertThat(get(loader, "/metrics")).contains("telemetry_host_lost_total{reason=\"probeFault\"} 1");
            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(6, 5, 5, 0, 0, 1));
        }
        assertThat(gateway.accepted().getLast().summary().lost()).isEqualTo(new HostLoss(0, 1, 0, 0, 0));
    }

    @Test
    void whatTheStormGuardHoldsBackIsAnnouncedAndReportedWithTheNextBatch() throws Exception {
        environment.put("TELEMETRY_HOST_GUARD_EVENTS_PER_SECOND", "100");
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(2_000, ONE);
            await(() -> said(loader, "The storm guard holds back what is over 100 events a second"));
            assertThat(loader.output()).containsPattern("the most of sandbox " + ONE + " \\(1\\d\\d\\d\\)");
            OwnKernel.callAll(0, TWO);
            await(() -> events(TWO).size() == 5);

            LoaderProcess.Ledger ledger = end(loader);
            assertThat(events(ONE)).extracting(Event::kind).endsWith(Kind.SESSION_END, Kind.UNREGISTER);
            assertThat(ledger.seen()).isEqualTo(2_010);
            assertThat(ledger.lost()).isBetween(1_000L, 1_905L);
            assertThat(ledger.captured() + ledger.lost()).isEqualTo(2_010);
            assertThat(gateway.accepted().getLast().summary().lost())
                    .isEqualTo(new HostLoss(0, 0, 0, ledger.lost(), 0));
        }
    }

    private static boolean said(LoaderProcess loader, String text) {
        try {
            return loader.output().contains(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theKernelsLedgerIsShownByHookAndByCpuAndAddsUp() throws Exception {
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(20, ONE);
            await(() -> events(ONE).size() == 25);

            assertThat(status(loader).lines())
                    .anyMatch(line -> line.matches("hook telemetry_msg +seen 21, captured 21, ring full 0, "
                            + "probe fault 0, recursion 0, throttled 0"))
                    .anyMatch(line -> line.matches("cpu \\d+ +seen \\d+, captured \\d+, .*"))
                    .noneMatch(line -> line.startsWith("IMBALANCE"));
            assertThat(get(loader, "/metrics"))
                    .contains("telemetry_host_ledger_imbalance_events{sum=\"kernel\"} 0")
                    .contains("telemetry_host_ledger_imbalance_events{sum=\"loader\"} 0")
                    .contains("telemetry_host_truncated_total{text=\"payload\"} 0");
            end(loader);
        }
    }

    @Test
    void callsWithNoSandboxIdAreRejectedByTheLoaderAndCounted() throws Exception {
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(0, "not-a-sandbox-id");
            await(() -> status(loader).contains("rejected: invalid-sandbox-id 5"));
            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(5, 5, 0, 5, 0, 0));
        }
        assertThat(gateway.posts()).isEmpty();
    }

    @Test
    void theLoopbackPortHasEveryMetricOfTheContract() throws Exception {
        try (LoaderProcess loader = run()) {
            String metrics = get(loader, "/metrics");
            for (String name : List.of(
                    "telemetry_host_seen_total{hook=\"telemetry_msg\"} 0",
                    "telemetry_host_captured_total{hook=\"register_telemetry\"} 0",
                    "telemetry_host_lost_total{reason=\"ringFull\"} 0",
                    "telemetry_host_spool_bytes 0",
                    "telemetry_host_upload_total{outcome=\"accepted\"} 0",
                    "telemetry_host_attach_info{mechanism=\"uprobe\"} 1",
                    "telemetry_host_last_drain_age_seconds ")) {
                assertThat(metrics).contains("\n" + name);
            }
            assertThat(get(loader, "/health")).isEqualTo("ok\n");
            end(loader);
        }
    }

    @Test
    void aSecondLoaderOnTheSameFolderIsRefused() throws Exception {
        try (LoaderProcess first = run();
                LoaderProcess second = LoaderProcess.start(folder, environment, "run")) {
            assertThat(second.await()).isEqualTo(ExitCode.FAULT);
            assertThat(second.output()).contains("another loader runs on");
            end(first);
        }
    }

    @Test
    void statusTellsOfALoaderThatRanAndDetachFindsNothingLeft() throws Exception {
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(0, ONE);
            await(() -> events(ONE).size() == 5);
            end(loader);
        }
        try (LoaderProcess status = LoaderProcess.start(folder, environment, "status")) {
            assertThat(status.await()).isZero();
            assertThat(status.output()).contains("not running\n");
            assertThat(status.ledger()).isEqualTo(new LoaderProcess.Ledger(5, 5, 5, 0, 0, 0));
        }
        // Not beside it: whoever asks whether a loader runs holds its folder for a moment.
        try (LoaderProcess detach = LoaderProcess.start(folder, environment, "detach")) {
            assertThat(detach.await()).isZero();
            assertThat(detach.output()).contains("nothing to detach");
        }
    }

    private static String status(LoaderProcess loader) {
        try {
            return get(loader, "/status");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String get(LoaderProcess loader, String path) throws IOException, InterruptedException {
        String line = loader.awaitLine("capturing: ");
        String url = line.substring(line.indexOf("http://"), line.length() - "/status".length()) + path;
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
