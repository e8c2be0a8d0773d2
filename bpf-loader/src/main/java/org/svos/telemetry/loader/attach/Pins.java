package org.svos.telemetry.loader.attach;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfHandle;
import org.svos.telemetry.loader.bpf.FolderLock;
import org.svos.telemetry.loader.record.Hook;

/**
 * What outlives the loader: a folder of a BPF file system, for one loader at a time.
 *
 * <pre>
 *   FOLDER/v1/ring, counters, sequence,             the maps; v1 is their layout, and that of the records
 *             programs, settings, guard
 *            /entry-FUNCTION                        the program that is attached
 *            /link-WAY-FUNCTION                     what attaches it; WAY is {@link Mechanism#way}
 *            /early                                 a folder: attach-early made all this in early boot, for whichever
 *                                                   loader comes first
 * </pre>
 *
 * As long as all of it is there, the kernel goes on capturing into the ring with nobody reading it.
 */
public final class Pins implements AutoCloseable {

    static final String RING = "ring";
    static final String COUNTERS = "counters";
    static final String PROGRAMS = "programs";
    static final String SETTINGS = "settings";
    static final String GUARD = "guard";

    /** The maps that are kept. The others serve one call, or one loader. */
    static final List<String> MAPS = List.of(RING, COUNTERS, "sequence", PROGRAMS, SETTINGS, GUARD);

    private static final System.Logger LOG = System.getLogger(Pins.class.getName());
    private static final String LAYOUT = "v1";
    private static final String EARLY = "early";
    private static final String ANY_LAYOUT = "v\\d+";
    private static final String FILE_SYSTEM = "bpf";
    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");

    private final Path folder;
    private final Path set;
    private final FolderLock lock;

    private Pins(Path folder, FolderLock lock) {
        this.folder = folder;
        this.set = folder.resolve(LAYOUT);
        this.lock = lock;
    }

    /** What came of taking the folder. */
    public sealed interface Taking {

        /** It is this process's. */
        record Taken(Pins pins) implements Taking {}

        /** Nothing can be pinned, or nothing is to be. */
        record Off(String why) implements Taking {}

        /** Another process has it. */
        record InUse(Path folder) implements Taking {}
    }

