package org.svos.telemetry.loader.upload;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.spool.SpooledBatch;

/** A gateway behind TLS that offers HTTP/2, as the gateway's own server does it. */
class Http2Test {

    @TempDir
    Path folder;

    private final List<String> protocols = new CopyOnWriteArrayList<>();
    private final Set<Integer> connections = ConcurrentHashMap.newKeySet();
    private final Tomcat tomcat = new Tomcat();
    private Config.TlsFiles files;

    @BeforeEach
    void start() throws Exception {
        Path store = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=server",
                        "-ext",
                        "san=ip:127.0.0.1")
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor())
                .as(keytool.inputReader().readAllAsString())
                .isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        Path ca = Files.writeString(
                folder.resolve("ca.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(keys.getCertificate("server").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        files = new Config.TlsFiles(ca, null, null);
        Files.writeString(folder.resolve("token"), "secret");
        tomcat.setBaseDir(folder.toString());
        tomcat.setConnector(connector(store));
        StandardContext context = (StandardContext) tomcat.addContext("", folder.toString());
        // Looked for with JVM options that these tests do not have.
        context.setClearReferencesThreadLocals(false);
        context.setClearReferencesRmiTargets(false);
        Tomcat.addServlet(context, "batches", new Batches()).addMapping("/*");
        tomcat.start();
    }

    private static Connector connector(Path store) {
        Connector connector = new Connector("HTTP/1.1");
        connector.setPort(0);
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig host = new SSLHostConfig();
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(store.toString());
        certificate.setCertificateKeystorePassword("changeit");
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
        connector.addUpgradeProtocol(new Http2Protocol());
        return connector;
    }

    private final class Batches extends HttpServlet {

        private static final long serialVersionUID = 1L;

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            request.getInputStream().readAllBytes();
            protocols.add(request.getProtocol());
            connections.add(request.getRemotePort());
            boolean isRefused = request.getHeader("Idempotency-Key").equals("\"refused\"");
            response.setStatus(isRefused ? 429 : 202);
            response.setHeader("Retry-After", isRefused ? "7" : null);
            response.getOutputStream()
                    .write((isRefused ? "{\"code\":\"quota-exceeded\"}" : "{\"batch\":\"k\",\"accepted\":1}")
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    @AfterEach
    void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
    }

    private GatewayClient client(boolean http2) {
        return client("https://127.0.0.1:" + tomcat.getConnector().getLocalPort(), http2);
    }

    private GatewayClient client(String url, boolean http2) {
        return new GatewayClient(
                new Config.Gateway(URI.create(url), Duration.ofSeconds(10), Duration.ofSeconds(20), files, null, http2),
                new Token(folder.resolve("token")),
                "1.0.0");
    }

    private static SpooledBatch batch(String key) {
        SandboxId sandbox = new SandboxId("00000000-1111-2222-3333-444444444444");
        byte[] body = new byte[100_000];
        return new SpooledBatch(1, "boot", sandbox, key, 1, body.length, Zstd.compress(body));
    }

    @Test
    void allPostsGoOverOneConnectionByHttp2() throws Exception {
        GatewayClient client = client(true);
        assertThat(client.post(batch("first"))).isInstanceOf(Answer.Taken.class);
        try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> answers = IntStream.range(0, 20)
                    .mapToObj(i -> lanes.submit(() -> client.post(batch("k" + i))))
                    .toList();
            for (Future<Answer> answer : answers) {
                assertThat(answer.get()).isInstanceOf(Answer.Taken.class);
            }
        }
        assertThat(client.post(batch("refused")))
                .isEqualTo(new Answer.Later("429 quota-exceeded", Duration.ofSeconds(7)));
        client.close();

        assertThat(protocols).hasSize(22).containsOnly("HTTP/2.0");
        assertThat(connections).hasSize(1);
    }

    @Test
    void switchedOffItIsNotSpoken() throws Exception {
        GatewayClient client = client(false);
        assertThat(client.post(batch("k"))).isInstanceOf(Answer.Taken.class);

        assertThat(protocols).containsExactly("HTTP/1.1");
    }

    /** As without HTTP/2, whose client has other exceptions for the same. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsWrongWithTheWayIsNamed(boolean http2) throws Exception {
        assertThat(client("https://gateway.invalid", http2).post(batch("k")).toString())
                .contains("https://gateway.invalid cannot be reached", "gateway.url", "UnknownHostException");
        assertThat(client("https://127.0.0.1:1", http2).post(batch("k")).toString())
                .contains("https://127.0.0.1:1 cannot be reached", "gateway.url")
                .containsIgnoringCase("connection refused");
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String url = "https://127.0.0.1:" + silent.getLocalPort();
            Thread.ofVirtual().start(() -> hangUp(silent));
            assertThat(client(url, http2).post(batch("k")).toString())
                    .contains(url + " cannot be spoken to", "gateway.caFile");
        }
    }

    private static void hangUp(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket one = server.accept()) {
                one.getInputStream().read();
            } catch (IOException e) {
                return;
            }
        }
    }
}
