package org.svos.telemetry.gateway.forward;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collections;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.svos.telemetry.gateway.settings.SettingFault;
import org.svos.telemetry.lanternrock.http.Tls;

/**
 * Keys and trust towards Lantern Rock, from one of Spring's SSL bundles, as its files are now. What is found when they change and
 * cannot be used changes nothing but the log: the last that could goes on.
 */
final class LanternRockTls implements Supplier<Tls> {

    static final String SETTING = "telemetry.lantern-rock.ssl-bundle";

    private static final Logger log = LoggerFactory.getLogger(LanternRockTls.class);

    private final String name;
    private final InstantSource clock;
    private volatile Tls now;

    /**
     * The bundle of that name.
     *
     * @throws SettingFault if there is none, or it cannot be used
     */
    LanternRockTls(SslBundles bundles, String name, InstantSource clock) {
        this.name = name;
        this.clock = clock;
        try {
            now = tls(bundles.getBundle(name));
            bundles.addBundleUpdateHandler(name, this::update);
        } catch (NoSuchSslBundleException e) {
            throw new SettingFault(
                    "There is no SSL bundle \"" + name + "\" (" + SETTING + ").",
                    "Set spring.ssl.bundle.pem." + name + ".* or spring.ssl.bundle.jks." + name + ".*, or name another"
                            + " bundle there.",
                    e);
        } catch (RuntimeException | GeneralSecurityException e) {
            throw new SettingFault(
                    "The SSL bundle \"" + name + "\" (" + SETTING + ") cannot be used: " + why(e) + ".",
                    "Mend its files, which spring.ssl.bundle.*." + name + ".* name: of the bundle \"lantern-rock\""
                            + " TELEMETRY_LANTERN_ROCK_CA_FILE, TELEMETRY_LANTERN_ROCK_CERTIFICATE_FILE and"
                            + " TELEMETRY_LANTERN_ROCK_KEY_FILE.",
                    e);
        }
    }

    @Override
    public Tls get() {
        return now;
    }

    private void update(SslBundle bundle) {
        try {
            now = tls(bundle);
        } catch (RuntimeException | GeneralSecurityException e) {
            log.error(
                    "The files of the SSL bundle \"{}\" ({}) have changed and cannot be used: {}. Lantern Rock is spoken with as"
                            + " before; mend them, and they are read again",
                    name,
                    SETTING,
                    why(e));
        }
    }

    private Tls tls(SslBundle bundle) throws GeneralSecurityException {
        check(bundle.getStores().getKeyStore(), bundle.getKey().getPassword());
        var parameters = new SSLParameters();
        parameters.setCipherSuites(bundle.getOptions().getCiphers());
        parameters.setProtocols(bundle.getOptions().getEnabledProtocols());
        return new Tls("the SSL bundle \"" + name + "\" (" + SETTING + ")", bundle.createSslContext(), parameters);
    }

    /**
     * A key and a certificate that are not each other's, as they are for a moment while both are replaced, would be found out by
     * Lantern Rock only.
     */
    private void check(@Nullable KeyStore keys, @Nullable String password) throws GeneralSecurityException {
        if (keys == null) {
            return;
        }
        for (String alias : Collections.list(keys.aliases())) {
            Key key = keys.getKey(alias, password == null ? new char[0] : password.toCharArray());
            if (key instanceof PrivateKey own && keys.getCertificate(alias) instanceof X509Certificate certificate) {
                if (!belong(own, certificate)) {
                    throw new GeneralSecurityException("the private key is not that of the certificate of "
                            + certificate.getSubjectX500Principal());
                }
                boolean isOver = certificate.getNotAfter().toInstant().isBefore(clock.instant());
                log.atLevel(isOver ? Level.WARN : Level.INFO)
                        .log(
                                "The SSL bundle \"{}\" has the certificate of {}, valid until {}",
                                name,
                                certificate.getSubjectX500Principal(),
                                certificate.getNotAfter().toInstant());
            }
        }
    }

    private static boolean belong(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "DSA" -> "SHA256withDSA";
            // Of the others the key's algorithm is the signature's.
            default -> key.getAlgorithm();
        };
        if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
            return false;
        }
        byte[] message = {1, 2, 3};
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(message);
        byte[] signature = signing.sign();
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certificate.getPublicKey());
        verifying.update(message);
        return verifying.verify(signature);
    }

    /** The innermost cause says it in words; those around it say who heard of it. */
    private static String why(Throwable fault) {
        Throwable cause = fault;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
