package io.edistream.benchmarks.gateway;

import io.edistream.http.EventLoop;
import io.edistream.http.ListenAddress;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.io.OutputStream;

/** The least that a proxy on Vert.x can do, in a process of its own: what it reads it writes. */
final class BareProxy {

    /** Written before the port, when it listens. */
    static final String READY = "proxy: ";

    private BareProxy() {}

    private static void pass(HttpClientAgent client, int port, HttpServerRequest request) {
        request.response().exceptionHandler(failure -> {});
        request.body()
                .compose(body -> client.request(HttpMethod.POST, port, "127.0.0.1", request.uri())
                        .compose(upstream -> {
                            request.response().closeHandler(gone -> upstream.reset());
                            return upstream.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                                    .send(body);
                        }))
                .onSuccess(answer -> {
                    request.response().setStatusCode(answer.statusCode()).setChunked(true);
                    request.response().putHeader(HttpHeaders.CONTENT_TYPE, answer.getHeader(HttpHeaders.CONTENT_TYPE));
                    answer.pipeTo(request.response());
                })
                .onFailure(failure -> request.response().reset());
    }

    /**
     * What runs in the process, until whoever started it is gone.
     *
     * @param arguments the engine's port
     */
    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        Vertx vertx = EventLoop.start(1, true);
        HttpClientAgent client = vertx.httpClientBuilder()
                .with(new HttpClientOptions())
                .with(new PoolOptions().setHttp1MaxSize(LoadClient.MAX_STREAMS))
                .build();
        HttpServer server = vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(4096));
        server.requestHandler(request -> pass(client, port, request));
        System.out.println(READY
                + EventLoop.listen(server, new ListenAddress("127.0.0.1", 0)).port());
        // Ends with the pipe from the process that started this one.
        System.in.transferTo(OutputStream.nullOutputStream());
    }
}
