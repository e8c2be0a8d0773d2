package org.svos.telemetry.gateway.bootstrap;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code java -jar telemetry-gateway.jar bootstrap [--check] URL FILE}: registers what the file lists with the gateway at that
 * address, and leaves what is registered already as it is, so that it may run after every installation. With {@code --check} it
 * changes nothing, and says what is not as listed. The file is
 *
 * <pre>{"databases": [{"name": "drivers", "owner": "me@example.org", "size": "medium", "sandboxes": ["…"]}]}</pre>
 *
 * where a database is the body of {@code POST /api/v1/databases} with the IDs of its sandboxes. The admin token is taken from
 * {@code TELEMETRY_ADMIN_TOKEN}; an empty list needs none.
 */
public final class BootstrapCommand {

    /** The word that asks for it, as first argument. */
    public static final String NAME = "bootstrap";

    private static final String CHECK = "--check";
    private static final String TOKEN = "TELEMETRY_ADMIN_TOKEN";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int NOT_UNDERSTOOD = 2;

    private BootstrapCommand() {}

    /**
     * Runs it.
     *
     * @param arguments {@code [--check] URL FILE}
     * @param environment with the admin token
     * @return the exit code: 0 if all is registered, 1 if not, 2 if arguments or file are not understood
     */
    public static int run(List<String> arguments, Map<String, String> environment, PrintStream out) {
        return run(arguments, environment, out, PATIENCE);
    }

    /** The same; waits so long for a gateway that is not ready. */
    static int run(List<String> arguments, Map<String, String> environment, PrintStream out, Duration patience) {
        boolean check = arguments.contains(CHECK);
        List<String> rest =
                arguments.stream().filter(argument -> !argument.equals(CHECK)).toList();
        if (rest.size() != 2) {
            out.println("usage: " + NAME + " [" + CHECK + "] URL FILE");
            return NOT_UNDERSTOOD;
        }
        try {
            List<Listed> databases = read(Path.of(rest.get(1)));
            String token = environment.getOrDefault(TOKEN, "").strip();
            if (token.isEmpty() && !databases.isEmpty()) {
                throw new BootstrapFault("no admin token: set " + TOKEN);
            }
            try (AdminCalls gateway = new AdminCalls(address(rest.getFirst()), token, patience)) {
                gateway.awaitReady();
                out.println("ready: " + rest.getFirst());
                return settle(databases, gateway, check, out);
            }
        } catch (BootstrapFault e) {
            out.println(NAME + ": " + e.getMessage());
            return NOT_UNDERSTOOD;
        } catch (UnreachableException e) {
            out.println(NAME + ": " + e.getMessage());
            return FAILED;
        }
    }

    private static int settle(List<Listed> databases, AdminCalls gateway, boolean check, PrintStream out)
            throws UnreachableException {
        int faults = 0;
        for (Listed database : databases) {
            List<String> wrong = check ? gateway.differences(database) : gateway.register(database, out);
            for (String fault : wrong) {
                out.println("FAILED: database " + database.name() + ": " + fault);
            }
            if (wrong.isEmpty()) {
                out.println("database " + database.name() + ": registered, with "
                        + database.sandboxes().size() + " sandboxes of the list");
            }
            faults += wrong.size();
        }
        return faults == 0 ? DONE : FAILED;
    }

    private static URI address(String text) throws BootstrapFault {
        try {
            URI url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (url.getHost() != null && List.of("http", "https").contains(url.getScheme())) {
                return url;
            }
        } catch (IllegalArgumentException _) {
            // Told below.
        }
        throw new BootstrapFault("the address of the gateway is \"" + text + "\": give one like http://host:8080");
    }

    private static List<Listed> read(Path file) throws BootstrapFault {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw new BootstrapFault(file + " cannot be read as JSON: " + e.getMessage());
        }
        List<Listed> databases = new ArrayList<>();
        for (JsonNode entry : root.path("databases")) {
            Listed database = Listed.of(entry);
            if (database == null) {
                throw new BootstrapFault(
                        file + ": databases[" + databases.size() + "] must be an object with a name: " + entry);
            }
            databases.add(database);
        }
        return databases;
    }

    /**
     * A database of the list.
     *
     * @param form the body that registers it
     */
    record Listed(String name, ObjectNode form, List<String> sandboxes) {

        private static @Nullable Listed of(JsonNode entry) {
            if (!(entry instanceof ObjectNode object) || !object.path("name").isString()) {
                return null;
            }
            List<String> sandboxes = new ArrayList<>();
            object.path("sandboxes").forEach(id -> sandboxes.add(id.asString()));
            ObjectNode form = object.deepCopy();
            form.remove("sandboxes");
            return new Listed(object.path("name").asString(), form, sandboxes);
        }
    }

    /** Arguments or a file that cannot be made sense of. */
    private static final class BootstrapFault extends Exception {
        private static final long serialVersionUID = 1L;

        BootstrapFault(String message) {
            super(message);
        }
    }
}
