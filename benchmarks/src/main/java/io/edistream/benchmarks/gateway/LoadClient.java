package io.edistream.benchmarks.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.edistream.http.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Clients that read streams, all on one event loop, and how old each event was when it was read. */
final class LoadClient implements AutoCloseable {

    /** Connections to one server. */
    static final int MAX_STREAMS = 8192;

    /** Streams that wait for their first event: more at once do not connect within a gateway's patience on a busy machine. */
    private static final int MAX_OPENING = 500;

    private static final byte[] CONTENT = "\"content\":\" @".getBytes(ISO_8859_1);
    private static final long PATIENCE_SECONDS = 60;
    private static final long MAX_MICROS = 600_000_000;
    private static final int PRECISION_DIGITS = 3;

    private final Vertx vertx = EventLoop.start(1, true);
    private final Context loop = vertx.getOrCreateContext();
    private final HttpClientAgent client = vertx.httpClientBuilder()
            .with(new HttpClientOptions().setKeepAlive(false))
            .with(new PoolOptions().setHttp1MaxSize(MAX_STREAMS))
            .build();

    /**
     * How clients ask.
     *
     * @param port of the server
     * @param lists whether they ask for log-probabilities themselves
     * @param watched whether the gateway may watch
     */
    record Way(int port, boolean lists, boolean watched) {}

    /**
     * Some time of reading.
     *
     * @param micros how old each event was, microseconds
     * @param seconds how long it was
     */
    record Window(Histogram micros, double seconds) {

        long events() {
            return micros.getTotalCount();
        }
    }

    /** Opens streams, and returns when each has had an event. */
    Load open(Way way, int streams, long periodMillis) {
        Load load = new Load(streams);
        loop.runOnContext(now -> {
            load.next = () -> {
                if (load.streams.size() < streams) {
                    String name = "s" + load.streams.size();
                    load.streams.add(open(way, new FakeEngine.Wish(name, periodMillis, Integer.MAX_VALUE), load));
                }
            };
            for (int i = 0; i < MAX_OPENING; i++) {
                load.next.run();
            }
        });
        await(load.all);
        return load;
    }

