package org.svos.telemetry.lanternrock;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tls;

/** What an adapter does with keys and trust, towards a server that asks for a certificate of its own CA. */
interface TlsRules extends Adapting {

    Certificates CERTIFICATES = Certificates.of();

    @Test
    default void anOwnCaIsTrustedAndTheCertificateIsShown() throws Exception {
        try (RawServer server = server("server")) {
            assertThat(towards(server.uri(), () -> tls("client", "ca")).deliver(delivery("k1")))
                    .isEqualTo(new Receipt.Delivered());
            assertThat(server.requests().getFirst().peer()).hasToString("CN=client");
        }
    }

    @Test
    default void aCertificateThatIsReplacedIsShownWithTheNextDelivery() throws Exception {
        var now = new AtomicReference<>(tls("client", "ca"));
        try (RawServer server = server("server")) {
            LanternRock adapter = towards(server.uri(), now::get);
            adapter.deliver(delivery("k1"));
            adapter.deliver(delivery("k2"));
            now.set(tls("other-client", "ca"));
            assertThat(adapter.deliver(delivery("k3"))).isEqualTo(new Receipt.Delivered());
            assertThat(server.requests())
                    .extracting(request -> String.valueOf(request.peer()))
                    .containsExactly("CN=client", "CN=client", "CN=other-client");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    default void aServerOfAnotherCaIsRefusedAndTheSettingIsNamed() throws Exception {
        assertThat(why("stranger", () -> tls("client", "ca"))).contains("PKIX path", "the keys of this test");
    }

    @Test
    default void withNoneOfItsOwnItTrustsWhatTheJdkDoes() throws Exception {
        assertThat(why("server", null)).contains("PKIX path", "the JDK's");
    }

    @Test
    default void anExpiredServerIsRefused() throws Exception {
        assertThat(why("expired", () -> tls("client", "ca"))).contains("expired", "the keys of this test");
    }

    @Test
    default void aServerOfAnotherNameIsRefused() throws Exception {
        assertThat(why("client", () -> tls("client", "ca"))).contains("127.0.0.1", "the keys of this test");
    }

    @Test
    default void withoutACertificateItIsToldSo() throws Exception {
        assertThat(why("server", () -> tls(null, "ca"))).contains("certificate", "the keys of this test");
    }

    @Test
    default void aCertificateThatTheServerDoesNotTrustIsToldSo() throws Exception {
        assertThat(why("server", () -> tls("stranger", "ca"))).contains("certificate", "the keys of this test");
    }

    @Test
    default void aServerWithoutTlsIsTold() throws Exception {
        try (RawServer plain = RawServer.start(RawServer.always(200, taken()))) {
            URI uri = URI.create(plain.uri().toString().replace("http:", "https:"));
            assertThat(towards(uri, () -> tls("client", "ca")).deliver(delivery("k1")))
                    .isInstanceOfSatisfying(
                            Receipt.Retry.class,
                            retry -> assertThat(retry.why()).contains("TLS", uri.toString()));
        }
    }

    /** What a delivery that finds no common ground says. */
    private String why(String server, @Nullable Supplier<Tls> tls) throws Exception {
        try (RawServer started = server(server)) {
            Receipt receipt = towards(started.uri(), tls).deliver(delivery("k1"));
            assertThat(started.requests()).isEmpty();
            assertThat(receipt)
                    .isInstanceOfSatisfying(
                            Receipt.Retry.class,
                            retry -> assertThat(retry.why())
                                    .contains("no TLS with", started.uri().toString()));
            return ((Receipt.Retry) receipt).why();
        }
    }

    private LanternRock towards(URI server, @Nullable Supplier<Tls> tls) {
        return adapter(new HttpSettings(server, null, Duration.ofSeconds(5), Duration.ofSeconds(20)), tls);
    }

    private RawServer server(String name) throws Exception {
        SSLContext context = CERTIFICATES.context(name, "ca");
        return RawServer.start(context, RawServer.always(200, taken()));
    }

    private static Tls tls(@Nullable String name, String trusted) {
        return new Tls("the keys of this test", CERTIFICATES.context(name, trusted), new SSLParameters());
    }
}
