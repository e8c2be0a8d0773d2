package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.kafka.KafkaBroker;

/**
 * Several gateways that share a store on a server, behind one address:
 *
 * <pre>
 * clients ── balancer ─┬─ gateway 1 ── way ─┐
 *                      ├─ gateway 2 ── way ─┼─ PostgreSQL
 *                      └─ gateway 3 ── way ─┘    and perhaps, each by itself, Kafka
 * </pre>
 *
 * Each is a process; the balancer knows TCP only; a way can be cut.
 */
final class Cluster implements Api {

    private final PostgresServer store;
    private final @Nullable KafkaBroker broker;
    private final List<Replica> replicas = new ArrayList<>();
    private final Balancer balancer;

    /** A gateway and its way to the store. */
    record Replica(Gateway gateway, TcpRoute toStore) {}

    /**
     * One whose gateways are ready.
     *
     * @param shared what they share
     * @param gatewayCommand that runs one
     * @param gateways how many
     * @param settings of each, as environment variables
     * @param cuttable whether their ways to the store can be cut; if not, there is nothing in between
     */
    Cluster(
            Path folder,
            Shared shared,
            String lanternRock,
            List<String> gatewayCommand,
            int gateways,
            Map<String, String> settings,
            boolean cuttable) {
        this.store = new PostgresServer(folder.resolve("postgresql"));
        this.broker = switch (shared) {
            case POSTGRESQL -> null;
            case KAFKA -> KafkaBroker.start(folder.resolve("kafka"), Map.of());
        };
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("TELEMETRY_STORE", "postgresql");
        all.put("TELEMETRY_POSTGRESQL_USER", PostgresServer.USER);
        if (broker != null) {
            all.put("TELEMETRY_SPOOL", "kafka");
            all.put("TELEMETRY_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers());
            all.put("TELEMETRY_KAFKA_REPLICATION", "1");
        }
        for (int i = 1; i <= gateways; i++) {
            replicas.add(replica(folder.resolve("gateway-" + i), lanternRock, gatewayCommand, all, cuttable));
        }
        this.balancer = new Balancer(
                replicas.stream().mapToInt(replica -> replica.gateway().port()).toArray());
        awaitReady();
    }

    private Replica replica(
            Path folder, String lanternRock, List<String> command, Map<String, String> settings, boolean cuttable) {
        var way = new TcpRoute(store.port());
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("TELEMETRY_POSTGRESQL_URL", PostgresServer.url(cuttable ? way.port() : store.port()));
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Replica(new Gateway(folder, lanternRock, command, all), way);
    }

    List<Replica> replicas() {
        return replicas;
    }

    PostgresServer store() {
        return store;
    }

    /** That has the batches, where it is they that Kafka has. */
    @Nullable
    KafkaBroker broker() {
        return broker;
    }

    /** The first processes of what they share. */
    List<Long> servers() {
        return broker == null ? List.of(store.pid()) : List.of(store.pid(), broker.pid());
    }

    void awaitReady() {
        replicas.forEach(replica -> replica.gateway().awaitReady());
    }

    @Override
    public String url() {
        return balancer.url();
    }

    @Override
    public boolean isCertain() {
        return balancer.isCertain();
    }

    @Override
    public void close() {
        balancer.close();
        replicas.forEach(replica -> {
            replica.gateway().close();
            replica.toStore().close();
        });
        store.close();
        if (broker != null) {
            broker.close();
        }
    }
}
