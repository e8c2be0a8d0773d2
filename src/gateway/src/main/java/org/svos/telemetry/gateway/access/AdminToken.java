package org.svos.telemetry.gateway.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.settings.DataFolder;
import org.svos.telemetry.gateway.settings.SettingFault;

/** The admin token: the setting's, or that of {@code <data>/admin-token}, made at the first start and its owner's to read. */
final class AdminToken {

    private static final Logger log = LoggerFactory.getLogger(AdminToken.class);

    /** What RFC 6750 lets a bearer token be. */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9\\-._~+/]+=*");

    private static final int SHORT = 16;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private AdminToken() {}

    /** The token; empty {@code setting} means the file's. */
    static String of(String setting, DataFolder data) {
        if (!setting.isEmpty()) {
            log.info("the admin token is the one of TELEMETRY_ADMIN_TOKEN (telemetry.admin-token)");
            return checked(setting, "TELEMETRY_ADMIN_TOKEN (telemetry.admin-token)");
        }
        Path file = data.path().resolve("admin-token");
        try {
            if (!Files.exists(file)) {
                write(file, Secret.random());
            }
            warnIfOthersMayRead(file);
            String token = checked(Files.readString(file).strip(), "The file " + file);
            log.info("the admin token is in {}", file);
            return token;
        } catch (IOException e) {
            throw new SettingFault(
                    "The admin token's file " + file + " cannot be read or written: " + e.getMessage(),
                    "Let the gateway's user own it, or set TELEMETRY_ADMIN_TOKEN.",
                    e);
        }
    }

    private static String checked(String token, String where) {
        if (!TOKEN.matcher(token).matches()) {
            throw new SettingFault(
                    where + " holds no bearer token.",
                    "Use letters, digits and -._~+/ only, best 32 or more of them at random: openssl rand -hex 32.");
        }
        if (token.length() < SHORT) {
            log.warn("{} holds only {} characters: short enough to be guessed", where, token.length());
        }
        return token;
    }

    /** Written beside and moved, so that a crash leaves no half of it. */
    private static void write(Path file, String token) throws IOException {
        Path beside = file.resolveSibling("admin-token.new");
        Files.deleteIfExists(beside);
        Files.createFile(beside, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            channel.write(StandardCharsets.US_ASCII.encode(token + "\n"));
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void warnIfOthersMayRead(Path file) {
        try {
            if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                log.warn("{} can be read by others than its owner: chmod 600 {}", file, file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
