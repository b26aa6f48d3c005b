package io.edistream.gateway.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.OptionalDouble;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Talks to an upstream as its only client. Waits for what it asks. */
final class EngineClient {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Upstream upstream;
    private final HttpClient.Builder clients;

    EngineClient(Upstream upstream) throws IOException {
        this.upstream = upstream;
        clients = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5));
        Path authorities = upstream.authorities();
        if (authorities != null) {
            clients.sslContext(trusting(authorities));
        }
    }

    private static SSLContext trusting(Path authorities) throws IOException {
        try (InputStream in = Files.newInputStream(authorities)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("authority-" + number++, one);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(authorities + " cannot be used: " + e.getMessage(), e);
        }
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client().send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** An answer that is read as it comes; closing its stream closes the connection. */
    HttpResponse<InputStream> post(String path, byte[] body) throws IOException, InterruptedException {
        return client().send(
                        request(path)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
    }

    /** What it says, whole. Any status but 200 is an {@link IOException}. */
    JsonNode json(String path, ObjectNode body) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = post(path, body.toString().getBytes(StandardCharsets.UTF_8));
        try (InputStream in = response.body()) {
            return read(path, response.statusCode(), in.readAllBytes());
        }
    }

    /** What it says to nothing but a path. Any status but 200 is an {@link IOException}. */
    JsonNode json(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = get(path);
        return read(path, response.statusCode(), response.body().getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode read(String path, int status, byte[] body) throws IOException {
        if (status != 200) {
            throw new IOException(path + " answers with status " + status);
        }
        try {
            return MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IOException(path + " says something else than JSON", e);
        }
    }

    /** One whose connections are new: an idle one may just be closed, which is the engine's right and would look like its fault. */
    private HttpClient client() {
        return clients.build();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(upstream.base() + path)).timeout(PATIENCE);
        if (upstream.key() != null) {
            request.header("Authorization", upstream.key().bearer());
        }
        return request;
    }

    /** Seconds after which the upstream closes a connection that is idle; empty if it has not within a time. */
    OptionalDouble idleSeconds(String path, Duration patience) throws IOException {
        URI base = upstream.base();
        int port = base.getPort() < 0 ? 80 : base.getPort();
        try (Socket socket = new Socket(base.getHost(), port)) {
            String head = "GET " + base.getRawPath() + path + " HTTP/1.1\r\nHost: " + base.getHost() + "\r\n"
                    + (upstream.key() == null
                            ? ""
                            : "Authorization: " + upstream.key().bearer() + "\r\n")
                    + "\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            byte[] ignored = new byte[8192];
            long last = System.nanoTime();
            long end = last + PATIENCE.toNanos();
            while (System.nanoTime() - end < 0) {
                long left = patience.toMillis() - (System.nanoTime() - last) / 1_000_000;
                if (left <= 0) {
                    return OptionalDouble.empty();
                }
                socket.setSoTimeout((int) left);
                if (in.read(ignored) < 0) {
                    return OptionalDouble.of((System.nanoTime() - last) / 1e9);
                }
                last = System.nanoTime();
            }
            return OptionalDouble.empty();
        } catch (SocketTimeoutException e) {
            return OptionalDouble.empty();
        }
    }
}
