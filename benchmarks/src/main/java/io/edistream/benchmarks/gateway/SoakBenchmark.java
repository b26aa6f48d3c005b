package io.edistream.benchmarks.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.gateway.LoadClient.OpenStream;
import io.edistream.benchmarks.gateway.LoadClient.Way;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stays behind in the gateway while clients come and go for minutes: streams that end by themselves, that their client leaves and
 * that commands end, in rounds, and a look at the gateway after each, when nothing runs.
 */
public final class SoakBenchmark {

    private static final double MAX_HEAP_RATIO = 1.05;
    private static final double MAX_DIRECT_RATIO = 1.1;
    private static final long PERIOD_MILLIS = 50;
    private static final long REPEAT_MILLIS = 500;
    private static final int PATIENCE_SECONDS = 60;
    private static final Pattern CLIENTS_LEFT =
            Pattern.compile("(?m)^edistream_gateway_clients_left_total\\{window=\"streaming\"} (\\S+)");
    private static final Pattern ABORTED = Pattern.compile(
            "(?m)^edistream_gateway_closed_streams_total\\{reason=\"aborted\",upstream=\"engine\"} (\\S+)");
    private static final Pattern RUNNING = Pattern.compile("(?m)^edistream_gateway_running_requests (\\S+)");
    private static final Pattern OPEN =
            Pattern.compile("(?m)^edistream_gateway_upstream_requests\\{upstream=\"engine\"} (\\S+)");

    private final Field field;
    private final LoadClient client;
    private final Sender commands;
    private final Size size;
    private final Way way;
    private final Random random = new Random(10);
    private final Map<End, Integer> asked = new EnumMap<>(End.class);
    private final ConcurrentLinkedQueue<OpenStream> toAbort = new ConcurrentLinkedQueue<>();
    private int requests;

    private SoakBenchmark(Field field, LoadClient client, Sender commands, Size size) {
        this.field = field;
        this.client = client;
        this.commands = commands;
        this.size = size;
        way = new Way(field.gateway().port(), false, true);
    }

    /**
     * How much is measured.
     *
     * @param streams at a time
     * @param rounds of which there are looks; one more is before the first
     * @param seconds of a round
     * @param tokens of a stream that ends by itself, 20 a second
     */
    public record Size(int streams, int rounds, double seconds, int tokens) {}

    /** How a stream ends. */
    private enum End {
        BY_ITSELF,
        LEFT,
        ABORTED
    }

    /** The gateway while nothing runs. */
    private record Look(JvmMemory memory, int threads, int files) {}

    /** The table. */
    public static List<Row> run(Size size) throws IOException, InterruptedException {
        try (Field field = new Field(List.of("-Xmx512m", "-XX:NativeMemoryTracking=summary"));
                LoadClient client = new LoadClient();
                Sender commands = new Clients(field.bootstrapServers()).sender()) {
            return new SoakBenchmark(field, client, commands, size).rows();
        }
    }

    private List<Row> rows() throws IOException, InterruptedException {
        round();
        List<Look> looks = new ArrayList<>(List.of(look()));
        int before = requests;
        for (int round = 0; round < size.rounds(); round++) {
            round();
            looks.add(look());
        }
        String during = Row.number((requests - before) / 1.0) + " requests: ";
        String metrics = metrics();
        int otherwise = Math.abs(number(CLIENTS_LEFT, metrics) - asked.getOrDefault(End.LEFT, 0))
                + Math.abs(number(ABORTED, metrics) - asked.getOrDefault(End.ABORTED, 0));
        return List.of(
                Row.held(
                        "all: left or ended by a command, as the gateway counts them, less what was done",
                        otherwise,
                        "requests",
                        0,
                        asked.toString()),
                Row.held(
                        during + "heap, last / first look",
                        ratio(looks, look -> look.memory().heapBytes()),
                        "",
                        MAX_HEAP_RATIO,
                        spread(looks, look -> look.memory().heapBytes() / 1e6)),
                Row.held(
                        during + "direct memory, last / first look",
                        ratio(looks, look -> look.memory().directBytes()),
                        "",
                        MAX_DIRECT_RATIO,
                        spread(looks, look -> look.memory().directBytes() / 1e6)),
                Row.held(
                        during + "threads more than at the first look",
                        last(looks).threads() - looks.get(0).threads(),
                        "threads",
                        0,
                        spread(looks, Look::threads)),
                Row.held(
                        during + "open files more than at the first look",
                        last(looks).files() - looks.get(0).files(),
                        "files",
                        0,
                        spread(looks, Look::files)));
    }

