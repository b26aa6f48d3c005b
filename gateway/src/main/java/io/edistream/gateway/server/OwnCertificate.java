package io.edistream.gateway.server;

import io.edistream.gateway.config.Certificate;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the gateway shows clients that connect with TLS, read again when its files have changed: certificates do not last as
 * long as gateways run. Connections that are open keep what they were opened with.
 */
final class OwnCertificate {

    private static final Logger LOG = LoggerFactory.getLogger(OwnCertificate.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final byte[] SOMETHING = new byte[32];

    private final Certificate files;
    private final Vertx vertx;

    /** Of the event loop: when the files were written that were read last, good or not. */
    private List<FileTime> read;

    /**
     * Reads it.
     *
     * @throws IOException if the files are not there, or no certificate and its key; the message says so
     */
    OwnCertificate(Certificate files, Vertx vertx) throws IOException {
        this.files = files;
        this.vertx = vertx;
        read = written();
        check();
    }

    /** Has a server that is made with it speak TLS. */
    HttpServerOptions in(HttpServerOptions options) {
        return options.setSsl(true).setKeyCertOptions(pem());
    }

    /** Looks from now on, every few seconds, whether there is another one. */
    void keepFresh(HttpServer server) {
        vertx.setPeriodic(
                PERIOD.toMillis(), due -> vertx.executeBlocking(this::written).onSuccess(now -> {
                    if (!now.equals(read)) {
                        read = now;
                        replace(server);
                    }
                }));
    }

    private void replace(HttpServer server) {
        vertx.executeBlocking(() -> {
                    check();
                    return files;
                })
                .compose(good ->
                        server.updateSSLOptions(in(new HttpServerOptions()).getSslOptions(), true))
                .onSuccess(replaced -> LOG.info("A new certificate was read from {}", files.chain()))
                .onFailure(failure -> LOG.warn("The certificate stays as it was: {}", failure.getMessage()));
    }

    private List<FileTime> written() throws IOException {
        return List.of(Files.getLastModifiedTime(files.chain()), Files.getLastModifiedTime(files.key()));
    }

    private PemKeyCertOptions pem() {
        return new PemKeyCertOptions()
                .setCertPath(files.chain().toString())
                .setKeyPath(files.key().toString());
    }

    private void check() throws IOException {
        boolean fit;
        try {
            fit = fits(pem().getKeyManagerFactory(vertx).getKeyManagers());
        } catch (Exception e) {
            // What it says may quote the files.
            throw new IOException(
                    "tls: " + files.chain() + " and " + files.key() + " are no certificate and its private key in PEM");
        }
        if (!fit) {
            throw new IOException("tls: " + files.key() + " is not the private key of " + files.chain());
        }
    }

    private static boolean fits(KeyManager[] managers) throws GeneralSecurityException {
        for (KeyManager manager : managers) {
            if (manager instanceof X509KeyManager keys) {
                for (String type : List.of("RSA", "EC", "EdDSA")) {
                    String[] names = keys.getServerAliases(type, null);
                    if (names != null) {
                        return fits(
                                type,
                                keys.getPrivateKey(names[0]),
                                keys.getCertificateChain(names[0])[0].getPublicKey());
                    }
                }
            }
        }
        throw new GeneralSecurityException("no key of a known kind");
    }

    private static boolean fits(String type, PrivateKey key, PublicKey known) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (type) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "EdDSA";
                });
        signature.initSign(key);
        signature.update(SOMETHING);
        byte[] signed = signature.sign();
        signature.initVerify(known);
        signature.update(SOMETHING);
        return signature.verify(signed);
    }
}
