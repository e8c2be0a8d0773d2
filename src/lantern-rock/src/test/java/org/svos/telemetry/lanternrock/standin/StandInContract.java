package org.svos.telemetry.lanternrock.standin;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.lanternrock.LanternRockContract;
import org.svos.telemetry.lanternrock.Upstream;

/** The kit with the stand-in at the far side, which speaks all protocols that there are adapters for. */
public abstract class StandInContract extends LanternRockContract {

    @TempDir
    Path data;

    private StandInUpstream standIn;

    @BeforeEach
    void start() throws IOException {
        standIn = new StandInUpstream(data);
    }

    @AfterEach
    void stop() {
        standIn.close();
    }

    @Override
    protected Upstream upstream() {
        return standIn;
    }
}
