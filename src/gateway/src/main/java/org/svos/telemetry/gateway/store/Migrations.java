package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** Brings the schema up to the one that this program was built with. */
final class Migrations {

    private Migrations() {}

    static void run(SqliteFile file) {
        try {
            file.create();
        } catch (SQLException | IOException e) {
            throw new StoreStartException("The store " + file + " cannot be opened: " + e.getMessage(), e);
        }
        run(file.dialect(), file.source(), file.toString());
    }

    /**
     * The same for any engine. Where several processes do this at once, one does it and the others wait.
     *
     * @param place of the store, for people
     */
    static void run(Dialect dialect, DataSource source, String place) {
        Flyway flyway = Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(source)
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
