package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a host loader says of a bad link to the gateway: the address, what happened, and the setting to look at. Once the link is
 * good again every event arrives once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadLinkIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Map<String, String> QUICK = Map.of(
            "TELEMETRY_HOST_GATEWAY_REQUEST_TIMEOUT", "2s",
            "TELEMETRY_HOST_UPLOAD_FIRST_PAUSE", "50ms",
            "TELEMETRY_HOST_UPLOAD_LONGEST_PAUSE", "300ms");

    private final LanternRockStandIn lanternRock;
    private final Gateway gateway;

    BadLinkIT(@TempDir Path folder) {
        lanternRock = new LanternRockStandIn(folder);
        gateway = new Gateway(folder, lanternRock);
    }

    @AfterAll
    void stop() {
        gateway.close();
        lanternRock.close();
    }

    /** With the settings that the text names. */
    private static Map<String, String> settings(Relay relay) {
        Map<String, String> all = new TreeMap<>(QUICK);
        all.put("TELEMETRY_HOST_GATEWAY_URL", relay.url());
        return all;
    }

    @Test
    void whateverTheLinkDoesTheMessageNamesItAndTheSetting(@TempDir Path folder) {
        Registered database = gateway.register("links");
        try (Relay relay = new Relay(gateway);
                HostLoader loader = new HostLoader(folder, database, settings(relay))) {
            long events = 0;
            for (Relay.Way way : EnumSet.complementOf(EnumSet.of(Relay.Way.OPEN))) {
                relay.go(way);
                loader.runExample(1, database.sandbox());
                events += 6;
                String said = awaitTrouble(loader, database);
                System.out.println(way + ": " + said);
                assertThat(said).contains(relay.url()).contains(named(way));
                assertThat(loader.output()).contains(said).doesNotContain("\tat ");

                relay.go(Relay.Way.OPEN);
                String all = "accepted " + events + ", rejected 0, waiting 0, lost 0";
                Eventually.within(SOON, () -> assertThat(loader.status()).contains(all));
                lanternRock.awaitInOrder("links", events);
            }
            assertThat(HostLedger.of(loader.stop())).isEqualTo(HostLedger.allAccepted(events));
        }
        assertThat(gateway.ledger("links").path("duplicate").asLong())
                .as("taken before its answer was cut off")
                .isPositive();
        assertThat(gateway.ledger("links").path("sequenceGaps").asLong()).isZero();
        assertThat(gateway.ledger("links").path("imbalance").asLong()).isZero();
    }

    private static List<String> named(Relay.Way way) {
        return switch (way) {
            case OPEN -> List.of();
            case CUT_IN_THE_REQUEST, CUT_BEFORE_THE_ANSWER -> List.of("broke off", "gateway.url");
            case A_PAGE_FOR_PEOPLE -> List.of("Please log in", "gateway.url");
            case NO_HTTP -> List.of("no HTTP", "gateway.url");
            case SILENT -> List.of("did not answer within 2000 ms", "gateway.requestTimeout");
        };
    }

    @Test
    void aCertificateThatIsNotTrustedIsNamedAndTheSettingThatTrustsItHelps(@TempDir Path folder) throws Exception {
        Registered database = gateway.register("tls");
        Path store = folder.resolve("keys.p12");
        keytool(
                folder,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                store.toString());
        Path certificate = folder.resolve("gateway.pem");
        keytool(folder, "-exportcert", "-rfc", "-file", certificate.toString(), "-keystore", store.toString());
        try (Relay relay = new Relay(gateway, "https", sockets(store));
                HostLoader loader = new HostLoader(folder, database, settings(relay))) {
            loader.runExample(1, database.sandbox());
            String said = awaitTrouble(loader, database);
            System.out.println("TLS: " + said);
            assertThat(said).contains(relay.url(), "not trusted", "gateway.caFile");
            assertThat(loader.output()).contains(said).doesNotContain("\tat ");
            assertThat(HostLedger.of(loader.stop()).waiting()).isEqualTo(6);

            loader.startAgain(Map.of("TELEMETRY_HOST_GATEWAY_CA_FILE", certificate.toString()));
            lanternRock.awaitInOrder("tls", 6);
            assertThat(HostLedger.of(loader.stop())).isEqualTo(HostLedger.allAccepted(6));
        }
    }

    /** What the loader says that its sandbox waits for. */
    private static String awaitTrouble(HostLoader loader, Registered database) {
        String[] said = new String[1];
        Eventually.within(SOON, () -> {
            said[0] = loader.status()
                    .lines()
                    .filter(line -> line.startsWith("sandbox " + database.sandbox() + " waits until "))
                    .map(line -> line.replaceFirst("^.* waits until \\S+: ", ""))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("nothing is said of trouble"));
        });
        return said[0];
    }

    private static void keytool(Path folder, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "gateway", "-storepass", "changeit"));
        try (Child keytool = Child.start("keytool", folder.resolve("keytool.log"), Map.of(), command)) {
            assertThat(keytool.awaitExit(SOON)).as(keytool.output()).isZero();
        }
    }

    private static ServerSocketFactory sockets(Path store) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }
}
