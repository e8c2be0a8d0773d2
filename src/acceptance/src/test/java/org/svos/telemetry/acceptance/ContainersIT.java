package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.acceptance.chart.OneNode;
import org.testcontainers.containers.Container.ExecResult;

/** Both images, built of the Dockerfile as it is, and run as the chart has them run. */
class ContainersIT {

    private static final Path BPF = Path.of("/sys/fs/bpf");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** 128 and SIGTERM: that of a JVM that was asked to end, and did. */
    private static final int ENDED_AS_ASKED = 143;

    private static final int STOPS = 2;
    private static final int BATCHES_BETWEEN = 200;
    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";

    private static final String VALUES = """
            gateway:
              image: {repository: kernel-telemetry-test/gateway, tag: test}
              lanternRock: {url: "http://lantern-rock:8090"}
              adminToken: {existingSecret: admin}
            bootstrap:
              databases:
                - {name: drivers, owner: me@example.org, size: medium, sandboxes: [%s]}
            host:
              image: {repository: kernel-telemetry-test/host, tag: test}
              token: {existingSecret: host-token}
              settings:
                attach: {mechanism: uprobe, library: /probed/libsvos-telemetry.so}
            """.formatted(SANDBOX);

    @TempDir
    private Path folder;

    @BeforeAll
    static void build(@TempDir Path folder) {
        Engine.start(folder);
        Engine.build("gateway", Site.GATEWAY_IMAGE);
        Engine.build("host", Site.HOST_IMAGE);
    }

    @AfterAll
    static void end() {
        Engine.remove(Site.GATEWAY_IMAGE);
        Engine.remove(Site.HOST_IMAGE);
    }

    @Test
    void theImagesSayWhatTheyAreAndHaveNoShellBeforeTheProgram() {
        ContainerConfig gateway = Engine.configuration(Site.GATEWAY_IMAGE);
        ContainerConfig host = Engine.configuration(Site.HOST_IMAGE);

        assertThat(gateway.getUser()).isEqualTo("10001:10001");
        assertThat(List.of(gateway, host)).allSatisfy(image -> {
            List<String> entrypoint = List.of(Objects.requireNonNull(image.getEntrypoint()));
            assertThat(entrypoint.getFirst()).endsWith("/java/bin/java");
            assertThat(entrypoint).doesNotContain("-c");
            assertThat(Objects.requireNonNull(image.getLabels()))
                    .containsKeys(
                            "org.opencontainers.image.title",
                            "org.opencontainers.image.description",
                            "org.opencontainers.image.licenses",
                            "org.opencontainers.image.version",
                            "org.opencontainers.image.revision");
        });
        assertThat(ports(gateway)).containsExactlyInAnyOrder(8080, 8081);
        assertThat(ports(host)).containsExactly(9466);
    }

    private static List<Integer> ports(ContainerConfig image) {
        return Arrays.stream(Objects.requireNonNull(image.getExposedPorts()))
                .map(port -> port.getPort())
                .toList();
    }

