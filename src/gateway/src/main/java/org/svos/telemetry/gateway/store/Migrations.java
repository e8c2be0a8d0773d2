package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Brings the schema up to the one that this program was built with. */
final class Migrations {

    private Migrations() {}

    static void run(SqliteFile file) {
        try {
            file.create();
        } catch (SQLException | IOException e) {
            throw new StoreStartException("The store " + file + " cannot be opened: " + e.getMessage(), e);
        }
        run(file.dialect(), configuration().dataSource(file.source()), file.toString());
    }

    /**
     * The same on a server. Where several processes do this at once, one does it and the others wait. Not with the connections of
     * the pool: what waits must then see what was done meanwhile, so it may not hold on to one state; and a change of a large table
     * takes longer than a statement may otherwise.
     *
     * @param place of the store, for people
     */
    static void run(ServerSettings settings, String place) {
        Map<String, String> driver = new HashMap<>();
        settings.migrating().forEach((name, value) -> driver.put((String) name, (String) value));
        run(
                Dialect.POSTGRESQL,
                configuration()
                        .dataSource(settings.checkedUrl(), settings.user(), settings.readPassword())
                        .jdbcProperties(driver),
                place);
    }

    private static FluentConfiguration configuration() {
        return Flyway.configure(Migrations.class.getClassLoader());
    }

    private static void run(Dialect dialect, FluentConfiguration configuration, String place) {
        Flyway flyway = configuration
                .locations(dialect.migrations())
                .placeholders(dialect.placeholders())
                .load();
        try {
            for (MigrationInfo applied : flyway.info().applied()) {
                if (applied.getState() == MigrationState.FUTURE_SUCCESS
                        || applied.getState() == MigrationState.FUTURE_FAILED) {
                    throw new StoreStartException("The store " + place + " has schema version " + applied.getVersion()
                            + ", which this program does not know: a newer one made it. Run that one or a later one.");
                }
            }
            flyway.migrate();
        } catch (FlywayException e) {
            throw new StoreStartException(
                    "The store " + place + " cannot be opened or brought up to date: " + e.getMessage(), e);
        }
    }
}
