package org.svos.telemetry.loader.upload;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.spool.SpooledBatch;

/** A gateway behind TLS that asks for certificates, and one behind a proxy, for either client. The keys are keytool's. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
class GatewayTlsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    /** {@code ca} has signed {@code server}, {@code host} and {@code host-two}. */
    private static KeyStore keys;

    @TempDir
    Path folder;

    @Parameter
    boolean http2;

    private final List<String> peers = new CopyOnWriteArrayList<>();
    private HttpsServer server;
    private Path ca;

    @BeforeAll
    static void make(@TempDir Path made) throws Exception {
        Path store = made.resolve("keys.p12");
        keytool(store, "ca", "-ext", "bc:critical=ca:true");
        keytool(store, "server", "-signer", "ca", "-ext", "san=ip:127.0.0.1");
        keytool(store, "host", "-signer", "ca");
        keytool(store, "host-two", "-signer", "ca");
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
    }

    private static void keytool(Path store, String alias, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-keystore", store.toString()));
        command.addAll(List.of("-storepass", "changeit", "-alias", alias, "-dname", "CN=" + alias));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = process.inputReader().readAllAsString();
        assertThat(process.waitFor()).as(said).isZero();
    }

    @BeforeEach
    void start() throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("server", keys.getKey("server", PASSWORD), PASSWORD, keys.getCertificateChain("server"));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(own, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", keys.getCertificate("ca"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);

        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = context.getDefaultSSLParameters();
                ssl.setNeedClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        server.createContext("/", exchange -> {
            peers.add(((HttpsExchange) exchange)
                    .getSSLSession()
                    .getPeerPrincipal()
                    .getName());
            answer(exchange);
        });
        server.start();
        ca = pem("ca.pem", keys.getCertificate("ca"));
        Files.writeString(folder.resolve("token"), "secret");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Path pem(String name, Certificate... certificates) throws Exception {
        StringBuilder text = new StringBuilder();
        for (Certificate certificate : certificates) {
            text.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return Files.writeString(folder.resolve(name), text);
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + kind
                + "-----\n";
    }

    /** Certificate and key of an alias, under the names that the settings have. */
    private Config.TlsFiles host(String alias) throws Exception {
        Path certificate = pem("host.pem", keys.getCertificateChain(alias));
        Path key = Files.writeString(
                folder.resolve("host.key"),
                pem("PRIVATE KEY", keys.getKey(alias, PASSWORD).getEncoded()));
        return new Config.TlsFiles(ca, certificate, key);
    }

    private Answer post(Config.TlsFiles files) throws Exception {
        return client(https(), files, null).post(batch());
    }

    private String https() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    private GatewayClient client(String url, Config.TlsFiles files, @Nullable URI proxy) {
        return new GatewayClient(
                new Config.Gateway(
                        URI.create(url), Duration.ofSeconds(10), Duration.ofSeconds(20), files, proxy, http2),
                new Token(folder.resolve("token")),
                "1.0.0");
    }

    private static SpooledBatch batch() {
        SandboxId sandbox = new SandboxId("00000000-1111-2222-3333-444444444444");
        return new SpooledBatch(1, "boot", sandbox, "k", 1, 2, Zstd.compress("{}".getBytes(StandardCharsets.UTF_8)));
    }

    private static String why(Answer answer) {
        return ((Answer.Later) answer).why();
    }

    @Test
    void aHostShowsItsCertificateToAGatewayThatItTrusts() throws Exception {
        assertThat(post(host("host"))).isInstanceOf(Answer.Taken.class);
        assertThat(peers).containsExactly("CN=host");
    }

    @Test
    void aCertificateThatWasReplacedIsShownWithoutARestart() throws Exception {
        GatewayClient client = client(https(), host("host"), null);
        assertThat(client.post(batch())).isInstanceOf(Answer.Taken.class);
        host("host-two");
        Files.setLastModifiedTime(
                folder.resolve("host.pem"), FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(client.post(batch())).isInstanceOf(Answer.Taken.class);

        assertThat(peers).containsExactly("CN=host", "CN=host-two");
    }

    @Test
    void aGatewayThatIsNotTrustedIsNamedWithTheSetting() throws Exception {
        Config.TlsFiles host = host("host");
        Config.TlsFiles system = new Config.TlsFiles(null, host.certificate(), host.key());
        assertThat(why(post(system))).contains(https(), "gateway.caFile", "certification path");
        assertThat(why(post(new Config.TlsFiles(ca, null, null)))).contains("gateway.certificateFile");
        assertThat(peers).isEmpty();
    }

    @Test
    void aFileThatIsNoneOfItsKindIsNamedWithItsSetting() throws Exception {
        Config.TlsFiles host = host("host");
        Path text = Files.writeString(folder.resolve("text"), "no certificate");
        Path gone = folder.resolve("gone");

        assertThat(why(post(new Config.TlsFiles(text, null, null)))).contains(text.toString(), "gateway.caFile");
        assertThat(why(post(new Config.TlsFiles(gone, null, null)))).contains(gone.toString());
        assertThat(why(post(new Config.TlsFiles(ca, text, host.key()))))
                .contains(text.toString(), "gateway.certificateFile");
        assertThat(why(post(new Config.TlsFiles(ca, host.certificate(), text))))
                .contains(text.toString(), "gateway.keyFile", "openssl pkcs8");
    }

    @Test
    void aProxyIsAskedForTheGateway() throws Exception {
        var none = new Config.TlsFiles(null, null, null);
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            answer(exchange);
        });
        proxy.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + proxy.getAddress().getPort());
            assertThat(client("http://gateway.invalid:8080", none, address).post(batch()))
                    .isInstanceOf(Answer.Taken.class);
        } finally {
            proxy.stop(0);
        }
        assertThat(asked)
                .containsExactly(
                        "http://gateway.invalid:8080/api/v1/sandboxes/00000000-1111-2222-3333-444444444444/batches");
    }

    @Test
    void aProxyThatIsNotThereIsNamed() throws Exception {
        var none = new Config.TlsFiles(null, null, null);
        assertThat(why(client("http://gateway.invalid", none, URI.create("http://127.0.0.1:1"))
                        .post(batch())))
                .contains("gateway.proxy");
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            byte[] answer = "{\"batch\":\"k\",\"accepted\":1,\"rejected\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(202, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }
}
