package org.svos.telemetry.loader.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.loader.attach.KernelFiles;
import org.svos.telemetry.loader.attach.Lack;
import org.svos.telemetry.loader.attach.Preflight;
import org.svos.telemetry.loader.config.Config;

/** How the process ends, and what it says, where it cannot capture. */
class ExitCodeTest {

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void settings() {
        environment.put("TELEMETRY_HOST_DATA", folder.resolve("data").toString());
        environment.put("TELEMETRY_HOST_ATTACH_MECHANISM", "uprobe");
        environment.put("TELEMETRY_HOST_ATTACH_LIBRARY", OwnKernel.LIBRARY.toString());
        // Any: the default may be another loader's on this machine.
        environment.put("TELEMETRY_HOST_HTTP_PORT", "0");
    }

    private String endsWith(int code, String... arguments) throws IOException, InterruptedException {
        return endsWith(code, List.of(), List.of(arguments));
    }

    private String endsWith(int code, List<String> wrapper, List<String> arguments)
            throws IOException, InterruptedException {
        try (LoaderProcess loader = LoaderProcess.start(folder, environment, wrapper, arguments)) {
            assertThat(loader.await()).as(loader.output()).isEqualTo(code);
            assertThat(loader.output()).doesNotContain("\tat ");
            return loader.output();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "doctor"})
    void withoutLibbpfItEndsWithThreeAndSaysWhatToInstall(String command) throws Exception {
        environment.put("TELEMETRY_HOST_ATTACH_LIBBPF", "libbpf.so.99");

        assertThat(endsWith(ExitCode.CANNOT_BE_PROBED, command))
                .contains("lacking: no libbpf: libbpf.so.99")
                .contains("apt-get install libbpf1");
    }

    @Test
    void aPortThatIsTakenIsSaidAndNothingIsCaptured() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            environment.put("TELEMETRY_HOST_HTTP_PORT", String.valueOf(taken.getLocalPort()));

            assertThat(endsWith(ExitCode.FAULT, "run"))
                    .contains("cannot listen on", "http.port")
                    .doesNotContain("capturing:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "doctor"})
    void onAKernelWithoutTheFunctionsItEndsWithThreeAndNamesEach(String command) throws Exception {
        environment.put("TELEMETRY_HOST_ATTACH_MECHANISM", "kprobe");
        List<Lack> lacks = Preflight.look(
                        new Config.Attach(Config.Attach.Mechanism.KPROBE, null, "libbpf.so.1"),
                        KernelFiles.OF_THIS_MACHINE)
                .lacks();
        if (lacks.stream().noneMatch(Lack.NoFunction.class::isInstance)) {
            System.err.println("NOT RUN, as this kernel has the telemetry functions");
            Assumptions.abort("this kernel has the telemetry functions");
        }

        String output = endsWith(ExitCode.CANNOT_BE_PROBED, command);

        assertThat(output).contains("lacking: no function telemetry_msg", "modprobe telemetry");
        lacks.forEach(lack -> assertThat(output).contains(lack.line()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "doctor"})
    void withoutPrivilegeItEndsWithThreeAndNamesTheCapabilities(String command) throws Exception {
        if (!OwnKernel.isRoot()) {
            System.err.println("NOT RUN, as only root can give its privileges up");
            Assumptions.abort("only root can give its privileges up");
        }
        List<String> unprivileged =
                List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--clear-groups");

        assertThat(endsWith(ExitCode.CANNOT_BE_PROBED, unprivileged, List.of(command)))
                .contains("lacking: no privilege: the process lacks CAP_BPF and CAP_PERFMON");
    }

    @Test
    void withoutTheLibraryItEndsWithThreeAndNamesTheSetting() throws Exception {
        environment.put(
                "TELEMETRY_HOST_ATTACH_LIBRARY", folder.resolve("none.so").toString());

        assertThat(endsWith(ExitCode.CANNOT_BE_PROBED, "run"))
                .contains("no library at " + folder.resolve("none.so"))
                .contains("attach.library");
    }

    @Test
    void aLibraryWithoutTheFunctionsIsRefusedWithWhatLibbpfSaid() throws Exception {
        OwnKernel.assumeItCanBeProbed();
        environment.put(
                "TELEMETRY_HOST_ATTACH_LIBRARY",
                Path.of(System.getProperty("java.home"), "lib", "libjava.so").toString());

        assertThat(endsWith(ExitCode.CANNOT_BE_PROBED, "run"))
                .contains("the kernel refused: attaching a uprobe of register_telemetry")
                .contains("libbpf: ");
    }

    @Test
    void badSettingsEndItWithTwo() throws Exception {
        Path file = Files.writeString(folder.resolve("config.yaml"), "gatway:\n  url: http://a:1\n");

        assertThat(endsWith(ExitCode.BAD_CONFIGURATION, "run", "--config", file.toString()))
                .contains("line 2", "gatway.url", "did you mean gateway.url?");
        assertThat(endsWith(ExitCode.BAD_CONFIGURATION, "run", "--config", "/nowhere/config.yaml"))
                .contains("/nowhere/config.yaml");
        assertThat(endsWith(ExitCode.BAD_CONFIGURATION, "--check", "--config", file.toString()))
                .contains("gatway.url");
    }

    @Test
    void goodSettingsAreCheckedAndNothingIsStarted() throws Exception {
        Path file = Files.writeString(folder.resolve("config.yaml"), "gateway:\n  url: https://gateway:8443\n");

        assertThat(endsWith(ExitCode.AS_ASKED, "--check", "--config", file.toString()))
                .contains("good", file.toString(), "https://gateway:8443");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "walk", "run --fast", "run --config"})
    void aCommandThatThereIsNotEndsWithTwoAndTheUsage(String line) throws Exception {
        List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" ", -1));

        assertThat(endsWith(ExitCode.BAD_CONFIGURATION, List.of(), arguments)).contains("doctor", "Exit codes");
    }

    @Test
    void detachFindsNothingWhereNothingRan() throws Exception {
        assertThat(endsWith(ExitCode.AS_ASKED, "detach")).contains("nothing to detach");
        assertThat(endsWith(ExitCode.AS_ASKED, "status")).contains("never ran");
        assertThat(endsWith(ExitCode.AS_ASKED, "config")).contains("gateway:");
    }
}
