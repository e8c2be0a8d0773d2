package org.svos.telemetry.gateway.store;

import java.nio.file.Files;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.settings.DataFolder;

/** The two stores of a move, each as its settings say, whatever {@code telemetry.store} does. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({JournalSettings.class, ServerSettings.class})
public class MoveConfiguration {

    @Bean
    FileStore source(JournalSettings journal, DataFolder data, InstantSource clock) {
        if (Files.notExists(data.path().resolve("telemetry.db"))) {
            throw new StoreStartException("There is no store in " + data.path()
                    + " that could be moved. Set TELEMETRY_DATA (telemetry.data) to the folder of the gateway's.");
        }
        return FileStore.openToMove(data.path(), clock, journal.segmentSize().toBytes());
    }

    @Bean
    ServerStore target(ServerSettings server) {
        return ServerStore.openToMove(server);
    }
}
