package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.loader.config.Config;

/** What the gateway knows this host by. */
final class HostIdentity {

    private static final Path MACHINE_ID = Path.of("/etc/machine-id");
    private static final Path KERNEL = Path.of("/proc/sys/kernel");
    private static final String KEPT_ID = "host-id";
    private static final int ID_BYTES = 16;

    private HostIdentity() {}

    static Host of(Config config, String version) throws IOException {
        String id = config.host().id();
        String name = config.host().name();
        return new Host(
                id == null ? id(config.data()) : id,
                name == null ? line(KERNEL.resolve("hostname")) : name,
                bootId(),
                line(KERNEL.resolve("osrelease")),
                version);
    }

    /** Which boot this is: another after each. */
    static String bootId() throws IOException {
        return Files.readString(KERNEL.resolve("random/boot_id")).strip();
    }

    /** The machine ID is confidential (machine-id(5)), so a hash of it stands for it. Without one: made once and kept. */
    private static String id(Path data) throws IOException {
        String machine = line(MACHINE_ID);
        if (machine != null && !machine.isEmpty()) {
            return hash("svos-kernel-telemetry-host " + machine);
        }
        Path kept = data.resolve(KEPT_ID);
        if (Files.notExists(kept)) {
            Files.createDirectories(data);
            Files.writeString(kept, UUID.randomUUID() + "\n");
        }
        return Files.readString(kept).strip();
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static @Nullable String line(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return null;
        }
    }
}
