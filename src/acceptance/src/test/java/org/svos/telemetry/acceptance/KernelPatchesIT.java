package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a kernel's maintainer would ask of the patch series, of the kernel sources of Debian 12, 13 and its backports. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelPatchesIT {

    /** The first time three sources and the compilers are fetched; what was found is kept. */
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private static final int SOURCES = 3;

    private final Path folder;
    private String report = "";

    KernelPatchesIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeAll
    void check() {
        try (Child check = Child.start(
                "check-series",
                folder.resolve("check-series.log"),
                Map.of(),
                List.of(Build.TREE.resolve("src/acceptance/vm/check-series").toString()))) {
            int exitCode = check.awaitExit(LIMIT);
            report = check.output();
            assertThat(exitCode).as(report).isZero();
        }
    }

    private long lines(String ending) {
        return report.lines()
                .filter(line -> line.matches("linux-source-[0-9.]+: " + ending))
                .distinct()
                .count();
    }

    @Test
    void theSeriesAppliesToEachSource() {
        assertThat(lines("the patches apply")).as(report).isEqualTo(SOURCES);
    }

    @Test
    void theKernelsOwnChecksOfStyleAndDocumentationFindNothing() {
        assertThat(lines("checkpatch --strict: 0 errors, 0 warnings, 0 checks"))
                .as(report)
                .isEqualTo(SOURCES);
        assertThat(lines("kernel-doc -none -Wall: nothing")).as(report).isEqualTo(SOURCES);
    }

    @Test
    void gccAndClangBuildItWithoutAWarning() {
        assertThat(lines("gcc W=1: no warning, five functions, \\d+ bytes of text"))
                .as(report)
                .isEqualTo(SOURCES);
        assertThat(lines("clang W=1: no warning, five functions, \\d+ bytes of text"))
                .as(report)
                .isEqualTo(SOURCES);
    }

    @Test
    void withoutTheOptionTheCallsAreNoByteOfText() {
        assertThat(lines("(gcc|clang), CONFIG_TELEMETRY=n: five calls, 0 bytes of text, no symbol"))
                .as(report)
                .isEqualTo(2 * SOURCES);
    }
}
