package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says of a data folder that its store is being moved to a server, or was: a file in it, which keeps gateways from
 * starting on what another store goes on with.
 *
 * <pre>
 * 6f0c…                                   the move's ID
 * moving, or moved                        whether all of it is there
 * jdbc:postgresql://host:5432/telemetry   where
 * </pre>
 *
 * Whoever takes the file away has the store as it was; the move itself is then unknown, and what has come of it is to be
 * thrown away.
 *
 * @param move its ID
 * @param done whether all of it was moved
 * @param to where, for people
 */
public record MoveMark(String move, boolean done, String to) {

    private static final String FILE = "moved";
    private static final String DONE = "moved";
    private static final String UNDER_WAY = "moving";

    /** That of a move that begins now. */
    public static MoveMark begin(String to) {
        return new MoveMark(UUID.randomUUID().toString(), false, to);
    }

    /** The same of a move that is done. */
    public MoveMark finished() {
        return new MoveMark(move, true, to);
    }

    /** The mark of a folder, or null if it has none. */
    public static @Nullable MoveMark of(Path data) {
        Path file = file(data);
        try {
            if (Files.notExists(file)) {
                return null;
            }
            List<String> lines = Files.readAllLines(file);
            if (lines.size() < 3) {
                throw new StoreStartException("The file " + file + " is no mark of a move. Remove it if you made it.");
            }
            return new MoveMark(lines.get(0), lines.get(1).equals(DONE), lines.get(2));
        } catch (IOException e) {
            throw new StoreStartException("The mark of a move, " + file + ", cannot be read: " + e, e);
        }
    }

    /** Marks a folder; when this returns, that is on disk. */
    public void write(Path data) {
        Path beside = data.resolve(FILE + ".new");
        String text = String.join("\n", move, done ? DONE : UNDER_WAY, to, "");
        try {
            try (FileChannel channel = FileChannel.open(
                    beside,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(beside, file(data), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel folder = FileChannel.open(data, StandardOpenOption.READ)) {
                folder.force(true);
            }
        } catch (IOException e) {
            throw new StoreStartException("The mark of a move, " + file(data) + ", cannot be written: " + e, e);
        }
    }

    /** Throws if a folder has one: no gateway is to go on with what is there. */
    static void refuse(Path data) {
        MoveMark mark = of(data);
        if (mark != null) {
            String undo =
                    "To go on with this folder instead, remove " + file(data) + " and what came of the move there";
            throw new StoreStartException(
                    mark.done
                            ? "The store in " + data + " was moved to " + mark.to + ". Start with"
                                    + " TELEMETRY_STORE=postgresql and TELEMETRY_POSTGRESQL_URL. " + undo
                                    + ": what gateways have taken there since is not here."
                            : "The store in " + data + " is being moved to " + mark.to + ". Run the command move again,"
                                    + " which goes on with it. " + undo + ".");
        }
    }

    private static Path file(Path data) {
        return data.resolve(FILE);
    }
}
