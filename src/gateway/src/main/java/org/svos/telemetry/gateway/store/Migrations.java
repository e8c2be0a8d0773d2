package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** Brings the schema up to the one that this program was built with. */
final class Migrations {

    private Migrations() {}

    static void run(Dialect dialect, Path file) {
        try {
            dialect.create(file);
        } catch (SQLException | IOException e) {
            throw new StoreStartException("The store " + file + " cannot be opened: " + e.getMessage(), e);
        }
        Flyway flyway = Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(dialect.source(file))
                .locations("classpath:db/migration")
                .placeholders(dialect.placeholders())
                .load();
        try {
            for (MigrationInfo applied : flyway.info().applied()) {
                if (applied.getState() == MigrationState.FUTURE_SUCCESS
                        || applied.getState() == MigrationState.FUTURE_FAILED) {
                    throw new StoreStartException("The store " + file + " has schema version " + applied.getVersion()
                            + ", which this program does not know: a newer one made it. Run that one or a later one.");
                }
            }
            flyway.migrate();
        } catch (FlywayException e) {
            throw new StoreStartException(
                    "The store " + file + " cannot be opened or brought up to date: " + e.getMessage(), e);
        }
    }
}
