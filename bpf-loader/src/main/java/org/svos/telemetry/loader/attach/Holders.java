package org.svos.telemetry.loader.attach;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the processes that hold maps, programs and links by a descriptor. The kernel says in {@code /proc/PID/fdinfo/FD} which
 * one a descriptor is of:
 *
 * <pre>
 * pos:    0
 * ...
 * map_id: 17                  or prog_id, or link_id, of which a link has both
 * </pre>
 */
final class Holders {

    private final KernelFiles kernel;

    Holders(KernelFiles kernel) {
        this.kernel = kernel;
    }

    /** Those that hold any of these: each as {@code NUMBER (NAME)}. None that this process may not look into. */
    Set<String> of(Numbers numbers) {
        Set<String> lines = new TreeSet<>();
        numbers.maps().forEach(id -> lines.add("map_id:" + id));
        numbers.programs().forEach(id -> lines.add("prog_id:" + id));
        numbers.links().forEach(id -> lines.add("link_id:" + id));
        Set<String> holders = new TreeSet<>();
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(kernel.root().resolve("proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process, lines)) {
                    holders.add(process.getFileName() + " ("
                            + read(process.resolve("comm")).strip() + ")");
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return holders;
        }
        return holders;
    }

    private static boolean holds(Path process, Set<String> lines) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fdinfo"))) {
            for (Path descriptor : descriptors) {
                if (read(descriptor).lines().anyMatch(line -> lines.contains(line.replaceAll("\\s", "")))) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return false; // It has ended, or is another user's.
        }
        return false;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
