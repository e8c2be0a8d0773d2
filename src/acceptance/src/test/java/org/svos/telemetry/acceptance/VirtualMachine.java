package org.svos.telemetry.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A VM whose kernel has kprobes and the telemetry functions, with the host loader in it. */
final class VirtualMachine {

    private static final Path SCRIPTS = Build.TREE.resolve("src/acceptance/vm");

    /** The first build of an image fetches a kernel, or compiles one: ten minutes of CPU time. */
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(45);

    private static final int RUN_SECONDS = 420;

    private static final AtomicInteger RUNS = new AtomicInteger();

    /** Where the host loader looks for its token in the VM. */
    private static final String TOKEN_FILE = "/etc/svos-kernel-telemetry-host/token";

    /** The kernels that a VM can boot. */
    enum Kernel {
        /** Debian 12's, with the functions in a module that Debian 12's DKMS builds. */
        DEBIAN_12("debian-12"),
        /** The same of Debian 13. */
        DEBIAN_13("debian-13"),
        /** Debian 12's source with the patch series: the functions are the kernel's own. */
        PATCHED("patched");

        /** As build-image knows it. */
        private final String id;

        Kernel(String id) {
            this.id = id;
        }

        @Override
        public String toString() {
            return id;
        }
    }

    private final Path folder;
    private final String image;
    private final int cpus;

    /** Builds the image, or finds it built. */
    VirtualMachine(Path folder, Kernel kernel) {
        this(folder, buildImage(folder, kernel), 1);
    }

    private VirtualMachine(Path folder, String image, int cpus) {
        this.folder = folder;
        this.image = image;
        this.cpus = cpus;
    }

    /** The same machine with so many CPUs. */
    VirtualMachine withCpus(int number) {
        return new VirtualMachine(folder, image, number);
    }

    private static String buildImage(Path folder, Kernel kernel) {
        // The script's last line of output is the image's folder.
        try (Child build = Child.start(
                "build-image",
                folder.resolve("build-image-" + kernel.id + ".log"),
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                List.of(
                        SCRIPTS.resolve("build-image").toString(),
                        "--kernel",
                        kernel.id,
                        Build.HOST_LOADER.toString()))) {
            if (build.awaitExit(BUILD_LIMIT) != 0) {
                throw new IllegalStateException("the VM's image was not built:\n" + build.output());
            }
            return build.output().lines().reduce((first, second) -> second).orElseThrow();
        }
    }

    /** What a scenario printed, and how it ended. */
    record Run(int exitCode, String console) {

        /** The first line that begins so. */
        String line(String beginning) {
            return lines(beginning).stream()
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no line \"" + beginning + "\" in:\n" + console));
        }

        /** The lines that begin so. */
        List<String> lines(String beginning) {
            return console.lines().filter(line -> line.startsWith(beginning)).toList();
        }
    }

    /** Boots, runs a scenario with a host loader that posts to this gateway with this token, and waits for its end. */
    Run run(String scenario, Registered registered, Map<String, String> environment) {
        return run(scenario, registered, environment, "");
    }

    /** The same with more on the kernel's command line. */
    Run run(String scenario, Registered registered, Map<String, String> environment, String append) {
        Path token = registered.writeToken(folder);
        Map<String, String> all = new TreeMap<>(environment);
        // The host's loopback interface, as QEMU's user network shows it.
        all.put("TELEMETRY_HOST_GATEWAY_URL", registered.gateway().url().replace("127.0.0.1", "10.0.2.2"));
        all.put("TELEMETRY_HOST_TOKEN_FILE", TOKEN_FILE);
        return run(scenario, all, List.of("--append", append, "--put", token + "=" + TOKEN_FILE));
    }

    private Run run(String scenario, Map<String, String> environment, List<String> options) {
        List<String> line = new ArrayList<>();
        line.add(SCRIPTS.resolve("run-vm").toString());
        line.addAll(List.of("--timeout", Integer.toString(RUN_SECONDS), "--cpus", Integer.toString(cpus)));
        environment.forEach((name, value) -> line.addAll(List.of("--env", name + "=" + value)));
        line.addAll(options);
        line.addAll(List.of(image, scenario));
        try (Child vm = Child.start("the VM", console(scenario), Map.of(), line)) {
            int exitCode = vm.awaitExit(Duration.ofSeconds(RUN_SECONDS + 30));
            return new Run(exitCode, vm.output());
        }
    }

    /** A file of its own for each run. */
    private Path console(String scenario) {
        return folder.resolve(scenario + "-" + RUNS.incrementAndGet() + ".console");
    }
}
