package org.svos.telemetry.lanternrock.standin;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stand-in's process. */
public final class Main {

    private static final String USAGE = """
            usage: java -jar telemetry-lantern-rock-standin.jar [--host HOST] [--port PORT] [--data DIR]
              --host HOST  address to listen on      (LANTERN_ROCK_HOST, 127.0.0.1)
              --port PORT  port, 0 for any free one  (LANTERN_ROCK_PORT, 8090)
              --data DIR   folder of its files       (LANTERN_ROCK_DATA, ./lantern-rock-data)""";

    private static final int BAD_USAGE = 2;

    private Main() {}

    /** Listens until the process is told to end. */
    public static void main(String[] args) throws InterruptedException {
        InetSocketAddress address;
        Path data;
        try {
            Map<String, String> env = System.getenv();
            String host = setting(args, "--host", env.get("LANTERN_ROCK_HOST"), "127.0.0.1");
            String port = setting(args, "--port", env.get("LANTERN_ROCK_PORT"), "8090");
            data = Path.of(setting(args, "--data", env.get("LANTERN_ROCK_DATA"), "lantern-rock-data"));
            address = new InetSocketAddress(host, Integer.parseInt(port));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(BAD_USAGE);
            return;
        }
        try {
            StandIn standIn = StandIn.start(address, data);
            Runtime.getRuntime().addShutdownHook(new Thread(standIn::close, "stop"));
            System.out.println("listening on " + standIn.uri());
        } catch (IOException e) {
            System.err.println(
                    "cannot serve " + address + " with data in " + data.toAbsolutePath() + ": " + e.getMessage());
            System.exit(1);
        }
        Thread.currentThread().join();
    }

    private static String setting(String[] args, String option, @Nullable String fromEnvironment, String unlessGiven) {
        String value = fromEnvironment == null || fromEnvironment.isEmpty() ? unlessGiven : fromEnvironment;
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].matches("--(host|port|data)")) {
                throw new IllegalArgumentException("unknown option " + args[i]);
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            if (args[i].equals(option)) {
                value = args[i + 1];
            }
        }
        return value;
    }
}
