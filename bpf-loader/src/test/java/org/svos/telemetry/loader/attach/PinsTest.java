package org.svos.telemetry.loader.attach;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where nothing is pinned, and why. What is pinned is shown on a kernel, by RestartTest. */
class PinsTest {

    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(strings = {"4.19.0-27-amd64", "5.10.0-33-amd64", "5.14.21"})
    void aKernelWhoseProbesEndWithTheirProcessIsNamed(String release) throws Exception {
        KernelFixture kernel = new KernelFixture(root);
        kernel.write("proc/sys/kernel/osrelease", release + "\n");

        assertThat(Pins.take(root.resolve("pins"), kernel.files()))
                .isInstanceOfSatisfying(
                        Pins.Taking.Off.class, off -> assertThat(off.why()).contains(release, "5.15"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.15.0-1-amd64", "6.1.0-40-amd64", "10.0"})
    void onLaterOnesTheFolderDecides(String release) throws Exception {
        KernelFixture kernel = new KernelFixture(root);
        kernel.write("proc/sys/kernel/osrelease", release + "\n");

        assertThat(Pins.take(root.resolve("pins"), kernel.files()))
                .isInstanceOfSatisfying(
                        Pins.Taking.Off.class, off -> assertThat(off.why()).contains("no BPF file system"));
    }

    @Test
    void withNoFolderNothingIsPinned() throws Exception {
        assertThat(Pins.take(null, new KernelFixture(root).files())).isInstanceOf(Pins.Taking.Off.class);
    }
}
