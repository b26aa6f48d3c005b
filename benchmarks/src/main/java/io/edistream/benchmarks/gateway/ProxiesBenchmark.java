package io.edistream.benchmarks.gateway;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.gateway.LoadClient.Load;
import io.edistream.benchmarks.gateway.LoadClient.Way;
import io.edistream.benchmarks.gateway.LoadClient.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How old events are behind the gateway and how much of a processor they cost there, against a proxy that only passes bytes and, where
 * they are named, nginx and LiteLLM's proxy. All stand in front of one engine and take turns of some seconds each.
 */
public final class ProxiesBenchmark {

    private static final double MAX_LATENCY_RATIO = 1.5;
    private static final double MAX_WATCHING_RATIO = 2;
    private static final double MAX_LITELLM_RATIO = 0.2;
    private static final double TAIL = 99;
    private static final double MEDIAN = 50;
    private static final int STREAMS = 40;

    /** LiteLLM's proxy falls behind at twice as many. */
    private static final int STREAMS_BESIDE_LITELLM = 20;

    /** Where what is done at all costs more than what is done for an event. */
    private static final int FEW_STREAMS = 5;

    private static final int MAX_WARM_UPS = 10;
    private static final double COMPILER_SHARE = 0.05;
    private static final long PERIOD_MILLIS = 50;
    private static final long WARM_UP_PERIOD_MILLIS = 10;
    private static final String PASSED = "lists for the client";
    private static final String CUT = "lists for the gateway";

    private ProxiesBenchmark() {}

    /**
     * How much is measured.
     *
     * @param warmUpSeconds of a turn before those that count, at several times their rate, but for LiteLLM; there are more until compilers rest
     * @param turns turns of each side that count
     * @param seconds of a turn
     */
    public record Size(double warmUpSeconds, int turns, double seconds) {}

    /**
     * Other proxies.
     *
     * @param nginx its program; null leaves it out
     * @param litellm its program; null leaves it out
     */
    public record Others(@Nullable Path nginx, @Nullable Path litellm) {}

    /** Somebody between clients and the engine, or nobody. */
    private record Side(String name, Way way, ServerProcess process) {}

    private record Turn(Window window, double processorSeconds) {

        double millis(double percentile) {
            return window.micros().getValueAtPercentile(percentile) / 1e3;
        }

        double secondsPerThousand() {
            return processorSeconds * 1e3 / window.events();
        }
    }

    /** The table. */
    public static List<Row> run(Size size, Others others) throws IOException, InterruptedException {
        try (Field field = new Field(List.of("-Xmx512m"));
                LoadClient client = new LoadClient();
                ServerProcess bare = ServerProcess.java(
                        List.of("-Xmx512m"),
                        BareProxy.class,
                        Pattern.compile(BareProxy.READY + "(\\d+)"),
                        line -> {},
                        Integer.toString(field.engine().port()));
                Peer nginx = others.nginx() == null ? Peer.NONE : Peer.nginx(others.nginx(), field);
                Peer litellm = others.litellm() == null ? Peer.NONE : Peer.litellm(others.litellm(), field)) {
            ServerProcess gateway = field.gateway();
            Side watching = new Side("watching", new Way(gateway.port(), true, true), gateway);
            Side unwatched = new Side("not watching", new Way(gateway.port(), true, false), gateway);
            Side proxy = new Side("bare proxy", new Way(bare.port(), true, true), bare);
            Side direct = new Side("nothing between", new Way(field.engine().port(), true, true), field.engine());
            List<Side> sides = new ArrayList<>(List.of(watching, unwatched, proxy, direct));
            if (nginx.process() != null) {
                sides.add(new Side("nginx", new Way(nginx.process().port(), true, true), nginx.process()));
            }
            List<Row> rows = new ArrayList<>();
            List<List<Turn>> passed = measure(client, sides, STREAMS, WARM_UP_PERIOD_MILLIS, size);
            rows.add(held(
                    PASSED + ": p99 of an event's age, watching / bare proxy",
                    passed.get(0),
                    passed.get(2),
                    (a, b) -> a.millis(TAIL) / b.millis(TAIL),
                    MAX_LATENCY_RATIO));
            rows.add(held(
                    PASSED + ": processor time, watching / not watching",
                    passed.get(0),
                    passed.get(1),
                    ProxiesBenchmark::cost,
                    MAX_WATCHING_RATIO));
            rows.add(told(
                    PASSED + ": processor time, watching / bare proxy",
                    passed.get(0),
                    passed.get(2),
                    ProxiesBenchmark::cost));
            addSides(rows, PASSED, sides, passed);

            List<Side> cutting = List.of(
                    new Side("watching", new Way(gateway.port(), false, true), gateway),
                    new Side("not watching, no lists", new Way(gateway.port(), false, false), gateway),
                    new Side("bare proxy, no lists", new Way(bare.port(), false, true), bare));
            List<List<Turn>> cut = measure(client, cutting, STREAMS, WARM_UP_PERIOD_MILLIS, size);
            rows.add(told(
                    CUT + ": p99 of an event's age, watching / bare proxy",
                    cut.get(0),
                    cut.get(2),
                    (a, b) -> a.millis(TAIL) / b.millis(TAIL)));
            rows.add(told(
                    CUT + ": processor time, watching / not watching", cut.get(0), cut.get(1), ProxiesBenchmark::cost));
            addSides(rows, CUT, cutting, cut);

            if (litellm.process() != null) {
                List<Side> pair = List.of(
                        watching,
                        new Side("LiteLLM", new Way(litellm.process().port(), true, true), litellm.process()));
                rows.addAll(beside(client, pair, STREAMS_BESIDE_LITELLM, size, MAX_LITELLM_RATIO));
                rows.addAll(beside(client, pair, FEW_STREAMS, size, null));
            }
            return rows;
        }
    }

