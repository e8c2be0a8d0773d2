package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;

/** Says how the loader is: asks it if it runs, else reads its spool. */
final class StatusCommand {

    private static final int PATIENCE_MILLIS = 5000;

    private StatusCommand() {}

    static int run(Config config, PrintStream out) throws IOException, SpoolFault {
        if (DataFolder.isInUse(config.data())) {
            return ask(config, out);
        }
        Path file = DataFolder.spool(config.data());
        if (Files.notExists(file)) {
            out.println("not running, and it never ran: there is no " + file);
            return ExitCode.AS_ASKED;
        }
        try (Spool spool = Spool.open(file, HostIdentity.bootId(), config.spool())) {
            out.println("not running");
            out.println("spool: " + spool.events() + " events, " + spool.bytes() + " bytes");
            out.println(new Balance(spool.kernelCounts(), spool.settled()).line());
        }
        return ExitCode.AS_ASKED;
    }

    private static int ask(Config config, PrintStream out) throws IOException {
        URL url =
                URI.create("http://127.0.0.1:" + config.httpPort() + "/status").toURL();
        try {
            HttpURLConnection http = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            http.setConnectTimeout(PATIENCE_MILLIS);
            http.setReadTimeout(PATIENCE_MILLIS);
            int status = http.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK) {
                try (InputStream in = http.getInputStream()) {
                    out.print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                }
                return ExitCode.AS_ASKED;
            }
            out.println("a loader is running, but " + url + " answers " + status
                    + ": is the port (http.port) another program's?");
        } catch (IOException e) {
            out.println("a loader is running, but does not answer at " + url
                    + ": it is starting or stopping, or was given another port (http.port)");
        }
        return ExitCode.FAULT;
    }
}
