package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * What {@code ./dev bench scale} runs: the intake on each kind of store with one gateway and with several, and on one store with
 * many databases and many sandboxes. Lantern Rock refuses, so nothing is delivered. The load is the benchmarks' own, a process a
 * gateway, without the balancer.
 */
final class Scale {

    private static final String SANDBOX = "5a6d1c3e-0000-4000-8000-0000";
    private static final String QUOTA =
            "\"quota\": {\"bytesPerDay\": 1000000000000000, \"eventsPerSecond\": 1000000000,"
                    + " \"burst\": 1000000000}";
    private static final int MANY_EVENTS = 100;
    private static final int CONNECTIONS = 120;
    private static final int REGISTRANTS = 16;

    private final Path folder;
    private final NativeLoad load;
    private final List<String> gatewayCommand;
    private final int seconds = number("SECONDS_A_RUN", 4);
    private final int rounds = number("ROUNDS", 5);
    private final int warmUp = number("WARM_UP", 60);
    private int sites;
    /** Batches until now, by each of the loads. */
    private long posted;

    private Scale(Path folder, Path load, List<String> gatewayCommand) {
        this.folder = folder;
        this.load = new NativeLoad(load, folder);
        this.gatewayCommand = gatewayCommand;
    }

    /** What one run of the load tells, and what it cost. */
    private record Run(double eventsPerSecond, double gatewayMicros, double storeMicros, double p50, double p99) {}

    /** The figures of several runs. */
    private record Row(Figures eventsPerSecond, Figures gatewayMicros, Figures storeMicros, Figures p50, Figures p99) {

        static Row empty() {
            return new Row(new Figures(), new Figures(), new Figures(), new Figures(), new Figures());
        }

        void add(Run run) {
            eventsPerSecond.add(run.eventsPerSecond());
            gatewayMicros.add(run.gatewayMicros());
            storeMicros.add(run.storeMicros());
            p50.add(run.p50() / 1000);
            p99.add(run.p99() / 1000);
        }

        double micros() {
            return gatewayMicros.median() + storeMicros.median();
        }
    }

    /**
     * Gateways that run.
     *
     * @param servers processes of what they share; none where the store is a file
     */
    private record Running(
            Api api, List<Gateway> gateways, List<Long> servers, String token, LanternRockStandIn lanternRock)
            implements AutoCloseable {

        @Override
        public void close() {
            api.close();
            lanternRock.close();
        }

        long gatewayMicros() {
            return gateways.stream()
                    .mapToLong(gateway -> Cpu.micros(gateway.pid()))
                    .sum();
        }

        long storeMicros() {
            return servers.stream().mapToLong(Cpu::micros).sum();
        }
    }

    /**
     * Runs it, and prints its tables.
     *
     * @param args the folder to work in, the load, and the command that runs a gateway
     */
    public static void main(String[] args) throws Exception {
        var scale = new Scale(Path.of(args[0]), Path.of(args[1]), List.of(args).subList(2, args.length));
        String parts = System.getenv().getOrDefault("PARTS", "quota stores growth");
        if (parts.contains("quota")) {
            scale.quota();
        }
        if (parts.contains("stores")) {
            for (String events : words("EVENTS", "100 1")) {
                scale.stores(Integer.parseInt(events));
            }
        }
        if (parts.contains("growth")) {
            for (String store : words("GROWTH", "sqlite postgresql")) {
                scale.growth(store);
            }
        }
    }

    private void quota() throws Exception {
        List<String> table = new ArrayList<>(List.of(
                "| shared store | gateways | attempts | bytes accepted, of the day's | events accepted | refused | |",
                "|---|---|---|---|---|---|---|"));
        for (Shared shared : Shared.values()) {
            for (String gateways : words("QUOTA", "1 2 5")) {
                String row =
                        SharedQuota.run(folder, load.program(), gatewayCommand, shared, Integer.parseInt(gateways));
                say(row);
                table.add(row);
            }
        }
        table.forEach(System.out::println);
    }

    private static int number(String name, int unlessSaid) {
        return Integer.parseInt(System.getenv().getOrDefault(name, Integer.toString(unlessSaid)));
    }

    private static List<String> words(String name, String unlessSaid) {
        return List.of(System.getenv().getOrDefault(name, unlessSaid).split(" ", -1));
    }

    /** Each kind of store, and one gateway to three. */
    private void stores(int events) throws Exception {
        System.out.println("Batches of " + events + ":\n");
        List<String> table = new ArrayList<>(List.of(
                "| store | gateways | events/s | CPU an event, gateways | and store | p50 | p99 | p99 at half of that |",
                "|---|---|---|---|---|---|---|---|"));
        for (String store : words("STORES", "sqlite postgresql kafka")) {
            for (String gateways : store.equals("sqlite") ? List.of("1") : words("GATEWAYS", "1 2 3")) {
                table.add(store(store, Integer.parseInt(gateways), events));
            }
        }
        table.forEach(System.out::println);
    }

    private String store(String store, int gateways, int events) throws Exception {
        try (Running running = start(store, gateways)) {
            register(running.api(), 4, 32);
            warmUp(running, events, 32);
            Row row = Row.empty();
            Figures half = new Figures();
            for (int i = 0; i < rounds; i++) {
                row.add(load(running, events, 32, seconds, 0));
            }
            int rate = (int) (row.eventsPerSecond().median() / events / 2 / gateways);
            for (int i = 0; i < rounds; i++) {
                half.add(load(running, events, 32, seconds, rate).p99() / 1000);
            }
            String line = "| %s | %d | %s | %s µs | %s µs | %s ms | %s ms | %s ms |"
                    .formatted(
                            store,
                            gateways,
                            row.eventsPerSecond(),
                            row.gatewayMicros(),
                            row.storeMicros(),
                            row.p50(),
                            row.p99(),
                            half);
            say(line);
            return line;
        }
    }

