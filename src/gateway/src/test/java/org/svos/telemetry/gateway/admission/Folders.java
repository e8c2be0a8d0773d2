package org.svos.telemetry.gateway.admission;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Temporary folders of property tests, which have no {@code @TempDir}. */
public final class Folders {

    private Folders() {}

    /** Copies the files of a store in use, as a process that is killed now leaves them: what is written back, before what is not. */
    public static Path copyOfStore(Path folder) throws IOException {
        Path copy = Files.createTempDirectory("crashed");
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile)
                    .sorted(Comparator.comparing((Path file) -> !file.endsWith("telemetry.db"))
                            .thenComparing(file -> !file.endsWith("telemetry.db-wal")))
                    .toList();
        }
        for (Path file : files) {
            if (!file.toString().endsWith("-shm")) {
                Path target = copy.resolve(folder.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        return copy;
    }

    /** Removes a folder with all that is in it. */
    public static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
