package org.svos.telemetry.loader.attach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The in-tree patches and the sources of the modules are the same, and it is said when they are not. */
class PatchSeriesTest {

    private static final Path KERNEL = Path.of("kernel");

    @TempDir
    Path copy;

    private record Check(int exitCode, String said) {}

    @BeforeEach
    void copyTheSources() throws IOException {
        try (Stream<Path> files = Files.walk(KERNEL)) {
            for (Path file : files.toList()) {
                Path target = copy.resolve(KERNEL.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static Check check(Path kernel) throws Exception {
        Process process = new ProcessBuilder(
                        kernel.resolve("make-patches").toAbsolutePath().toString(), "--check")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Check(process.waitFor(), said);
    }

    @Test
    void thePatchesBringTheSourcesThatTheModulesAreBuiltOf() throws Exception {
        Check check = check(KERNEL);

        assertThat(check.exitCode()).as(check.said()).isZero();
    }

    @Test
    void aSourceThatWasChangedSinceIsNamed() throws Exception {
        Files.writeString(
                copy.resolve("telemetry/native.c"),
                "/* One more. */\n",
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND);

        Check check = check(copy);

        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.said())
                .contains("patches/ brings another telemetry/native.c")
                .doesNotContain("version.h");
    }

    @Test
    void aFileThatOnlyThePatchesHaveIsNamed() throws Exception {
        Path last = copy.resolve("patches/0003-debian-Enable-kernel-telemetry-in-svos_next.patch");
        Files.writeString(last, Files.readString(last).replace("svos_next_defconfig.fix", "another.fix"));

        Check check = check(copy);

        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.said()).contains("patches/ also brings ./debian/configs/another.fix");
    }

    @Test
    void thePackageOfTheModulesHasTheVersionOfTheHeader() throws Exception {
        String version = Files.readAllLines(KERNEL.resolve("include/linux/telemetry/version.h")).stream()
                .filter(line -> line.matches("#define TELEMETRY_VERSION_(MAJOR|MINOR|PATCH)\\s+\\d+"))
                .map(line -> line.replaceAll(".*\\s", ""))
                .collect(Collectors.joining("."));

        assertThat(Files.readString(KERNEL.resolve("dkms.conf"))).contains("PACKAGE_VERSION=\"" + version + "\"");
    }
}
