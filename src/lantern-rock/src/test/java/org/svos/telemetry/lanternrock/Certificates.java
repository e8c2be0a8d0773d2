package org.svos.telemetry.lanternrock;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Keys and certificates for tests, made once a process by the JDK's keytool.
 *
 * <p>{@code ca} has signed {@code server} and {@code expired} (both for 127.0.0.1), {@code client} and {@code other-client};
 * {@code stranger}, also for 127.0.0.1, has signed itself.
 */
public final class Certificates {

    private static final String PASSWORD = "changeit";
    private static final String LOOPBACK = "san=ip:127.0.0.1";
    private static @Nullable Certificates made;

    private final KeyStore keys;

    private Certificates(KeyStore keys) {
        this.keys = keys;
    }

    /** Those of this process. */
    public static synchronized Certificates of() {
        if (made == null) {
            try {
                made = make();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (GeneralSecurityException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return made;
    }

    private static Certificates make() throws IOException, GeneralSecurityException, InterruptedException {
        Path store = Files.createTempDirectory("certificates").resolve("keys.p12");
        try {
            keytool(store, "ca", "-ext", "bc:critical=ca:true");
            keytool(store, "server", "-signer", "ca", "-ext", LOOPBACK);
            keytool(store, "client", "-signer", "ca");
            keytool(store, "other-client", "-signer", "ca");
            keytool(store, "expired", "-signer", "ca", "-ext", LOOPBACK, "-startdate", "-3d", "-validity", "1");
            keytool(store, "stranger", "-ext", LOOPBACK);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            return new Certificates(keys);
        } finally {
            Files.deleteIfExists(store);
            Files.deleteIfExists(store.getParent());
        }
    }

    private static void keytool(Path store, String alias, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-alias",
                alias,
                "-dname",
                "CN=" + alias));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool " + alias + ": " + said);
        }
    }

    /**
     * A context.
     *
     * @param name who one is; null for nobody
     * @param trusted the one that is trusted
     */
    public SSLContext context(@Nullable String name, String trusted) {
        try {
            KeyStore own = empty();
            if (name != null) {
                own.setKeyEntry(name, keys.getKey(name, PASSWORD.toCharArray()), null, chain(name));
            }
            KeyStore trust = empty();
            trust.setCertificateEntry(trusted, keys.getCertificate(trusted));
            // "PKIX": an expired certificate is shown, which "SunX509" of this JDK would rather not.
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(own, null);
            TrustManagerFactory trusts = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusts.init(trust);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), trusts.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private Certificate[] chain(String name) throws GeneralSecurityException {
        return new Certificate[] {keys.getCertificate(name)};
    }

    /** A certificate as PEM. */
    public String certificate(String name) {
        try {
            return pem("CERTIFICATE", keys.getCertificate(name).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A private key as PEM. */
    public String key(String name) {
        try {
            return pem("PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String what, byte[] der) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }
}
