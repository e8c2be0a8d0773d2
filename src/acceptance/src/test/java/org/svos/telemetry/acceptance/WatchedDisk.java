package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The disk under a process, watched and at a test's mercy: a library that stands between the two. It is in {@code src/test/c}. */
final class WatchedDisk {

    static final int EIO = 5;
    static final int ENOSPC = 28;

    private static final Path SOURCES = Build.TREE.resolve("src/acceptance/src/test/c");

    /** The fields of the library's {@code struct control}, by offset. */
    private static final int HOLD_SYNCS = 0;

    private static final int SYNC_ERRNO = 4;
    private static final int WRITE_ERRNO = 8;
    private static final int SYNC_MICROS = 12;
    private static final int EARLY_PERCENT = 16;
    private static final int CONTROL_SIZE = 4_096;

    private final Path watched;
    private final Path own;
    private final MappedByteBuffer control;

    /**
     * A disk that watches one folder.
     *
     * @param own another folder, for library, log and what a power cut would leave
     */
    WatchedDisk(Path watched, Path own) {
        this.watched = watched;
        this.own = own;
        try {
            Files.createDirectories(platter());
            compile();
            Files.write(own.resolve("control"), new byte[CONTROL_SIZE]);
            try (FileChannel file =
                    FileChannel.open(own.resolve("control"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                control = file.map(FileChannel.MapMode.READ_WRITE, 0, CONTROL_SIZE);
            }
            control.order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path platter() {
        return own.resolve("platter");
    }

    private Path library() {
        return own.resolve("watched_disk.so");
    }

    private void compile() throws IOException {
        Process compiler;
        try {
            compiler = new ProcessBuilder(
                            "cc",
                            "-shared",
                            "-fPIC",
                            "-O2",
                            "-Wall",
                            "-Wextra",
                            "-Werror",
                            "-fvisibility=hidden",
                            "-o",
                            library().toString(),
                            SOURCES.resolve("watched_disk.c").toString(),
                            SOURCES.resolve("disk_log.c").toString(),
                            SOURCES.resolve("platter.c").toString())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            Assumptions.abort("there is no C compiler to make the watched disk with: " + e.getMessage());
            throw e;
        }
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertThat(compiler.waitFor()).as(said).isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What a process needs in its environment to be on this disk. */
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", library().toString(),
                "WATCHED_DISK_FOLDER", watched.toString(),
                "WATCHED_DISK_CONTROL", own.resolve("control").toString(),
                "WATCHED_DISK_LOG", own.resolve("log").toString(),
                "WATCHED_DISK_PLATTER", platter().toString());
    }

    /** Lets no sync end until {@link #heal}. */
    void holdSyncs() {
        control.putInt(HOLD_SYNCS, 1);
    }

    /** Lets every sync fail, and drop what it should have written, until {@link #heal}. */
    void failSyncs(int errno) {
        control.putInt(SYNC_ERRNO, errno);
    }

    /** Lets every write fail until {@link #heal}. */
    void failWrites(int errno) {
        control.putInt(WRITE_ERRNO, errno);
    }

    /** Ends held syncs and all failing. */
    void heal() {
        control.putInt(SYNC_ERRNO, 0);
        control.putInt(WRITE_ERRNO, 0);
        control.putInt(HOLD_SYNCS, 0);
    }

    /** Makes every sync take that much longer. */
    void slowSyncs(Duration more) {
        control.putInt(SYNC_MICROS, Math.toIntExact(more.toNanos() / 1_000));
    }

    /** Lets so many of a hundred written sectors, by chance, survive a power cut before any sync. */
    void keepEarly(int percent) {
        control.putInt(EARLY_PERCENT, percent);
    }

    /** Once the process is killed: leaves of its files what a power cut would have left. */
    void cutPower() {
        try {
            try (Stream<Path> files = Files.walk(watched)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.delete(file);
                }
            }
            try (Stream<Path> kept = Files.walk(platter())) {
                for (Path file : kept.filter(Files::isRegularFile).toList()) {
                    Path target = watched.resolve(platter().relativize(file).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What has happened so far. */
    DiskLog log() {
        try {
            List<String> lines = Files.readAllLines(own.resolve("log"));
            return DiskLog.of(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
