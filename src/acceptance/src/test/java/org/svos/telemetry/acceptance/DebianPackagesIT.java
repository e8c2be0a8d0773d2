package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The packages of the host's side: made, held against Debian's own checks, unpacked, and started from where they were unpacked. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DebianPackagesIT {

    private static final double MOST_EXPOSURE = 3.0;

    private final Path folder;
    private final Path host;
    private final Path dkms;
    private int commands;

    DebianPackagesIT(@TempDir Path folder) {
        this.folder = folder;
        this.host = DebianPackages.made().host();
        this.dkms = DebianPackages.made().dkms();
    }

    @BeforeAll
    void unpack() {
        run(Map.of(), "dpkg-deb", "-x", host.toString(), folder.resolve("host").toString());
        run(Map.of(), "dpkg-deb", "-x", dkms.toString(), folder.resolve("dkms").toString());
    }

    /** Runs a command to its good end; what it wrote. */
    private String run(Map<String, String> environment, String... command) {
        commands++;
        return DebianPackages.run(folder.resolve("command-" + commands + ".log"), environment, command);
    }

    @Test
    void lintianFindsNothing() {
        for (Path each : List.of(host, dkms)) {
            assertThat(run(Map.of(), "lintian", "--allow-root", "--tag-display-limit", "0", each.toString()))
                    .isBlank();
        }
    }

    @Test
    void theHostNeedsNoJava() {
        assertThat(run(Map.of(), "dpkg-deb", "-f", host.toString(), "Depends"))
                .contains("libbpf1", "libc6")
                .doesNotContain("jre", "jdk", "java");
        assertThat(program("version")).isEqualToIgnoringNewLines("1.0.0-SNAPSHOT");
    }

    /** The archive knows the files that it was made of by their size and time: packing must not have touched them. */
    @Test
    void itStartsFromItsArchiveOfClassesWhereverItIsUnpacked() {
        assertThat(program("version", "-XX:AOTMode=on")).isEqualToIgnoringNewLines("1.0.0-SNAPSHOT");
    }

    private String program(String command, String... options) {
        return run(
                Map.of("TELEMETRY_HOST_JAVA_OPTIONS", String.join(" ", options), "JAVA_HOME", "/nowhere"),
                folder.resolve("host/usr/sbin/svos-kernel-telemetry-host").toString(),
                command);
    }

    @Test
    void theSettingsAreAConffileWithEveryDefault() throws IOException {
        assertThat(run(Map.of(), "dpkg-deb", "--info", host.toString(), "conffiles"))
                .isEqualToIgnoringNewLines("/etc/svos-kernel-telemetry-host/config.yaml");
        assertThat(Files.readString(folder.resolve("host/etc/svos-kernel-telemetry-host/config.yaml")))
                .isEqualTo(program("config"));
    }

    @Test
    void systemdTakesTheUnitAndFindsLittleThatItMay() throws IOException {
        Path unit = folder.resolve("svos-kernel-telemetry-host.service");
        String text = Files.readString(folder.resolve("host/lib/systemd/system/svos-kernel-telemetry-host.service"));
        Files.writeString(unit, text.replace("ExecStart=/", "ExecStart=" + folder.resolve("host") + "/"));

        assertThat(run(Map.of(), "systemd-analyze", "verify", "--man=no", unit.toString()))
                .isBlank();
        String security = run(Map.of(), "systemd-analyze", "security", "--offline=true", unit.toString());
        double exposure = Pattern.compile("exposure level for .*: ([0-9.]+)")
                .matcher(security)
                .results()
                .map((MatchResult found) -> found.group(1))
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElseThrow();
        System.out.println("systemd-analyze security: exposure " + exposure + " of 10");
        assertThat(exposure).as(security).isLessThanOrEqualTo(MOST_EXPOSURE);
    }

    @Test
    void theModulesPackageHasAllThatDkmsBuildsThemOf() throws IOException {
        Path sources = folder.resolve("dkms/usr/src/svos-kernel-telemetry-1.0.0");
        Path tree = Build.TREE.resolve("bpf-loader/kernel");
        for (String part : List.of("include", "telemetry", "example", "Kbuild", "Makefile", "check-symbols")) {
            try (Stream<Path> files = Files.walk(tree.resolve(part))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(sources.resolve(tree.relativize(file).toString()))
                            .hasSameBinaryContentAs(file);
                }
            }
        }
        assertThat(sources.resolve("dkms.conf")).content().contains("PACKAGE_VERSION=\"1.0.0\"");
    }
}
