package org.svos.telemetry.gateway.forward;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.registry.Database;

/** A store with one database, the lab's, for each test. */
abstract class OnTheLabsLane {

    @TempDir
    Path data;

    LaneFixture fixture;
    Database lab;

    @BeforeEach
    void open() {
        fixture = new LaneFixture(data);
        lab = fixture.register("lab");
    }

    @AfterEach
    void close() {
        fixture.close();
    }
}
