package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where JNA, SQLite and zstd unpack their native code. They would take the folder for temporary files, and leave it there
 * when the process is killed or halted; this one is the loader's own, and swept at its start and its end.
 */
final class NativeFolder implements AutoCloseable {

    private static final String NAME = "native";
    private static final List<String> PROPERTIES = List.of("jna.tmpdir", "org.sqlite.tmpdir", "ZstdTempFolder");

    private final Path folder;

    private NativeFolder(Path folder) {
        this.folder = folder;
    }

    /** Prepares the folder, before anything is unpacked. What a property says already stays as it is. */
    static NativeFolder prepare(Path data) throws IOException {
        NativeFolder prepared = new NativeFolder(Files.createDirectories(data.resolve(NAME)));
        prepared.sweep();
        for (String property : PROPERTIES) {
            if (System.getProperty(property) == null) {
                System.setProperty(property, prepared.folder.toAbsolutePath().toString());
            }
        }
        return prepared;
    }

    private void sweep() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** What is loaded stays loaded without its file. */
    @Override
    public void close() throws IOException {
        sweep();
        Files.deleteIfExists(folder);
    }
}
