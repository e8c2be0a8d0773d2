package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.config.ConfigFault;
import org.svos.telemetry.loader.config.ConfigReader;
import org.svos.telemetry.loader.spool.SpoolFault;

/** {@code svos-kernel-telemetry-host run | check | doctor | status | detach}. */
public final class Main {

    private static final Path DEFAULT_FILE = Path.of("/etc/svos-kernel-telemetry-host/config.yaml");
    private static final String USAGE = """
            svos-kernel-telemetry-host COMMAND [--config FILE]

              run       captures the five calls and posts them, until SIGTERM
              check     reads the settings and says whether they are good
              doctor    says what this machine has and lacks for the capture
              status    says how the loader is, and its ledger
              detach    removes what a loader left in the kernel
              config    prints every setting with its default
              version   prints the version

            Settings: FILE, by default %s, and environment variables.
            Exit codes: 0 ended as asked, 2 bad configuration, 3 this kernel cannot be probed, 1 any other fault.
            """;

    private Main() {}

    /** The commands. */
    enum Command {
        RUN,
        CHECK,
        DOCTOR,
        STATUS,
        DETACH,
        CONFIG,
        VERSION,
        HELP
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Logging.setUp();
        int code;
        try {
            code = run(List.of(arguments));
        } catch (ConfigFault e) {
            System.err.println("svos-kernel-telemetry-host: " + e.getMessage());
            code = ExitCode.BAD_CONFIGURATION;
        } catch (IOException | BpfFault | SpoolFault e) {
            System.err.println("svos-kernel-telemetry-host: " + e.getMessage());
            code = ExitCode.FAULT;
        } catch (Exception e) {
            System.getLogger(Main.class.getName()).log(System.Logger.Level.ERROR, "A defect of the loader", e);
            code = ExitCode.FAULT;
        }
        System.exit(code);
    }

    private static int run(List<String> arguments) throws Exception {
        Command command = command(arguments);
        Path file = file(arguments);
        if (command == null || (file == null && arguments.size() > 1)) {
            System.err.print(USAGE.formatted(DEFAULT_FILE));
            return ExitCode.BAD_CONFIGURATION;
        }
        return switch (command) {
            case RUN -> RunCommand.run(config(file), () -> config(file));
            case CHECK -> checked(file, config(file));
            case DOCTOR -> DoctorCommand.run(config(file), System.out);
            case STATUS -> StatusCommand.run(config(file), System.out);
            case DETACH -> DetachCommand.run(config(file), System.out);
            case CONFIG -> print(ConfigReader.packaged());
            case VERSION -> print(ConfigReader.version() + "\n");
            case HELP -> print(USAGE.formatted(DEFAULT_FILE));
        };
    }

    private static @Nullable Command command(List<String> arguments) {
        String word = arguments.isEmpty() ? "" : arguments.getFirst();
        return switch (word) {
            case "--help", "-h" -> Command.HELP;
            case "--version" -> Command.VERSION;
            case "--check" -> Command.CHECK;
            default -> {
                for (Command command : Command.values()) {
                    if (command.name().toLowerCase(Locale.ROOT).equals(word)) {
                        yield command;
                    }
                }
                yield null;
            }
        };
    }

    private static @Nullable Path file(List<String> arguments) {
        boolean given = arguments.size() == 3 && arguments.get(1).equals("--config");
        return given ? Path.of(arguments.get(2)) : null;
    }

    private static Config config(@Nullable Path given) throws ConfigFault {
        Path file = given == null && Files.exists(DEFAULT_FILE) ? DEFAULT_FILE : given;
        return ConfigReader.read(file, System.getenv());
    }

    private static int checked(@Nullable Path given, Config config) {
        System.out.println("The settings are good" + (given == null ? "" : " (" + given + ")") + ": batches go to "
                + config.gateway().url() + ", what waits is kept in " + config.data());
        return ExitCode.AS_ASKED;
    }

    private static int print(String text) {
        System.out.print(text);
        return ExitCode.AS_ASKED;
    }
}