    /**
     * Opens one stream.
     *
     * @param load what counts it; none if nothing does
     */
    private OpenStream open(Way way, FakeEngine.Wish wish, @Nullable Load load) {
        OpenStream stream = new OpenStream(load);
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(way.port())
                .setURI("/v1/chat/completions")
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.AUTHORIZATION, "Bearer sk-1234");
        if (!way.watched()) {
            options.putHeader("X-Edistream-Watch", "off");
        }
        String body = "{\"model\":\"m\",\"stream\":true,"
                + (way.lists() ? "\"logprobs\":true,\"top_logprobs\":" + FakeEngine.ALTERNATIVES + "," : "")
                + "\"messages\":[{\"role\":\"user\",\"content\":\"" + wish.text() + "\"}]}";
        client.request(options)
                .compose(request -> {
                    stream.request = request;
                    return request.send(body);
                })
                .onSuccess(answer -> {
                    stream.sequence = answer.getHeader("X-Edistream-Sequences");
                    if (answer.statusCode() != 200) {
                        stream.over(new IllegalStateException("status " + answer.statusCode()));
                        return;
                    }
                    answer.exceptionHandler(stream::over);
                    answer.endHandler(end -> stream.over(new IllegalStateException("it ended")));
                    answer.handler(stream::read);
                })
                .onFailure(stream::over);
        return stream;
    }

    /** Opens one stream that nothing counts, and returns when it has had an event. */
    OpenStream openOne(Way way, FakeEngine.Wish wish) {
        OpenStream stream = begin(way, wish);
        await(stream.first);
        return stream;
    }

    /** Begins to open one stream that nothing counts. */
    OpenStream begin(Way way, FakeEngine.Wish wish) {
        CompletableFuture<OpenStream> opened = new CompletableFuture<>();
        loop.runOnContext(now -> opened.complete(open(way, wish, null)));
        return await(opened);
    }

    static <T> T await(CompletableFuture<T> what) {
        return what.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        EventLoop.await(vertx.close());
    }

    /** Streams that run. */
    final class Load implements AutoCloseable {

        private final CompletableFuture<@Nullable Void> all = new CompletableFuture<>();
        private final List<OpenStream> streams = new ArrayList<>();
        private final Histogram micros = new Histogram(MAX_MICROS, PRECISION_DIGITS);
        private Runnable next = () -> {};
        private int silent;
        private @Nullable Throwable failure;

        private Load(int streams) {
            silent = streams;
        }

        /**
         * Counts what comes for a while.
         *
         * @throws IllegalStateException if a stream has failed or ended
         */
        Window measure(double seconds) throws InterruptedException {
            onLoop(micros::reset);
            long from = System.nanoTime();
            TimeUnit.MILLISECONDS.sleep(Math.round(seconds * 1e3));
            Histogram copy = new Histogram(micros);
            onLoop(() -> micros.copyInto(copy));
            double lasted = (System.nanoTime() - from) / 1e9;
            if (failure != null) {
                throw new IllegalStateException("a stream failed meanwhile: " + failure, failure);
            }
            return new Window(copy, lasted);
        }

        /** Leaves. Returns when all have left. */
        @Override
        public void close() {
            onLoop(() -> streams.forEach(OpenStream::leave));
        }

        private void onLoop(Runnable what) {
            CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
            loop.runOnContext(now -> {
                what.run();
                done.complete(null);
            });
            await(done);
        }
    }

    /** One stream. Used on the event loop. */
    final class OpenStream {

        private final CompletableFuture<@Nullable Void> first = new CompletableFuture<>();

        /** When it ended, microseconds since 1970. */
        private final CompletableFuture<Long> ended = new CompletableFuture<>();

        private final @Nullable Load load;
        private volatile @Nullable String sequence;
        private volatile @Nullable HttpClientRequest request;
        private boolean left;
        private long saidDue = System.nanoTime() - TimeUnit.HOURS.toNanos(1);

        /** How much of what is in front of a time has been read, and how many digits of it, and which. */
        private int matched;

        private int digits;
        private long value;

        private OpenStream(@Nullable Load load) {
            this.load = load;
        }

        /** What the gateway calls it. */
        String sequence() {
            return String.valueOf(sequence);
        }

        CompletableFuture<Long> ended() {
            return ended;
        }

        /** Done with its first event; fails if there is none. */
        CompletableFuture<@Nullable Void> first() {
            return first;
        }

        /** Whether so much time has passed since this said so last. From one thread. */
        boolean isDue(long millis) {
            long now = System.nanoTime();
            boolean due = now - saidDue >= TimeUnit.MILLISECONDS.toNanos(millis);
            saidDue = due ? now : saidDue;
            return due;
        }

        private void failed(Throwable why) {
            first.completeExceptionally(why);
            if (load != null && !left) {
                load.failure = why;
                load.all.completeExceptionally(why);
            }
        }

        private void over(Throwable why) {
            ended.complete(Stamp.micros());
            failed(why);
        }

        void leave() {
            left = true;
            HttpClientRequest asked = request;
            if (asked != null) {
                asked.connection().close();
            }
        }

        /** Leaves, from any thread. */
        void leaveSoon() {
            loop.runOnContext(now -> leave());
        }

        private void read(Buffer buffer) {
            byte[] bytes = buffer.getBytes();
            for (byte next : bytes) {
                if (matched == CONTENT.length) {
                    value = value * 10 + (next - '0');
                    digits++;
                    if (digits == Stamp.DIGITS) {
                        event(value);
                        matched = 0;
                        digits = 0;
                        value = 0;
                    }
                } else {
                    matched = next == CONTENT[matched] ? matched + 1 : next == CONTENT[0] ? 1 : 0;
                }
            }
        }

        private void event(long writtenMicros) {
            if (load != null) {
                load.micros.recordValue(Math.min(MAX_MICROS, Math.max(0, Stamp.micros() - writtenMicros)));
            }
            if (first.complete(null) && load != null) {
                load.next.run();
                if (--load.silent == 0) {
                    load.all.complete(null);
                }
            }
        }
    }
}
