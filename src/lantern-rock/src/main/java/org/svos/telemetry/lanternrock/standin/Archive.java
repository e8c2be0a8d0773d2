package org.svos.telemetry.lanternrock.standin;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The data folder: {@code <database>.ndjson}, one {@link RecordFile} a database. */
final class Archive implements Closeable {

    private static final String SUFFIX = ".ndjson";

    private final Path folder;
    private final ConcurrentSkipListMap<String, RecordFile> files = new ConcurrentSkipListMap<>();

    Archive(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        try (DirectoryStream<Path> there = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : there) {
                String name = file.getFileName().toString();
                files.put(name.substring(0, name.length() - SUFFIX.length()), new RecordFile(file));
            }
        }
    }

    /** The file of a database, made if there is none. The name must be a checked one: it becomes part of a path. */
    RecordFile of(String database) throws IOException {
        RecordFile there = files.get(database);
        if (there != null) {
            return there;
        }
        synchronized (this) {
            RecordFile meanwhile = files.get(database);
            if (meanwhile == null) {
                meanwhile = new RecordFile(folder.resolve(database + SUFFIX));
                files.put(database, meanwhile);
            }
            return meanwhile;
        }
    }

    /** All files by database. */
    SortedMap<String, RecordFile> all() {
        return files;
    }

    @Override
    public void close() {
        for (RecordFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
