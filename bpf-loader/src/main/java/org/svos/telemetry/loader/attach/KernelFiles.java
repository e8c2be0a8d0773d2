package org.svos.telemetry.loader.attach;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.svos.telemetry.loader.record.Hook;

/**
 * What the kernel says of itself in files.
 *
 * @param root of the file system: {@code /}, or a folder made by a test
 */
public record KernelFiles(Path root) {

    private static final Pattern RELEASE = Pattern.compile("^(\\d{1,3})\\.(\\d{1,3})");

    /** The module that has the five functions, where they are not built in. */
    static final String MODULE = "telemetry";

    /** This machine's. */
    public static final KernelFiles OF_THIS_MACHINE = new KernelFiles(Path.of("/"));

    /** Whether perf_event_open knows that kind of probe. */
    boolean hasProbes(String kind) {
        return Files.exists(probes(kind));
    }

    /** The file whose absence says that the kernel has not that kind of probe. */
    Path probes(String kind) {
        return root.resolve("sys/bus/event_source/devices/" + kind);
    }

    /** Whether lockdown is at its strictest. A kernel without lockdown has no such file. */
    boolean isConfidential() {
        return read("sys/kernel/security/lockdown").contains("[confidentiality]");
    }

    /** The mode of lockdown, empty in a kernel without it. */
    String lockdown() {
        String modes = read("sys/kernel/security/lockdown");
        int from = modes.indexOf('[') + 1;
        int to = modes.indexOf(']', from);
        return from > 0 && to > from ? modes.substring(from, to) : "";
    }

    /** The kernel's release, such as 6.1.0-40-amd64. */
    String release() {
        return read("proc/sys/kernel/osrelease").strip();
    }

    /** Whether the kernel counts, where it can be read, the calls that it keeps from a probe's program: from 6.7 on. */
    boolean tellsWhatItMissed() {
        return isAtLeast(6, 7);
    }

    /** Whether a probe can be a link, which can be pinned and so outlive its process: from 5.15 on. */
    boolean keepsProbes() {
        return isAtLeast(5, 15);
    }

    private boolean isAtLeast(int major, int minor) {
        Matcher release = RELEASE.matcher(release());
        if (!release.find()) {
            return false;
        }
        int itsMajor = Integer.parseInt(release.group(1));
        return itsMajor > major || (itsMajor == major && Integer.parseInt(release.group(2)) >= minor);
    }

    /** Whether a BPF file system is mounted in its usual place. */
    boolean hasBpffs() {
        return read("proc/self/mounts").lines().anyMatch(line -> line.matches("\\S+ /sys/fs/bpf bpf .*"));
    }

    /** The effective capabilities of this process, a bit each. */
    long capabilities() {
        return read("proc/self/status")
                .lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(
                        line.substring("CapEff:".length()).strip(), 16))
                .findFirst()
                .orElse(0L);
    }

    OptionalInt perfEventParanoid() {
        String level = read("proc/sys/kernel/perf_event_paranoid").strip();
        return level.matches("-?\\d{1,3}") ? OptionalInt.of(Integer.parseInt(level)) : OptionalInt.empty();
    }

    /**
     * The functions of the hooks' names in the kernel.
     *
     * @param addresses of each, in hexadecimal digits; all zero where the kernel does not show them
     * @param inModule how many of them are the telemetry module's
     */
    record Functions(Map<Hook, List<String>> addresses, Map<Hook, Integer> inModule) {

        /** How many there are of each. */
        Map<Hook, Integer> counts() {
            Map<Hook, Integer> counts = new EnumMap<>(Hook.class);
            addresses.forEach((hook, found) -> counts.put(hook, found.size()));
            return counts;
        }

        /** Whether the kernel itself has all five, so that no module need be waited for. */
        boolean areBuiltIn() {
            return inModule.isEmpty() && addresses.values().stream().noneMatch(List::isEmpty);
        }

        /** Hooks whose functions have one address: the compiler found them alike and made one of them. */
        List<List<Hook>> shared() {
            Map<String, List<Hook>> byAddress = new TreeMap<>();
            addresses.forEach((hook, found) -> found.stream()
                    .filter(address -> !address.matches("0+"))
                    .forEach(address -> byAddress
                            .computeIfAbsent(address, _ -> new ArrayList<>())
                            .add(hook)));
            return byAddress.values().stream().filter(hooks -> hooks.size() > 1).toList();
        }
    }

    /** Looks for the functions of the hooks' names. */
    Functions functions() {
        Map<String, Hook> byName = new HashMap<>();
        Map<Hook, List<String>> addresses = new EnumMap<>(Hook.class);
        Map<Hook, Integer> inModule = new EnumMap<>(Hook.class);
        Hook.ALL.forEach(hook -> {
            byName.put(hook.function(), hook);
            addresses.put(hook, new ArrayList<>());
        });
        try (BufferedReader symbols =
                Files.newBufferedReader(root.resolve("proc/kallsyms"), StandardCharsets.ISO_8859_1)) {
            for (String line = symbols.readLine(); line != null; line = symbols.readLine()) {
                Hook hook = byName.get(function(line));
                if (hook != null) {
                    addresses.getOrDefault(hook, new ArrayList<>()).add(line.substring(0, line.indexOf(' ')));
                    if (line.endsWith("[" + MODULE + "]")) {
                        inModule.merge(hook, 1, Integer::sum);
                    }
                }
            }
        } catch (IOException e) {
            // A kernel without the file has no symbols to attach to by name.
            return new Functions(addresses, inModule);
        }
        return new Functions(addresses, inModule);
    }

    /** Whether the telemetry module is loaded. What is built into the kernel has no such state, though it may have the folder. */
    boolean isModuleLoaded() {
        return Files.exists(root.resolve("sys/module/" + MODULE + "/initstate"));
    }

    /** Whether the kernel itself has all five functions, so that no module need be waited for. */
    boolean hasFunctionsBuiltIn() {
        // Asked first, as it is quickly answered.
        return !isModuleLoaded() && functions().areBuiltIn();
    }

    /** Which loading of the telemetry module this is, another each time; 0 while it is not loaded. */
    long moduleLoading() {
        try {
            // Its folder's inode: the kernel numbers them in turn.
            return (Long) Files.getAttribute(root.resolve("sys/module/" + MODULE), "unix:ino");
        } catch (IOException e) {
            return 0;
        }
    }

    /** Where tracefs may be mounted. */
    List<Path> tracing() {
        return List.of(root.resolve("sys/kernel/tracing"), root.resolve("sys/kernel/debug/tracing"));
    }

    /**
     * The name in a line {@code ADDRESS TYPE NAME[\tMODULE]}, empty if it is no function's. There are some 100,000 lines,
     * so nothing is split that need not be.
     */
    private static String function(String line) {
        int type = line.indexOf(' ') + 1;
        int name = type + 2;
        if (type == 0 || name >= line.length() || (line.charAt(type) != 't' && line.charAt(type) != 'T')) {
            return "";
        }
        int end = line.indexOf('\t', name);
        return end < 0 ? line.substring(name) : line.substring(name, end);
    }

    private String read(String file) {
        try {
            return Files.readString(root.resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
