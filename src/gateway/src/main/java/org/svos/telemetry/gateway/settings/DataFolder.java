package org.svos.telemetry.gateway.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The folder where the gateway keeps everything that outlives it. It exists and may be written.
 *
 * @param path absolute
 */
public record DataFolder(Path path) {

    /** The folder, made if it is not there. */
    public static DataFolder open(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw fault(path, "cannot be made: " + e.getMessage(), e);
        }
        if (!Files.isWritable(path)) {
            throw fault(path, "may not be written by this process", null);
        }
        return new DataFolder(path);
    }

    private static SettingFault fault(Path path, String why, @Nullable Exception cause) {
        String problem = "The data folder " + path + " (telemetry.data) " + why + ".";
        String remedy = "Set TELEMETRY_DATA to a folder that this process may write, or let its user own that one.";
        return cause == null ? new SettingFault(problem, remedy) : new SettingFault(problem, remedy, cause);
    }
}