    private void round() throws InterruptedException {
        Semaphore room = new Semaphore(size.streams());
        long until = System.nanoTime() + Math.round(size.seconds() * 1e9);
        while (System.nanoTime() < until) {
            if (room.tryAcquire(REPEAT_MILLIS / 5, TimeUnit.MILLISECONDS)) {
                begin(room);
            }
            abortDue();
        }
        while (!room.tryAcquire(size.streams(), REPEAT_MILLIS, TimeUnit.MILLISECONDS)) {
            abortDue();
        }
        toAbort.clear();
    }

    private void begin(Semaphore room) {
        int draw = random.nextInt(10);
        End end = draw < 7 ? End.BY_ITSELF : draw < 9 ? End.LEFT : End.ABORTED;
        asked.merge(end, 1, Integer::sum);
        int tokens = end == End.BY_ITSELF ? size.tokens() : Integer.MAX_VALUE;
        OpenStream stream = client.begin(way, new FakeEngine.Wish("s" + requests++, PERIOD_MILLIS, tokens));
        CompletableFuture<Void> unused = CompletableFuture.allOf(
                stream.ended().whenComplete((at, failure) -> room.release()),
                stream.first().thenRun(() -> {
                    if (end == End.LEFT) {
                        stream.leaveSoon();
                    } else if (end == End.ABORTED) {
                        toAbort.add(stream);
                    }
                }));
    }

    /** Commands to those that have begun; again to whom they did not end, since the gateway may not have read them yet. */
    private void abortDue() {
        for (OpenStream stream : List.copyOf(toAbort)) {
            if (stream.ended().isDone()) {
                toAbort.remove(stream);
            } else if (stream.isDue(REPEAT_MILLIS)) {
                Aborts.send(commands, stream.sequence());
            }
        }
    }

    private Look look() throws IOException, InterruptedException {
        ProxiesBenchmark.awaitCalm(field.gateway());
        for (int tenths = 0; number(RUNNING, metrics()) + number(OPEN, metrics()) > 0; tenths++) {
            if (tenths > 10 * PATIENCE_SECONDS) {
                throw new IllegalStateException("requests run that nobody has asked for");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        // Idle connections to the engine are kept for three seconds.
        TimeUnit.SECONDS.sleep(5);
        return new Look(
                JvmMemory.of(field.gateway().pid()),
                field.gateway().threads(),
                field.gateway().openFiles());
    }

    private String metrics() throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + field.gateway().port() + "/metrics");
        HttpRequest request =
                HttpRequest.newBuilder(uri).version(HttpClient.Version.HTTP_1_1).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString(UTF_8))
                .body();
    }

    private static int number(Pattern pattern, String metrics) {
        Matcher matcher = pattern.matcher(metrics);
        if (!matcher.find()) {
            throw new IllegalStateException("the gateway's metrics have nothing like " + pattern);
        }
        return (int) Double.parseDouble(matcher.group(1));
    }

    private static Look last(List<Look> looks) {
        return looks.get(looks.size() - 1);
    }

    private static double ratio(List<Look> looks, ToDoubleFunction<Look> value) {
        return value.applyAsDouble(last(looks)) / value.applyAsDouble(looks.get(0));
    }

    private static String spread(List<Look> looks, ToDoubleFunction<Look> value) {
        return Samples.of(looks.stream().mapToDouble(value)).spread();
    }
}
