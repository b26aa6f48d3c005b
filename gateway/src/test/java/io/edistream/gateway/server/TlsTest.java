package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.gateway.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway behind a gateway, each of which speaks TLS. */
@Timeout(60)
class TlsTest {

    private static final String OWN = "tls: {certificate: certificate.pem, key: key.pem}\n";

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws Exception {
        TestCertificate.write(folder);
    }

    @Test
    void clientsAndUpstreamsAreReachedWithTls() throws Exception {
        try (RawUpstream engine = new RawUpstream();
                GatewayFixture inner = gateway(OWN, "url: '" + engine.url() + "'");
                GatewayFixture outer = gateway(OWN, "url: '" + https(inner) + "', authorities: certificate.pem")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(https(outer) + "/v1/embeddings"))
                    .build();
            var answer = trusting().sendAsync(request, HttpResponse.BodyHandlers.ofString());
            try (Peer asked = engine.accept()) {
                asked.readHead();
                asked.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                assertThat(answer.get().body()).isEqualTo("{}");
                assertThat(answer.get().version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            }
            assertThatThrownBy(() -> HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()))
                    .as("nobody vouches for it")
                    .isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aNewCertificateIsReadWhileItRuns() throws Exception {
        try (RawUpstream engine = new RawUpstream();
                GatewayFixture gateway = gateway(OWN, "url: '" + engine.url() + "'")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(https(gateway) + "/health"))
                    .build();
            HttpClient before = trusting();
            assertThat(before.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            Path other = Files.createDirectory(folder.resolve("other"));
            TestCertificate.write(other);
            Files.move(other.resolve("key.pem"), folder.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
            Files.move(
                    other.resolve("certificate.pem"),
                    folder.resolve("certificate.pem"),
                    StandardCopyOption.REPLACE_EXISTING);
            SSLContext after = trusting().sslContext();
            while (!shakesHands(after, request.uri().getPort())) {
                Thread.onSpinWait();
            }
            assertThat(before.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .as("on the connection that was open")
                    .isEqualTo(200);
        }
    }

    private static boolean shakesHands(SSLContext trusting, int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            return true;
        } catch (SSLHandshakeException e) {
            return false;
        }
    }

    @Test
    void anUpstreamThatNobodyVouchesForIsNotAsked() throws Exception {
        try (RawUpstream engine = new RawUpstream();
                GatewayFixture inner = gateway(OWN, "url: '" + engine.url() + "'");
                GatewayFixture outer = gateway("", "url: '" + https(inner) + "'");
                Peer client = outer.client()) {
            client.post("/v1/embeddings", "{}");
            assertThat(client.readHead()).startsWith("HTTP/1.1 502");
        }
    }

    @Test
    void filesThatAreNoneAreNamed() throws Exception {
        Files.writeString(folder.resolve("broken.pem"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n");
        assertThatThrownBy(() -> gateway("tls: {certificate: certificate.pem, key: broken.pem}\n", "url: 'http://a'"))
                .hasMessageContaining("tls: ")
                .hasMessageContaining("broken.pem")
                .hasMessageNotContaining("c2VjcmV0");
        Path other = Files.createDirectory(folder.resolve("other"));
        TestCertificate.write(other);
        assertThatThrownBy(
                        () -> gateway("tls: {certificate: certificate.pem, key: other/key.pem}\n", "url: 'http://a'"))
                .hasMessageContaining("key.pem is not the private key of ")
                .hasMessageContaining("certificate.pem");
        assertThatThrownBy(() -> gateway("tls: {certificate: none.pem, key: key.pem}\n", "url: 'http://a'"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.pem cannot be read");
        assertThatThrownBy(() -> gateway("", "url: 'https://a', authorities: key.pem"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("upstream local: ")
                .hasMessageContaining("key.pem");
    }

    private GatewayFixture gateway(String more, String upstream) throws Exception {
        return new GatewayFixture(folder, more + "upstreams: [{name: local, kind: generic, " + upstream + "}]\n", null);
    }

    private static String https(GatewayFixture gateway) {
        return gateway.url().replace("http:", "https:");
    }

    private HttpClient trusting() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(folder.resolve("certificate.pem"))) {
            trusted.setCertificateEntry(
                    "t", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }
}
