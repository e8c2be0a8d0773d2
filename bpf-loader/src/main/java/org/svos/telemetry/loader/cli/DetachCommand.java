package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.io.PrintStream;
import org.svos.telemetry.loader.config.Config;

/**
 * Removes what a loader left in the kernel. Its links, maps and programs are held by its process and pinned nowhere, so
 * without the process there is nothing; with it, they are in use.
 */
final class DetachCommand {

    private DetachCommand() {}

    static int run(Config config, PrintStream out) throws IOException {
        if (DataFolder.isInUse(config.data())) {
            out.println("a loader is running on " + config.data()
                    + " and holds its probes; stop it (systemctl stop, or SIGTERM), and they are gone with it");
            return ExitCode.FAULT;
        }
        out.println(
                "nothing to detach: this loader's probes, programs and maps are held by its process, which is not running");
        return ExitCode.AS_ASKED;
    }
}
