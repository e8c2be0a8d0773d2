package org.svos.telemetry.gateway.move;

import java.io.PrintStream;
import java.time.InstantSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.svos.telemetry.gateway.settings.DataFolder;
import org.svos.telemetry.gateway.settings.SettingsConfiguration;
import org.svos.telemetry.gateway.store.FileStore;
import org.svos.telemetry.gateway.store.MoveConfiguration;
import org.svos.telemetry.gateway.store.ServerStore;
import org.svos.telemetry.gateway.store.StoreException;

/**
 * {@code java -jar telemetry-gateway.jar move}: takes all that the store in {@code telemetry.data} holds, whose gateway does not
 * run, to the empty database of {@code telemetry.postgresql}, and marks the folder as moved. Ended at any point and run again, it goes
 * on; see {@link Move}.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import({SettingsConfiguration.class, MoveConfiguration.class})
public class MoveCommand {

    /** The word that asks for it, as first argument. */
    public static final String NAME = "move";

    private static final int CHUNK_ROWS = 2_000;

    private static final int MOVED = 0;
    private static final int FAILED = 1;

    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    /**
     * Runs it.
     *
     * @param arguments settings, as the gateway takes them
     * @return the exit code: 0 if all was moved, 1 if not. A store that cannot be opened ends the process with Spring's own
     */
    public static int run(String[] arguments, PrintStream out) {
        SpringApplication application = new SpringApplicationBuilder(MoveCommand.class)
                .web(WebApplicationType.NONE)
                .build(arguments);
        try (ConfigurableApplicationContext context = application.run(arguments)) {
            FileStore source = context.getBean(FileStore.class);
            ServerStore target = context.getBean(ServerStore.class);
            DataFolder data = context.getBean(DataFolder.class);
            out.println("from        " + source.place());
            out.println("to          " + target.place());
            try {
                new Move(data.path(), source, target, CHUNK_ROWS, out::println).run();
            } catch (MoveFault | StoreException e) {
                out.println(NAME + ": " + e.getMessage());
                return FAILED;
            }
            out.println("The folder is marked as moved. Start gateways with TELEMETRY_STORE=postgresql, and with"
                    + " TELEMETRY_ADMIN_TOKEN set to what " + data.path().resolve("admin-token")
                    + " has, if it is there.");
            return MOVED;
        }
    }
}
