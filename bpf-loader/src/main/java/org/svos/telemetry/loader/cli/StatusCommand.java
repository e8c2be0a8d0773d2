package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;

/** Says how the loader is: asks it if it runs, else reads its spool. */
final class StatusCommand {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private StatusCommand() {}

    static int run(Config config, PrintStream out) throws IOException, InterruptedException, SpoolFault {
        if (DataFolder.isInUse(config.data())) {
            return ask(config, out);
        }
        Path file = DataFolder.spool(config.data());
        if (Files.notExists(file)) {
            out.println("not running, and it never ran: there is no " + file);
            return ExitCode.AS_ASKED;
        }
        try (Spool spool = Spool.open(file, HostIdentity.bootId(), config.spoolMaxBytes())) {
            out.println("not running");
            out.println("spool: " + spool.events() + " events, " + spool.bytes() + " bytes");
            out.println(new Balance(spool.kernelCounts(), spool.settled()).line());
        }
        return ExitCode.AS_ASKED;
    }

    private static int ask(Config config, PrintStream out) throws InterruptedException {
        URI url = URI.create("http://127.0.0.1:" + config.httpPort() + "/status");
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(url).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                out.print(answer.body());
                return ExitCode.AS_ASKED;
            }
            out.println("a loader is running, but " + url + " answers " + answer.statusCode()
                    + ": is the port (http.port) another program's?");
        } catch (IOException e) {
            out.println("a loader is running, but does not answer at " + url
                    + ": it is starting or stopping, or was given another port (http.port)");
        }
        return ExitCode.FAULT;
    }
}
