package io.edistream.gateway.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** A certificate for localhost that signs itself, as {@code certificate.pem} and {@code key.pem} in a folder. */
final class TestCertificate {

    private TestCertificate() {}

    static void write(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "t",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-storepass",
                        "secret",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        keytool.waitFor();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        char[] password = "secret".toCharArray();
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password);
        }
        pem(
                folder.resolve("certificate.pem"),
                "CERTIFICATE",
                keys.getCertificate("t").getEncoded());
        pem(folder.resolve("key.pem"), "PRIVATE KEY", keys.getKey("t", password).getEncoded());
    }

    private static void pem(Path file, String what, byte[] bytes) throws IOException {
        Files.writeString(
                file,
                "-----BEGIN " + what + "-----\n"
                        + Base64.getMimeEncoder().encodeToString(bytes)
                        + "\n-----END " + what + "-----\n");
    }
}
