package org.svos.telemetry.gateway.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What is decided on some databases while nobody else decides on them. It may be made again from the beginning. */
@FunctionalInterface
public interface Decision<T extends @Nullable Object> {

    /** Makes it. An exception leaves nothing of it. */
    T make(Deciding deciding) throws SQLException;
}