    @Test
    void aGatewayThatIsStoppedUnderLoadAndStartedAgainOnItsVolumeHasLostNothing() throws Exception {
        try (Site site = new Site(folder, VALUES)) {
            Gateway gateway = site.gateway();
            isShutIn(site.latest(), "10001", "0000000000000000");
            probesAreAnswered(site, "StatefulSet");
            bootstrapRegistersAndTheTestOfTheReleaseAgrees(site);

            var tally = new Tally();
            var faults = new Faults();
            var accepted = new Semaphore(0);
            var load = new Load(gateway, site.lanternRock(), new Random(6), tally, faults);
            load.open("roomy", LoadedDatabase.Limits.ROOMY, 3);
            load.open("wide", LoadedDatabase.Limits.ROOMY, 2);
            load.begin(accepted::release);
            for (int i = 0; i < STOPS; i++) {
                assertThat(accepted.tryAcquire(BATCHES_BETWEEN, PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                Contained running = site.latest();
                gateway.terminate();
                assertThat(gateway.awaitExit(PATIENCE)).as(gateway.output()).isEqualTo(ENDED_AS_ASKED);
                assertThat(running.state().getOOMKilled()).isFalse();
                accepted.drainPermits();
                gateway.startAgain();
            }
            assertThat(accepted.tryAcquire(BATCHES_BETWEEN, PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            load.settle();

            assertThat(faults.told()).isEmpty();
            System.out.printf(
                    "%,d events acknowledged over %d stops of the gateway's container, each delivered once; of its 384 MiB"
                            + " it has used %s%n",
                    tally.of("events acknowledged"), STOPS, site.latest().status("VmHWM"));
        }
    }

    private static void isShutIn(Contained container, String user, String capabilities) {
        assertThat(container.status("Uid").split("\\s+", -1)).containsOnly(user);
        assertThat(container.status("CapEff")).isEqualTo(capabilities);
        assertThat(container.status("CapBnd")).isEqualTo(capabilities);
        assertThat(container.status("NoNewPrivs")).isEqualTo("1");
        ExecResult written = container.run("touch", "/opt/written");
        assertThat(written.getStderr()).contains("Read-only file system");
    }

    private static void probesAreAnswered(Site site, String kind) {
        List<String> probes = site.node().run(kind).probes();

        assertThat(probes).isNotEmpty();
        for (String probe : probes) {
            int slash = probe.indexOf('/');
            String url = "http://127.0.0.1:" + site.port(probe.substring(0, slash)) + probe.substring(slash);
            assertThat(Http.get(url, Map.of()).status()).as(url).isEqualTo(200);
        }
    }

    private static void bootstrapRegistersAndTheTestOfTheReleaseAgrees(Site site) {
        Contained job = site.start("Job", List.of());
        assertThat(job.awaitExit(PATIENCE)).as(job.output()).isZero();
        assertThat(job.output()).contains("drivers");
        assertThat(site.gateway()
                        .admin("GET", "/api/v1/databases/drivers/sandboxes", "")
                        .body())
                .contains(SANDBOX);

        Contained test = site.start("Pod", List.of());
        assertThat(test.awaitExit(PATIENCE)).as(test.output()).isZero();
    }

    @Test
    void aHostLoaderWithTheTwoCapabilitiesCapturesWhileItsContainerIsReplaced() throws Exception {
        Path pins = ownPlaceForPins();
        try (Site site = new Site(folder, VALUES)) {
            Registered database = site.gateway().register("replaced");
            ProbedLibrary library = prepare(site, database, pins);
            OneNode.Run run = site.node().run("DaemonSet");

            Contained first = capturing(site, run, library);
            isShutIn(first, "0", capabilities());
            probesAreAnswered(site, "DaemonSet");
            library.runExample(45, database.sandbox());
            site.lanternRock().awaitInOrder(database.database(), 50);
            assertThat(first.run("svos-kernel-telemetry-host", "doctor", "--config", config(run))
                            .getStdout())
                    .contains("nothing is lacking");
            assertThat(first.run("svos-kernel-telemetry-host", "status", "--config", config(run))
                            .getStdout())
                    .contains("seen 50, captured 50, accepted 50");
            System.out.println("the host loader's container has used " + first.status("VmHWM") + " of its 128 MiB");

            assertThat(first.stop()).as(first.output()).isZero();
            library.runExample(45, database.sandbox());
            Contained second = capturing(site, run, library);
            library.runExample(45, database.sandbox());
            site.lanternRock().awaitInOrder(database.database(), 150);
            assertThat(second.stop()).as(second.output()).isZero();
            assertThat(second.output()).contains("ledger: seen 150, captured 150, accepted 150");
            assertThat(second.state().getOOMKilled()).isFalse();

            var detach = new OneNode.Run(
                    run.image(), List.of("detach", "--config", config(run)), run.environment(), List.of(), run.spec());
            Contained detached = site.start(detach, List.of(), ContainersIT::withNamedCapabilities);
            assertThat(detached.awaitExit(PATIENCE)).as(detached.output()).isZero();
            assertThat(pins).isEmptyDirectory();
        } finally {
            remove(pins);
        }
    }

    /** CAP_PERFMON and CAP_BPF; or what stood for them in older kernels, CAP_SYS_ADMIN. */
    private static String capabilities() {
        return Engine.knowsTheCapabilitiesOfBpf() ? "000000c000000000" : "0000000000200000";
    }

    /** A folder of the BPF file system that is shown to the container as all of it. */
    private static Path ownPlaceForPins() throws IOException {
        if (!Files.exists(BPF) || !Files.getFileStore(BPF).type().equals("bpf") || !Files.isWritable(BPF)) {
            System.err.println("NOT RUN, as no BPF file system that this test may write to is mounted on " + BPF);
            Assumptions.abort("no BPF file system that this test may write to is mounted on " + BPF);
        }
        return Files.createDirectory(
                BPF.resolve("svos-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime()));
    }

    private ProbedLibrary prepare(Site site, Registered database, Path pins) throws IOException {
        OneNode node = site.node();
        node.secret("host-token", "token", database.secret());
        node.path(
                "/var/lib/svos-kernel-telemetry-host",
                Files.createDirectory(folder.resolve("spool")).toString());
        node.path("/sys/fs/bpf", pins.toString());
        node.path("/sys/kernel/tracing", "/sys/kernel/tracing");
        node.path(
                "/etc/machine-id",
                Files.writeString(folder.resolve("machine-id"), "0123456789abcdef0123456789abcdef\n")
                        .toString());
        return ProbedLibrary.copyTo(Files.createDirectory(folder.resolve("probed")));
    }

    private static Contained capturing(Site site, OneNode.Run run, ProbedLibrary library) {
        Contained loader = site.start(run, List.of(), command -> {
            var host = Objects.requireNonNull(command.getHostConfig());
            Bind[] binds = Stream.concat(
                            Arrays.stream(host.getBinds()),
                            Stream.of(new Bind(library.folder().toString(), new Volume("/probed"), AccessMode.ro)))
                    .toArray(Bind[]::new);
            host.withBinds(binds);
            withNamedCapabilities(command);
        });
        Eventually.within(PATIENCE, () -> {
            loader.requireAlive();
            assertThat(loader.output()).contains("capturing: by uprobe");
        });
        return loader;
    }

    private static void withNamedCapabilities(CreateContainerCmd command) {
        if (!Engine.knowsTheCapabilitiesOfBpf()) {
            System.err.println(
                    "CAP_SYS_ADMIN STANDS IN for CAP_BPF and CAP_PERFMON, which this container engine does not know");
            Objects.requireNonNull(command.getHostConfig()).withCapAdd(Capability.SYS_ADMIN);
        }
    }

    private static String config(OneNode.Run run) {
        return run.arguments().getLast();
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
