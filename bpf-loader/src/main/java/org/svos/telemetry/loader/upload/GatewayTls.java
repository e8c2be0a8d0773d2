package org.svos.telemetry.loader.upload;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.config.Config.TlsFiles;

/** What is trusted of the gateway, and what it is shown of this host: from files, read again when one of them has changed. */
final class GatewayTls {

    /** Where Debian keeps what a system trusts; without it there is the Java runtime's own list. */
    private static final Path SYSTEM = Path.of("/etc/ssl/certs/ca-certificates.crt");

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> KINDS_OF_KEY = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

    /** A file that is not what its setting says; the message names both. */
    static final class Fault extends IOException {
        final String said;

        Fault(String message, @Nullable Exception cause) {
            super(message, cause);
            said = message;
        }
    }

    private final TlsFiles files;
    private List<FileTime> times = List.of();
    private @Nullable SSLContext context;

    GatewayTls(TlsFiles files) {
        this.files = files;
    }

    /** Makes connections by what the files say now. */
    synchronized SSLContext context() throws IOException {
        List<FileTime> now = times();
        SSLContext made = context;
        if (made == null || !now.equals(times)) {
            try {
                made = SSLContext.getInstance("TLS");
                made.init(keys(), trust(), null);
            } catch (GeneralSecurityException e) {
                throw new Fault(
                        "the files for TLS (settings gateway.caFile, .certificateFile, .keyFile): " + e.getMessage(),
                        e);
            }
            context = made;
            times = now;
        }
        return made;
    }

    private List<FileTime> times() throws Fault {
        List<FileTime> found = new ArrayList<>();
        for (Path file : new @Nullable Path[] {files.ca(), files.certificate(), files.key()}) {
            try {
                if (file != null) {
                    found.add(Files.getLastModifiedTime(file));
                }
            } catch (IOException e) {
                throw new Fault(
                        file + " cannot be read (settings gateway.caFile, .certificateFile, .keyFile): " + e, e);
            }
        }
        return found;
    }

    /** Null for the Java runtime's list. */
    private TrustManager @Nullable [] trust() throws IOException, GeneralSecurityException {
        Path file = files.ca() == null && Files.isReadable(SYSTEM) ? SYSTEM : files.ca();
        if (file == null) {
            return null;
        }
        KeyStore trusted = empty();
        for (Certificate certificate : certificates(file, "gateway.caFile")) {
            trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        return managers.getTrustManagers();
    }

    /** Null for none. */
    private KeyManager @Nullable [] keys() throws IOException, GeneralSecurityException {
        if (files.certificate() == null || files.key() == null) {
            return null;
        }
        KeyStore own = empty();
        Certificate[] chain =
                certificates(files.certificate(), "gateway.certificateFile").toArray(Certificate[]::new);
        own.setKeyEntry("own", key(files.key()), new char[0], chain);
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(own, new char[0]);
        return managers.getKeyManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file, String setting)
            throws IOException, GeneralSecurityException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new Fault("there is no certificate in " + file + " (setting " + setting + ")", null);
            }
            return found;
        } catch (CertificateException e) {
            throw new Fault("there is no certificate in " + file + " (setting " + setting + ")", e);
        }
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (pem.find()) {
            var encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
            for (String kind : KINDS_OF_KEY) {
                try {
                    return KeyFactory.getInstance(kind).generatePrivate(encoded);
                } catch (InvalidKeySpecException e) {
                    // One of another kind.
                }
            }
        }
        throw new Fault(
                "there is no private key in " + file
                        + " (setting gateway.keyFile): it must begin with BEGIN PRIVATE KEY, as \"openssl pkcs8 -topk8 -nocrypt\" makes it",
                null);
    }
}
