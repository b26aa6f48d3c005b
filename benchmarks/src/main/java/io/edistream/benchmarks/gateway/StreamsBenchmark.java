package io.edistream.benchmarks.gateway;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.gateway.LoadClient.Load;
import io.edistream.benchmarks.gateway.LoadClient.OpenStream;
import io.edistream.benchmarks.gateway.LoadClient.Way;
import io.edistream.benchmarks.gateway.LoadClient.Window;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How many streams the gateway watches at once, how many events, what each holds in memory, and how soon one ends. */
public final class StreamsBenchmark {

    private static final double MAX_CLOSE_MILLIS = 20;
    private static final double MAX_LEFT_MILLIS = 100;
    private static final double MAX_STREAM_KIBIBYTES = 32;
    private static final double MAX_TOKEN_BYTES = 16;
    private static final double MAX_MEDIAN_AGE_MILLIS = 100;
    private static final double MIN_DELIVERED = 0.95;
    private static final long PERIOD_MILLIS = 1000;
    private static final long PERIOD_OF_ENDS_MILLIS = 20;
    private static final long RESEND_MILLIS = 500;
    private static final long PATIENCE_MILLIS = 10_000;

    /** Commands that do not count; before the first, the gateway may not read them yet. */
    private static final int WARM_UP_ENDS = 50;

    private static final double TAIL = 99;
    private static final double MEDIAN = 50;
    private static final String NO_SPREAD = "none: read once";

    private StreamsBenchmark() {}

    /**
     * How much is measured.
     *
     * @param streams open at once
     * @param eventsPerSecond rates that are tried, one after the other, until it falls behind
     * @param seconds of each rate
     * @param memorySeconds between two looks at the memory; a stream gets a token a second meanwhile
     * @param ends streams that are ended by a command, and as many by their client
     */
    public record Size(int streams, List<Integer> eventsPerSecond, double seconds, double memorySeconds, int ends) {}

    /** The table. */
    public static List<Row> run(Size size) throws IOException, InterruptedException {
        try (Field field = new Field(List.of("-Xmx1g", "-XX:NativeMemoryTracking=summary"));
                LoadClient client = new LoadClient()) {
            Way way = new Way(field.gateway().port(), false, true);
            List<Row> rows = new ArrayList<>(memory(field, client, way, size));
            for (int rate : size.eventsPerSecond()) {
                boolean kept = rate(client, way, size, rate, rows);
                if (!kept) {
                    break;
                }
            }
            // Now that the code is warm.
            rows.addAll(ends(field, client, way, size.ends()));
            return rows;
        }
    }

    private static boolean rate(LoadClient client, Way way, Size size, int rate, List<Row> rows)
            throws InterruptedException {
        try (Load load = client.open(way, size.streams(), size.streams() * 1000L / rate)) {
            Window window = load.measure(size.seconds());
            double delivered = window.events() / window.seconds();
            double median = window.micros().getValueAtPercentile(MEDIAN) / 1e3;
            String name = size.streams() + " streams, " + rate + " events/s: ";
            rows.add(Row.told(name + "delivered", delivered, "events/s", NO_SPREAD));
            rows.add(Row.told(name + "age of an event, p50", median, "ms", NO_SPREAD));
            rows.add(Row.told(
                    name + "age of an event, p99", window.micros().getValueAtPercentile(TAIL) / 1e3, "ms", NO_SPREAD));
            return delivered >= MIN_DELIVERED * rate && median <= MAX_MEDIAN_AGE_MILLIS;
        }
    }

    private static List<Row> memory(Field field, LoadClient client, Way way, Size size)
            throws IOException, InterruptedException {
        // What is only made once is there before it counts.
        try (Load load = client.open(way, size.streams(), PERIOD_MILLIS)) {
            Window unused = load.measure(1);
        }
        ProxiesBenchmark.awaitCalm(field.gateway());
        JvmMemory without = JvmMemory.of(field.gateway().pid());
        try (Load load = client.open(way, size.streams(), PERIOD_MILLIS)) {
            JvmMemory early = JvmMemory.of(field.gateway().pid());
            Window window = load.measure(size.memorySeconds());
            JvmMemory late = JvmMemory.of(field.gateway().pid());
            double heap = (double) (early.heapBytes() - without.heapBytes()) / size.streams();
            double direct = (double) (late.directBytes() - without.directBytes()) / size.streams();
            return List.of(
                    Row.held(
                            size.streams() + " streams: heap and direct memory of one that has just begun",
                            (heap + direct) / 1024,
                            "KiB",
                            MAX_STREAM_KIBIBYTES,
                            NO_SPREAD),
                    Row.told(size.streams() + " streams: of that, direct memory", direct / 1024, "KiB", NO_SPREAD),
                    Row.held(
                            size.streams() + " streams: heap of a further token",
                            (double) (late.heapBytes() - early.heapBytes()) / window.events(),
                            "bytes",
                            MAX_TOKEN_BYTES,
                            NO_SPREAD));
        }
    }

    private static List<Row> ends(Field field, LoadClient client, Way way, int count) throws InterruptedException {
        List<Double> aborted = new ArrayList<>();
        List<Double> left = new ArrayList<>();
        try (Sender sender = new Clients(field.bootstrapServers()).sender()) {
            for (int i = -WARM_UP_ENDS; i < count; i++) {
                OpenStream stream =
                        client.openOne(way, new FakeEngine.Wish("a" + i, PERIOD_OF_ENDS_MILLIS, Integer.MAX_VALUE));
                long from = Stamp.micros();
                Aborts.send(sender, stream.sequence());
                String closed = closed(field, "a" + i, RESEND_MILLIS);
                while (closed == null && i < 0) {
                    // Commands that were sent before the gateway read them are not for it.
                    Aborts.send(sender, stream.sequence());
                    closed = closed(field, "a" + i, RESEND_MILLIS);
                }
                if (i >= 0) {
                    aborted.add((micros(closed, "a" + i) - from) / 1e3);
                }
            }
        }
        for (int i = 0; i < count; i++) {
            OpenStream stream =
                    client.openOne(way, new FakeEngine.Wish("l" + i, PERIOD_OF_ENDS_MILLIS, Integer.MAX_VALUE));
            long from = Stamp.micros();
            stream.leaveSoon();
            left.add((micros(closed(field, "l" + i, PATIENCE_MILLIS), "l" + i) - from) / 1e3);
        }
        return List.of(
                end("command on Kafka to closed upstream", aborted, MAX_CLOSE_MILLIS),
                end("client gone to closed upstream", left, MAX_LEFT_MILLIS));
    }

    /** What the engine says of a stream's end, behind what it says of others that have ended; null if it says nothing in time. */
    private static @Nullable String closed(Field field, String name, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        String said;
        do {
            said = field.closed().poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } while (said != null && !said.startsWith(name + ' '));
        return said;
    }

    private static long micros(@Nullable String closed, String name) {
        if (closed == null || !closed.startsWith(name + ' ')) {
            throw new IllegalStateException("the engine saw " + closed + " closed instead of " + name);
        }
        return Long.parseLong(closed.substring(name.length() + 1));
    }

    private static Row end(String measure, List<Double> millis, double atMost) {
        double[] sorted =
                millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double tail = sorted[Math.min(sorted.length - 1, (int) Math.ceil(sorted.length * TAIL / 100) - 1)];
        return Row.held(
                measure + ", p99",
                tail,
                "ms",
                atMost,
                Samples.of(Arrays.stream(sorted)).spread());
    }
}
