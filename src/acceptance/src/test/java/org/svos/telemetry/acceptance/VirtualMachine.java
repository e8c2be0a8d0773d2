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

    /** What a VM has beside its kernel. */
    private enum UserSpace {
        /** A shell, a Java runtime and the host loader of this build. */
        LOADER(768, Build.HOST_LOADER.toString()),
        /** A Debian with systemd and dpkg. All of it is in memory, and so is what is installed. */
        DEBIAN(1536, "--debian");

        private final int megabytes;
        /** Of build-image. */
        private final String argument;

        UserSpace(int megabytes, String argument) {
            this.megabytes = megabytes;
            this.argument = argument;
        }
    }

    private final Path folder;
    private final UserSpace userSpace;
    private final String image;
    private final int cpus;

    /** One with the host loader in it. Builds the image, or finds it built. */
    VirtualMachine(Path folder, Kernel kernel) {
        this(folder, UserSpace.LOADER, buildImage(folder, kernel, UserSpace.LOADER), 1);
    }

    private VirtualMachine(Path folder, UserSpace userSpace, String image, int cpus) {
        this.folder = folder;
        this.userSpace = userSpace;
        this.image = image;
        this.cpus = cpus;
    }

    /** One with Debian 13, systemd and the telemetry functions in a module, to install packages in. */
    static VirtualMachine withDebian(Path folder) {
        return new VirtualMachine(folder, UserSpace.DEBIAN, buildImage(folder, Kernel.DEBIAN_13, UserSpace.DEBIAN), 1);
    }

    /** The same machine with so many CPUs. */
    VirtualMachine withCpus(int number) {
        return new VirtualMachine(folder, userSpace, image, number);
    }

    private static String buildImage(Path folder, Kernel kernel, UserSpace userSpace) {
        List<String> line =
                List.of(SCRIPTS.resolve("build-image").toString(), "--kernel", kernel.id, userSpace.argument);
        // The script's last line of output is the image's folder.
        try (Child build = Child.start(
                "build-image",
                folder.resolve("build-image-" + kernel.id + ".log"),
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                line)) {
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
        all.put("TELEMETRY_HOST_GATEWAY_URL", fromTheGuest(registered.api().url()));
        all.put("TELEMETRY_HOST_TOKEN_FILE", TOKEN_FILE);
        return run(scenario, all, List.of("--append", append, "--put", token + "=" + TOKEN_FILE));
    }

    /** Boots a machine with Debian, with these files of ours in its /opt, by their names there, and runs a scenario. */
    Run runWith(Map<String, Path> files, String scenario, Map<String, String> environment) {
        List<String> options = new ArrayList<>();
        files.forEach((name, file) -> options.addAll(List.of("--put", file + "=/system/opt/" + name)));
        return run(scenario, environment, options);
    }

    /** The host's loopback interface as QEMU's user network shows it. */
    static String fromTheGuest(String url) {
        return url.replace("127.0.0.1", "10.0.2.2");
    }

    private Run run(String scenario, Map<String, String> environment, List<String> options) {
        List<String> line = new ArrayList<>();
        line.add(SCRIPTS.resolve("run-vm").toString());
        line.addAll(List.of("--timeout", Integer.toString(RUN_SECONDS), "--cpus", Integer.toString(cpus)));
        line.addAll(List.of("--memory", Integer.toString(userSpace.megabytes)));
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
