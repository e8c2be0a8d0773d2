package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.svos.telemetry.gateway.settings.SettingFault;

/**
 * Where the server is that keeps everything, and how long it is waited for.
 *
 * @param url of the database, as the driver takes it
 * @param password empty: that of the file, or none
 * @param passwordFile with the password; empty: there is none
 * @param connections that are open at most
 * @param connectTimeout for a connection, from the server or from the pool
 * @param statementTimeout for each statement, and for a lock that it waits for
 */
@ConfigurationProperties("telemetry.postgresql")
public record ServerSettings(
        String url,
        String user,
        String password,
        String passwordFile,
        int connections,
        Duration connectTimeout,
        Duration statementTimeout) {

    private static final String DRIVER = "jdbc:postgresql:";
    private static final int LEAST_CONNECTIONS = 4;
    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(250); // the pool's own least

    public ServerSettings {
        check("connections must be " + LEAST_CONNECTIONS + " or more", connections >= LEAST_CONNECTIONS);
        check("connect-timeout must be 250ms or more", connectTimeout.compareTo(LEAST_TIMEOUT) >= 0);
        check("statement-timeout must be 250ms or more", statementTimeout.compareTo(LEAST_TIMEOUT) >= 0);
    }

    private static void check(String rule, boolean good) {
        if (!good) {
            throw new IllegalArgumentException("telemetry.postgresql." + rule);
        }
    }

    /** The URL, which must be one now. */
    String checkedUrl() {
        if (!url.startsWith(DRIVER)) {
            throw new SettingFault(
                    "telemetry.store is postgresql, and telemetry.postgresql.url (TELEMETRY_POSTGRESQL_URL) "
                            + (url.isEmpty() ? "is not set." : "does not begin with " + DRIVER),
                    "Set it to where the database is: jdbc:postgresql://host:5432/telemetry.");
        }
        return url;
    }

    /** The password, from the setting or its file. */
    String readPassword() {
        if (passwordFile.isEmpty()) {
            return password;
        }
        try {
            return Files.readString(Path.of(passwordFile)).strip();
        } catch (IOException e) {
            throw new SettingFault(
                    "The file of the password for PostgreSQL, " + passwordFile + ", cannot be read: " + e.getMessage(),
                    "Let TELEMETRY_POSTGRESQL_PASSWORD_FILE name a file that this process may read.",
                    e);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "ServerSettings[url=" + url + ", user=" + user + "]";
    }
}
