package org.svos.telemetry.loader.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {

    private static final int PATIENCE = 20;

    @TempDir
    Path folder;

    @Test
    void itIsToldWhenTheLoaderIsReadyAndWhenItStops() throws Exception {
        Path path = folder.resolve("notify");
        try (var receiver = new DatagramReceiver(path);
                Supervisor supervisor = Supervisor.of(Map.of("NOTIFY_SOCKET", path.toString()))) {
            supervisor.ready("capturing by kprobe", () -> Duration.ZERO);
            assertThat(receiver.next(PATIENCE)).isEqualTo("READY=1\nSTATUS=capturing by kprobe");
            supervisor.stopping();
            assertThat(receiver.next(PATIENCE)).startsWith("STOPPING=1\n");
        }
    }

    @Test
    void anAbstractNameIsFoundToo() throws Exception {
        String name = "@svos-kernel-telemetry-test-" + ProcessHandle.current().pid();
        try (var receiver = new DatagramReceiver(name);
                Supervisor supervisor = Supervisor.of(Map.of("NOTIFY_SOCKET", name))) {
            supervisor.ready("up", () -> Duration.ZERO);
            assertThat(receiver.next(PATIENCE)).isEqualTo("READY=1\nSTATUS=up");
        }
    }

    @Test
    void itIsToldThatTheLoaderLivesAsLongAsTheRingIsLookedInto() throws Exception {
        Path path = folder.resolve("notify");
        var lastLook = new AtomicReference<>(Duration.ZERO);
        try (var receiver = new DatagramReceiver(path);
                Supervisor supervisor =
                        Supervisor.of(Map.of("NOTIFY_SOCKET", path.toString(), "WATCHDOG_USEC", "90000"))) {
            supervisor.ready("up", lastLook::get);
            assertThat(receiver.next(PATIENCE)).startsWith("READY=1");
            assertThat(receiver.next(PATIENCE)).isEqualTo("WATCHDOG=1");
            assertThat(receiver.next(PATIENCE)).isEqualTo("WATCHDOG=1");

            lastLook.set(Duration.ofMillis(90));
            while (receiver.next(1) != null) {
                // Those that were under way: it becomes silent.
            }
            supervisor.stopping();
            assertThat(receiver.next(PATIENCE)).startsWith("STOPPING=1");
            assertThat(receiver.next(PATIENCE)).as("a stop may take its time").isEqualTo("WATCHDOG=1");
        }
    }

    @Test
    void theWatchdogOfAnotherProcessIsNotFed() throws Exception {
        Path path = folder.resolve("notify");
        try (var receiver = new DatagramReceiver(path);
                Supervisor supervisor = Supervisor.of(
                        Map.of("NOTIFY_SOCKET", path.toString(), "WATCHDOG_USEC", "10000", "WATCHDOG_PID", "1"))) {
            supervisor.ready("up", () -> Duration.ZERO);
            assertThat(receiver.next(PATIENCE)).startsWith("READY=1");
            assertThat(receiver.next(1)).isNull();
        }
    }

    @Test
    void nobodyIsToldWhereNobodyListensAndTheLoaderGoesOn() {
        try (Supervisor none = Supervisor.of(Map.of());
                Supervisor gone = Supervisor.of(
                        Map.of("NOTIFY_SOCKET", folder.resolve("gone").toString()))) {
            for (Supervisor supervisor : new Supervisor[] {none, gone}) {
                supervisor.ready("up", () -> Duration.ZERO);
                supervisor.stopping();
            }
        }
        try (Supervisor tooLong = Supervisor.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)))) {
            tooLong.ready("up", () -> Duration.ZERO);
        }
    }
}
