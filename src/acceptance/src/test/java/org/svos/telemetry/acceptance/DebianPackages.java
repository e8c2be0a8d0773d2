package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The packages of the host's side, made of what was built; once for all tests that look at them.
 *
 * @param host with the host loader
 * @param dkms with the functions' sources
 */
record DebianPackages(Path host, Path dkms) {

    static final String VERSION = "1.0.0~snapshot";

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Path FOLDER = Build.TREE.resolve("src/acceptance/target/debian-packages");

    private static final class Made {
        private static final DebianPackages PACKAGES = make();
    }

    /** Makes them, or finds that this run has made them. */
    static DebianPackages made() {
        return Made.PACKAGES;
    }

    private static DebianPackages make() {
        try {
            Files.createDirectories(FOLDER);
            Files.deleteIfExists(FOLDER.resolve("commands.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run(
                FOLDER.resolve("commands.log"),
                Map.of("JAVA_HOME", System.getProperty("java.home"), "SOURCE_DATE_EPOCH", "1795305600"),
                Build.TREE.resolve("bpf-loader/make-deb").toString(),
                Build.HOST_LOADER.toString(),
                Build.TREE.resolve("bpf-loader/target/native").toString(),
                "1.0.0-SNAPSHOT",
                FOLDER.toString());
        return new DebianPackages(
                FOLDER.resolve("svos-kernel-telemetry-host_" + VERSION + "_amd64.deb"),
                FOLDER.resolve("svos-kernel-telemetry-dkms_" + VERSION + "_all.deb"));
    }

    /** The host's package as a later version has it: with a higher number, and with other settings by a comment. */
    Path laterHost(Path folder) {
        Path log = folder.resolve("later.log");
        Path tree = folder.resolve("later");
        Path later = folder.resolve("later.deb");
        run(log, Map.of(), "dpkg-deb", "--raw-extract", host.toString(), tree.toString());
        try {
            Path control = tree.resolve("DEBIAN/control");
            Files.writeString(control, Files.readString(control).replace("Version: " + VERSION, "Version: 1.0.1"));
            Path settings = tree.resolve("etc/svos-kernel-telemetry-host/config.yaml");
            Files.writeString(settings, Files.readString(settings) + "\n# Of a later version.\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run(log, Map.of(), "dpkg-deb", "--root-owner-group", "-Znone", "--build", tree.toString(), later.toString());
        return later;
    }

    /** Runs a command to its good end; what it wrote into the log, which must not have been there. */
    static String run(Path log, Map<String, String> environment, String... command) {
        try (Child child = Child.start(command[0], log, environment, List.of(command))) {
            int code = child.awaitExit(LIMIT);
            assertThat(code)
                    .as("%s: %s", String.join(" ", command), child.output())
                    .isZero();
            return child.output();
        }
    }
}