    private static List<Row> beside(LoadClient client, List<Side> pair, int streams, Size size, @Nullable Double atMost)
            throws InterruptedException, IOException {
        List<List<Turn>> turns = measure(client, pair, streams, PERIOD_MILLIS, size);
        String rate = rate(streams);
        String cost = rate + ": processor time, watching / LiteLLM";
        List<Row> rows = new ArrayList<>();
        rows.add(
                atMost == null
                        ? told(cost, turns.get(0), turns.get(1), ProxiesBenchmark::cost)
                        : held(cost, turns.get(0), turns.get(1), ProxiesBenchmark::cost, atMost));
        rows.add(told(
                rate + ": p99 of an event's age, watching / LiteLLM",
                turns.get(0),
                turns.get(1),
                (a, b) -> a.millis(TAIL) / b.millis(TAIL)));
        addSides(rows, rate, pair, turns);
        return rows;
    }

    private static String rate(int streams) {
        return streams * 1000L / PERIOD_MILLIS + " events/s";
    }

    /** Turns by side; who begins changes. */
    private static List<List<Turn>> measure(
            LoadClient client, List<Side> sides, int streams, long warmUpPeriodMillis, Size size)
            throws InterruptedException, IOException {
        List<List<Turn>> turns = new ArrayList<>();
        sides.forEach(side -> turns.add(new ArrayList<>()));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < sides.size(); i++) {
            order.add(i);
        }
        for (Side side : sides) {
            warmUp(client, side, streams, warmUpPeriodMillis, size.warmUpSeconds());
        }
        for (int round = 0; round < size.turns(); round++) {
            for (int side : order) {
                turns.get(side).add(turn(client, sides.get(side), streams, PERIOD_MILLIS, size.seconds()));
            }
            Collections.rotate(order, 1);
        }
        return turns;
    }

    /** Until its compiler has little to do any more. */
    private static void warmUp(LoadClient client, Side side, int streams, long periodMillis, double seconds)
            throws InterruptedException, IOException {
        for (int turn = 0; turn < MAX_WARM_UPS; turn++) {
            double before = side.process().compilerSeconds();
            Turn unused = turn(client, side, streams, periodMillis, seconds);
            if (side.process().compilerSeconds() - before < COMPILER_SHARE * seconds) {
                return;
            }
        }
    }

    private static Turn turn(LoadClient client, Side side, int streams, long periodMillis, double seconds)
            throws InterruptedException {
        Turn turn;
        try (Load load = client.open(side.way(), streams, periodMillis)) {
            double before = side.process().processorSeconds();
            Window window = load.measure(seconds);
            turn = new Turn(window, side.process().processorSeconds() - before);
        }
        awaitCalm(side.process());
        return turn;
    }

    /** Waits until it has nothing to do any more, so that the next turn has the machine. */
    static void awaitCalm(ServerProcess process) throws InterruptedException {
        double last = process.processorSeconds();
        for (int tenths = 0; tenths < 100; tenths++) {
            TimeUnit.MILLISECONDS.sleep(100);
            double now = process.processorSeconds();
            if (now - last < 0.02) {
                return;
            }
            last = now;
        }
    }

    private static double cost(Turn a, Turn b) {
        return a.secondsPerThousand() / b.secondsPerThousand();
    }

    private static void addSides(List<Row> rows, String when, List<Side> sides, List<List<Turn>> turns) {
        for (int i = 0; i < sides.size(); i++) {
            String name = when + ": " + sides.get(i).name();
            rows.add(
                    told(name + ", processor time of 1,000 events", turns.get(i), Turn::secondsPerThousand, 1e3, "ms"));
            rows.add(told(name + ", age of an event, p50", turns.get(i), turn -> turn.millis(MEDIAN), 1, "ms"));
            rows.add(told(name + ", age of an event, p99", turns.get(i), turn -> turn.millis(TAIL), 1, "ms"));
        }
    }

    private static Samples pairs(List<Turn> a, List<Turn> b, ToDoubleBiFunction<Turn, Turn> ratio) {
        return Samples.of(java.util.stream.IntStream.range(0, a.size())
                .mapToDouble(i -> ratio.applyAsDouble(a.get(i), b.get(i))));
    }

    private static Row held(
            String measure, List<Turn> a, List<Turn> b, ToDoubleBiFunction<Turn, Turn> ratio, double atMost) {
        Samples samples = pairs(a, b, ratio);
        return Row.held(measure, samples.median(), "", atMost, samples.spread());
    }

    private static Row told(String measure, List<Turn> a, List<Turn> b, ToDoubleBiFunction<Turn, Turn> ratio) {
        Samples samples = pairs(a, b, ratio);
        return Row.told(measure, samples.median(), "", samples.spread());
    }

    private static Row told(
            String measure, List<Turn> turns, ToDoubleFunction<Turn> value, double factor, String unit) {
        Samples samples = Samples.of(turns.stream().mapToDouble(turn -> factor * value.applyAsDouble(turn)));
        return Row.told(measure, samples.median(), unit, samples.spread());
    }

    /** Another proxy's process, or none. */
    private record Peer(@Nullable ServerProcess process) implements AutoCloseable {

        private static final Peer NONE = new Peer(null);

        private static Peer nginx(Path program, Field field) throws IOException {
            int port = ServerProcess.freePort();
            Path config = field.folder().resolve("nginx.conf");
            Files.writeString(
                    config,
                    """
                    daemon off; master_process off; error_log stderr crit; pid nginx.pid;
                    events { worker_connections 16384; }
                    http {
                      access_log off;
                      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                      uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                      server {
                        listen 127.0.0.1:%d;
                        location / {
                          proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1; proxy_set_header Connection "";
                          proxy_buffering off;
                        }
                      }
                    }
                    """
                            .formatted(port, field.engine().port()));
            return new Peer(ServerProcess.listening(
                    List.of(program.toString(), "-p", field.folder().toString(), "-c", config.toString()), port));
        }

        private static Peer litellm(Path program, Field field) throws IOException {
            int port = ServerProcess.freePort();
            Path config = field.folder().resolve("litellm.yaml");
            Files.writeString(
                    config,
                    """
                    general_settings: {dangerously_permit_weak_or_unset_master_key: true}
                    model_list:
                      - model_name: m
                        litellm_params: {model: openai/m, api_base: "http://127.0.0.1:%d/v1", api_key: none}
                    """
                            .formatted(field.engine().port()));
            return new Peer(ServerProcess.listening(
                    List.of(
                            program.toString(),
                            "--config",
                            config.toString(),
                            "--host",
                            "127.0.0.1",
                            "--port",
                            Integer.toString(port),
                            "--telemetry",
                            "False"),
                    port));
        }

        @Override
        public void close() {
            if (process != null) {
                process.close();
            }
        }
    }
}
