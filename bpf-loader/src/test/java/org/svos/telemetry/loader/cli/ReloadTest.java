package org.svos.telemetry.loader.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.loader.upload.FakeGateway;

/** Settings that change under a loader that runs. */
class ReloadTest {

    private static final String ONE = "00000000-1111-2222-3333-444444444444";
    private static final String TWO = "ffffffff-1111-2222-3333-444444444444";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private Path file;
    private FakeGateway gateway;

    @BeforeEach
    void start() throws IOException {
        OwnKernel.assumeItCanBeProbed();
        gateway = new FakeGateway();
        file = folder.resolve("config.yaml");
        Files.writeString(folder.resolve("token"), "token");
        environment.put("TELEMETRY_HOST_TOKEN_FILE", folder.resolve("token").toString());
        environment.put("TELEMETRY_HOST_DATA", folder.resolve("data").toString());
        environment.put("TELEMETRY_HOST_ATTACH_MECHANISM", "uprobe");
        environment.put("TELEMETRY_HOST_ATTACH_LIBRARY", OwnKernel.LIBRARY.toString());
        environment.put("TELEMETRY_HOST_HTTP_PORT", "0");
        environment.put("TELEMETRY_HOST_BATCH_MAX_AGE", "50ms");
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void settings(String yaml) throws IOException {
        Files.writeString(file, yaml);
    }

    private LoaderProcess run() throws Exception {
        LoaderProcess loader = LoaderProcess.start(folder, environment, "run", "--config", file.toString());
        loader.awaitLine("capturing: ");
        return loader;
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.call()) {
            assertThat(Instant.now()).as("waited too long").isBefore(deadline);
            Thread.sleep(10);
        }
    }

    /** Has the file read again, and waits for the line of the log that has that text. */
    private static void reload(LoaderProcess loader, String until) throws Exception {
        int before = loader.output().length();
        loader.reload();
        await(() -> loader.output().substring(before).contains(until));
    }

    private List<Event> events(String sandbox) {
        return gateway.accepted().stream()
                .filter(post -> post.sandbox().equals(sandbox))
                .flatMap(post -> post.events().stream())
                .toList();
    }

    private static LoaderProcess.Ledger end(LoaderProcess loader) throws Exception {
        loader.terminate();
        assertThat(loader.await()).as(loader.output()).isZero();
        return loader.ledger();
    }

    @Test
    void anotherGatewayIsTakenAtOnceAFaultChangesNothingAndWhatOnlyARestartTakesIsNamed() throws Exception {
        Path path = folder.resolve("notify");
        environment.put("NOTIFY_SOCKET", path.toString());
        settings("gateway:\n  url: http://127.0.0.1:1\nupload:\n  firstPause: 1h\n  longestPause: 1h\n");
        try (var supervisor = new DatagramReceiver(path);
                LoaderProcess loader = run()) {
            assertThat(supervisor.next(60)).startsWith("READY=1");
            OwnKernel.callAll(0, ONE);
            await(() -> loader.output().contains("http://127.0.0.1:1 cannot be reached"));

            settings("gateway:\n  ulr: " + gateway.url() + "\n");
            reload(loader, "The settings are as they were");
            assertThat(loader.output()).contains("config.yaml line 2: there is no setting gateway.ulr");
            assertThat(supervisor.next(60)).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
            assertThat(supervisor.next(60)).isEqualTo("READY=1\nSTATUS=capturing by uprobe");
            assertThat(gateway.posts()).isEmpty();

            settings("gateway:\n  url: " + gateway.url() + "\nring:\n  size: 1MiB\n");
            reload(loader, "Only a restart takes what is new of ring.size.");
            assertThat(loader.output())
                    .contains("new are gateway.url, upload.firstPause, upload.longestPause.")
                    .doesNotContain("new are ring");
            await(() -> events(ONE).size() == 5);
            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(5, 5, 5, 0, 0, 0));
        }
    }

    @Test
    void theOwnerSwitchesCaptureOffAndOnAndDeniesASandboxWhileItRuns() throws Exception {
        environment.put("TELEMETRY_HOST_GATEWAY_URL", gateway.url().toString());
        settings("owner:\n  capture: on\n");
        try (LoaderProcess loader = run()) {
            OwnKernel.callAll(0, ONE);
            await(() -> events(ONE).size() == 5);

            settings("owner:\n  capture: off\n");
            reload(loader, "Nothing is attached any more");
            OwnKernel.callAll(0, ONE);

            settings("owner:\n  denySandboxes: [" + TWO + "]\n");
            reload(loader, "The functions are attached to again");
            OwnKernel.callAll(0, TWO);
            OwnKernel.callAll(0, ONE);
            await(() -> events(ONE).size() == 10);

            assertThat(end(loader)).isEqualTo(new LoaderProcess.Ledger(15, 15, 10, 0, 0, 0, 5));
        }
        assertThat(events(ONE))
                .extracting(Event::seq)
                .containsExactly(LongStream.rangeClosed(1, 10).boxed().toArray(Long[]::new));
        assertThat(events(TWO)).isEmpty();
    }
}