    /** Takes the folder, making it if need be; null if nothing is to be pinned. */
    public static Taking take(@Nullable Path given, KernelFiles kernel) {
        if (given == null) {
            return new Taking.Off("the setting pins is empty");
        }
        if (!kernel.keepsProbes()) {
            return new Taking.Off(
                    "Linux " + kernel.release() + " lets no probe outlive its process, as 5.15 and later do");
        }
        Path folder = given.toAbsolutePath();
        try {
            Path there = nearestThereIs(folder);
            String type = Files.getFileStore(there).type();
            if (!type.equals(FILE_SYSTEM)) {
                return new Taking.Off(there + " is no BPF file system, but " + type
                        + " (mount -t bpf bpf /sys/fs/bpf, or set pins to a folder of one)");
            }
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OURS_ALONE));
            FolderLock lock = FolderLock.take(folder);
            return lock == null ? new Taking.InUse(folder) : new Taking.Taken(new Pins(folder, lock));
        } catch (IOException | BpfFault e) {
            return new Taking.Off(folder + " cannot be used (setting pins): " + e.getMessage());
        }
    }

    private static Path nearestThereIs(Path path) {
        Path parent = path.getParent();
        return parent == null || Files.exists(path) ? path : nearestThereIs(parent);
    }

    /** Where everything is. */
    public Path folder() {
        return folder;
    }

    Path path(String name) {
        return set.resolve(name);
    }

    Path link(String way, Hook hook) {
        return path("link-" + way + "-" + hook.function());
    }

    Path entry(Hook hook) {
        return path("entry-" + hook.function());
    }

    /**
     * The maps that are pinned, or none if they are not all there or are another ring's than that of the caller's spool:
     * then everything has been removed. A ring of early boot is nobody's yet, and becomes this one's.
     */
    <E extends Exception> Map<String, BpfHandle> maps(RingBook<E> book) throws BpfFault, E {
        removeOtherLayouts();
        if (Files.notExists(set)) {
            makeFolder();
            return Map.of();
        }
        if (names(set).isEmpty()) {
            return Map.of();
        }
        Map<String, BpfHandle> maps = new HashMap<>();
        for (String name : MAPS) {
            BpfHandle map = BpfHandle.open(path(name));
            if (map != null) {
                maps.put(name, map);
            }
        }
        BpfHandle ring = maps.get(RING);
        String fault = null;
        if (ring == null || maps.size() < MAPS.size()) {
            fault = "are not complete";
        } else if (!book.isKnown(ring.map().id()) && Files.notExists(path(EARLY))) {
            fault = "are another's: this loader's spool knows nothing of ring "
                    + ring.map().id();
        } else {
            claim(ring.map().id(), book);
            return maps;
        }
        maps.values().forEach(BpfHandle::close);
        replace(fault);
        return Map.of();
    }

    /** Makes a ring of early boot this loader's; first in its book, so that it is not nobody's in between. */
    private <E extends Exception> void claim(long ring, RingBook<E> book) throws BpfFault, E {
        if (!book.isKnown(ring)) {
            book.begins(ring);
            LOG.log(
                    System.Logger.Level.INFO,
                    "The functions were attached to in early boot: what they were called with since then is in the ring"
                            + " pinned in " + set + ".");
        }
        remove(path(EARLY));
    }

    /** Removes what is pinned, which is of no use, and says so. */
    void replace(String fault) throws BpfFault {
        LOG.log(
                System.Logger.Level.WARNING,
                "The pins in " + set + " " + fault
                        + ". They are replaced; events that waited in their ring are not captured by this loader.");
        remove(set);
        makeFolder();
    }

    private void removeOtherLayouts() throws BpfFault {
        for (String name : names(folder)) {
            if (name.equals(LAYOUT)) {
                continue;
            }
            if (name.matches(ANY_LAYOUT)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The pins in " + folder.resolve(name) + " are of another layout than this loader's (" + LAYOUT
                                + "). They are removed; events that waited in their ring are lost.");
                remove(folder.resolve(name));
            } else {
                LOG.log(
                        System.Logger.Level.WARNING,
                        folder.resolve(name) + " is not the loader's, and is left alone (setting pins)");
            }
        }
    }

    private void makeFolder() throws BpfFault {
        try {
            Files.createDirectories(set, PosixFilePermissions.asFileAttribute(OURS_ALONE));
        } catch (IOException e) {
            throw BpfFault.of("making", set.toString(), e);
        }
    }

    /** Whether every function's link is there that attaches in this way. */
    boolean isAttached(String way) {
        return Hook.ALL.stream().allMatch(hook -> Files.exists(link(way, hook)));
    }

    /** Takes a function's links away, of whatever way, and the program they attach. */
    void removeLinks(Hook hook) throws BpfFault {
        for (Path link : links(hook)) {
            remove(link);
        }
        remove(entry(hook));
    }

    /** Calls that the kernel kept from the program that is pinned for that function. */
    long missed(Hook hook) throws BpfFault {
        long missed = 0;
        for (Path path : links(hook)) {
            try (BpfHandle link = BpfHandle.open(path)) {
                missed += link == null ? 0 : link.link().missed();
            }
        }
        try (BpfHandle entry = BpfHandle.open(entry(hook))) {
            return missed + (entry == null ? 0 : entry.program().misses());
        }
    }

    private List<Path> links(Hook hook) throws BpfFault {
        return names(set).stream()
                .filter(name -> name.startsWith("link-") && name.endsWith("-" + hook.function()))
                .map(this::path)
                .toList();
    }

    /** The numbers that the kernel gave to what is pinned. */
    Numbers numbers() throws BpfFault {
        Numbers numbers = new Numbers(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (String name : names(set)) {
            if (name.equals(EARLY)) {
                continue;
            }
            try (BpfHandle pinned = BpfHandle.open(path(name))) {
                if (pinned == null) {
                    continue;
                }
                if (name.startsWith("link-")) {
                    numbers.links().add(pinned.link().id());
                } else if (name.startsWith("entry-")) {
                    numbers.programs().add(pinned.program().id());
                } else {
                    numbers.maps().add(pinned.map().id());
                }
            }
        }
        return numbers;
    }

    /** Removes what is pinned; the folder, and the lock on it, stay. */
    void empty() throws BpfFault {
        remove(set);
    }

    /** Removes every pin, of whatever layout, and the folder. */
    void clear() throws BpfFault {
        for (String name : names(folder)) {
            if (name.matches(ANY_LAYOUT)) {
                remove(folder.resolve(name));
            }
        }
        if (names(folder).isEmpty()) {
            remove(folder);
        }
    }

    private static List<String> names(Path folder) throws BpfFault {
        List<String> names = new ArrayList<>();
        if (Files.notExists(folder)) {
            return names;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException e) {
            throw BpfFault.of("reading", folder.toString(), e);
        }
        return names;
    }

    private static void remove(Path path) throws BpfFault {
        try {
            if (Files.isDirectory(path)) {
                for (String name : names(path)) {
                    remove(path.resolve(name));
                }
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw BpfFault.of("removing", path.toString(), e);
        }
    }

    /** Another process may take the folder from now on. What is pinned stays. */
    @Override
    public void close() {
        lock.close();
    }
}