    /** One store, and more and more databases, and sandboxes in one database. */
    private void growth(String store) throws Exception {
        List<String> table = new ArrayList<>(List.of(
                "| store | databases | sandboxes | events/s | CPU an event | of that with one | p99 |",
                "|---|---|---|---|---|---|---|"));
        double one = 0;
        for (String many : words("MANY", "1/1 100/100 10000/10000 1/1000 1/100000")) {
            int databases = Integer.parseInt(many.substring(0, many.indexOf('/')));
            int sandboxes = Integer.parseInt(many.substring(many.indexOf('/') + 1));
            try (Running running = start(store, 1)) {
                register(running.api(), databases, sandboxes);
                warmUp(running, MANY_EVENTS, sandboxes);
                Row row = Row.empty();
                for (int i = 0; i < rounds; i++) {
                    row.add(load(running, MANY_EVENTS, sandboxes, seconds, 0));
                }
                one = one == 0 ? row.micros() : one;
                String line = "| %s | %,d | %,d | %s | %.2f µs | %.2f | %s ms |"
                        .formatted(
                                store,
                                databases,
                                sandboxes,
                                row.eventsPerSecond(),
                                row.micros(),
                                row.micros() / one,
                                row.p99());
                say(line);
                table.add(line);
            }
        }
        table.forEach(System.out::println);
    }

    private static void say(String line) {
        System.err.println("    " + line);
    }

    private Running start(String store, int gateways) throws IOException {
        Path site = Files.createDirectories(folder.resolve("site-" + ++sites));
        var lanternRock = new LanternRockStandIn(site);
        lanternRock.behave("{\"mode\": \"status\", \"status\": 503, \"retryAfter\": 86400}");
        if (store.equals("sqlite")) {
            Gateway gateway = new Gateway(site, lanternRock.url(), gatewayCommand, Map.of());
            gateway.awaitReady();
            return new Running(gateway, List.of(gateway), List.of(), token(gateway), lanternRock);
        }
        var cluster = new Cluster(site, Shared.of(store), lanternRock.url(), gatewayCommand, gateways, Map.of(), false);
        return new Running(
                cluster,
                cluster.replicas().stream().map(Cluster.Replica::gateway).toList(),
                cluster.servers(),
                token(cluster),
                lanternRock);
    }

    private static String token(Api api) {
        Http.Answer answer = api.admin(
                "POST", "/api/v1/tokens", "{\"role\": \"host\", \"name\": \"bench\", \"databases\": [\"*\"]}");
        return answer.json().path("secret").asString();
    }

    /** Databases, and sandboxes among them in turns. */
    private static void register(Api api, int databases, int sandboxes) throws Exception {
        each(
                databases,
                i -> api.admin(
                        "POST",
                        "/api/v1/databases",
                        "{\"name\": \"bench-" + i + "\", \"owner\": \"bench\", " + QUOTA + "}"));
        each(
                sandboxes,
                i -> api.admin(
                        "POST",
                        "/api/v1/databases/bench-" + i % databases + "/sandboxes",
                        "{\"id\": \"" + SANDBOX + "%08x\"}".formatted(i)));
        Thread.sleep(2_000); // In force at every gateway.
    }

    private interface Registering {
        Http.Answer call(int number);
    }

    private static void each(int count, Registering call) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(REGISTRANTS)) {
            List<Future<?>> all = IntStream.range(0, REGISTRANTS)
                    .<Future<?>>mapToObj(first -> threads.submit(() -> {
                        for (int i = first; i < count; i += REGISTRANTS) {
                            Http.Answer answer = call.call(i);
                            if (answer.status() != 201) {
                                throw new IllegalStateException(answer.status() + " " + answer.body());
                            }
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    /** Until each sandbox was seen about once; a run goes on where the one before it ended. */
    private void warmUp(Running running, int eventsOfABatch, int sandboxes) {
        long before = posted;
        do {
            load(running, eventsOfABatch, sandboxes, warmUp, 0);
        } while (posted - before < sandboxes);
    }

    /** One run on all gateways at once, each of which goes through all sandboxes in turn. */
    private Run load(Running running, int eventsOfABatch, int sandboxes, int duration, int rate) {
        long gatewayBefore = running.gatewayMicros();
        long storeBefore = running.storeMicros();
        int connections = CONNECTIONS / running.gateways().size();
        var batches = new NativeLoad.Batches(SANDBOX, sandboxes, posted, eventsOfABatch);
        List<NativeLoad.Running> loads = running.gateways().stream()
                .map(gateway -> load.start(gateway.port(), running.token(), batches, connections, duration, rate))
                .toList();
        double perSecond = 0;
        double requests = 0;
        double p50 = 0;
        double p99 = 0;
        for (NativeLoad.Running one : loads) {
            NativeLoad.Told told = one.told();
            if (told.refused() > 0) {
                throw new IllegalStateException("refused: " + told.said());
            }
            requests += told.requests();
            perSecond += told.requests() / told.seconds();
            p50 = Math.max(p50, told.p50());
            p99 = Math.max(p99, told.p99());
        }
        posted += (long) (requests / loads.size());
        double events = requests * eventsOfABatch;
        return new Run(
                perSecond * eventsOfABatch,
                (running.gatewayMicros() - gatewayBefore) / events,
                (running.storeMicros() - storeBefore) / events,
                p50,
                p99);
    }
}
