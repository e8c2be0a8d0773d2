package org.svos.telemetry.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
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
    /** Beyond the server's own time-outs: for a server that does not say anything any more. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static final int LEAST_CONNECTIONS = 4;
    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(250); // the pool's own least

    public ServerSettings {
        check("connections must be " + LEAST_CONNECTIONS + " or more", connections >= LEAST_CONNECTIONS);
        check("connect-timeout must be 250ms or more", connectTimeout.compareTo(LEAST_TIMEOUT) >= 0);
        check("statement-timeout must be 250ms or more", statementTimeout.compareTo(LEAST_TIMEOUT) >= 0);
    }

    /** The same with time for statements that look at all there is. */
    ServerSettings patient() {
        return new ServerSettings(
                url, user, password, passwordFile, connections, connectTimeout, Duration.ofMinutes(30));
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

    /** The pool of connections to it, for transactions that look before they write. */
    HikariConfig pool() {
        var config = new HikariConfig();
        config.setPoolName("store");
        config.setJdbcUrl(checkedUrl());
        config.setUsername(user);
        config.setPassword(readPassword());
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(connectTimeout.toMillis());
        config.setValidationTimeout(Math.min(connectTimeout.toMillis(), 1_000));
        config.setInitializationFailTimeout(connectTimeout.toMillis());
        config.setAutoCommit(false);
        config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        config.setDataSourceProperties(driver());
        return config;
    }

    /** What the driver is to know of each connection. */
    Properties driver() {
        return driver(statementTimeout);
    }

    /** The same of one on which the schema is changed: a statement may take as long as it does, and still waits for no lock for long. */
    Properties migrating() {
        Properties properties = driver(Duration.ZERO);
        properties.setProperty("socketTimeout", "0");
        return properties;
    }

    private Properties driver(Duration mostOfAStatement) {
        long statement = statementTimeout.toMillis();
        var properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", readPassword());
        properties.setProperty("ApplicationName", "telemetry-gateway");
        properties.setProperty("reWriteBatchedInserts", "true");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("logServerErrorDetail", "false"); // It has values in it.

        properties.setProperty("connectTimeout", seconds(connectTimeout));
        properties.setProperty("socketTimeout", seconds(statementTimeout.plus(SILENCE)));
        properties.setProperty(
                "options",
                // A server may be set up to acknowledge what it has not kept. It keeps plans, and one that was made
                // for an empty table would read all of it each time. No plan is worth compiling.
                "-c synchronous_commit=on -c enable_seqscan=off -c jit=off -c statement_timeout="
                        + mostOfAStatement.toMillis()
                        + " -c lock_timeout="
                        + statement
                        + " -c idle_in_transaction_session_timeout=" + 2 * mostOfAStatement.toMillis()
                        + " -c timezone=UTC");
        return properties;
    }

    private static String seconds(Duration duration) {
        return Long.toString(duration.plusMillis(999).toSeconds());
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "ServerSettings[url=" + url + ", user=" + user + "]";
    }
}
