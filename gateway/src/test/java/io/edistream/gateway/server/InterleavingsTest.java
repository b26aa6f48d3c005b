package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.server.Interleaving.Entry;
import io.edistream.gateway.server.Interleaving.Lane;
import io.edistream.gateway.watch.Watch;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens, commands, clients that leave, failures and ends of engines in seeded orders, against a model of what a client may see. One that
 * fails is named by its seed, with which {@code -Dedistream.interleaving} plays it alone.
 */
class InterleavingsTest {

    /** How many are played; {@code gateway/interleavings} asks for more than continuous integration has time for. */
    private static final int COUNT = Integer.getInteger("edistream.interleavings", 500);

    private static final long SEED = Long.getLong("edistream.interleavings.seed", 1);

    /** The only one to be played; 0 for as many as are asked for. */
    private static final long ONLY = Long.getLong("edistream.interleaving", 0);

    /** Failures that are told; a fault fails many. */
    private static final int TOLD = 5;

    /** Each of the lanes has so many plays at a time. */
    private static final int TRACKS = 2;

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void whateverHappensTheClientReadsOneAnswer() throws Exception {
        List<Interleaving> all = (ONLY != 0 ? LongStream.of(ONLY) : LongStream.range(SEED, SEED + COUNT))
                .mapToObj(Interleaving::of)
                .toList();
        Map<Long, String> failed = failures(all);
        assertThat(failed.size() + " of " + all.size() + " failed; the first:\n"
                        + failed.values().stream().limit(TOLD).collect(Collectors.joining("\n\n")))
                .startsWith("0 of ");
    }

    /** Plays them, some at a time, and returns what went wrong, by seed. */
    private Map<Long, String> failures(List<Interleaving> all) throws Exception {
        PublishedSequences published = new PublishedSequences();
        LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
        Map<Long, String> failures = new ConcurrentSkipListMap<>();
        try (ScriptedEngines engines = new ScriptedEngines();
                Watch watch = new Watch(
                        0xAB,
                        published,
                        commands,
                        published,
                        new GeneratorMetrics(new PrometheusRegistry()),
                        MicrosClock.system(),
                        false,
                        tokens -> {});
                GatewayFixture gateway = new GatewayFixture(folder, yaml(engines), watch)) {
            ExecutorService threads =
                    Executors.newFixedThreadPool(TRACKS * Lane.all().size());
            try {
                List<Future<?>> tracks = new ArrayList<>();
                Map<String, List<Interleaving>> byTrack = all.stream()
                        .collect(Collectors.groupingBy(one -> name(one.lane(), (int) (one.seed() % TRACKS))));
                byTrack.forEach((track, plays) -> tracks.add(threads.submit(() -> {
                    try (Peer barrier = gateway.client()) {
                        Play.Stage stage = new Play.Stage(engines, published, commands, gateway.port(), barrier, track);
                        for (Interleaving one : plays) {
                            play(one, stage, failures);
                        }
                    }
                    return null;
                })));
                for (Future<?> track : tracks) {
                    track.get();
                }
            } finally {
                threads.shutdownNow();
            }
            assertThat(gateway.metrics().lines())
                    .filteredOn(line -> line.startsWith("edistream_gateway_upstream_requests{"))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(" 0.0"));
        }
        return failures;
    }

    private static void play(Interleaving one, Play.Stage stage, Map<Long, String> failures) {
        try {
            Happened happened = new Play(one, stage).happens();
            List<String> objections = AllowedAnswers.objections(happened);
            if (!objections.isEmpty()) {
                failures.put(
                        one.seed(), "-Dedistream.interleaving=" + one.seed() + ": " + objections + "\n" + happened);
            }
        } catch (Exception | AssertionError e) {
            failures.put(one.seed(), "-Dedistream.interleaving=" + one.seed() + ": " + e + "\n" + one);
        }
    }

    private static String name(Lane lane, int track) {
        return "l" + lane.number() + "t" + track;
    }

    private static String yaml(ScriptedEngines engines) {
        StringBuilder upstreams = new StringBuilder("upstreams:\n");
        StringBuilder routes = new StringBuilder("routes:\n");
        for (Lane lane : Lane.all()) {
            for (int track = 0; track < TRACKS; track++) {
                String name = name(lane, track);
                upstream(upstreams, engines, name + "a", lane.a());
                upstream(upstreams, engines, name + "b", lane.b());
                upstream(upstreams, engines, name + "c", lane.c());
                String fallback = lane.fallback() ? ", fallback: first" : "";
                route(routes, name + "a", "{name: " + name + "a}", "reroutes: 2" + fallback);
                // Of another model, whose ids mean something else.
                route(routes, name + "same", "{name: " + name + "a, model: other}", "reroutes: 1" + fallback);
                // Without comments nothing at all reaches a client whose answer is kept back.
                route(
                        routes,
                        name + "held",
                        "{name: " + name + "a}",
                        "reroutes: 2, conclude: text, heartbeats: false, hold: " + Entry.HOLD + fallback);
                String concludes = "reroutes: 2, conclude: text" + fallback;
                route(routes, name + "brief", "{name: " + name + "a}", "reroutes: 1, conclude: text" + fallback);
                route(routes, name + "b", "{name: " + name + "b}", concludes);
                route(routes, name + "c", "{name: " + name + "c}", concludes);
            }
        }
        return upstreams.append(routes).toString();
    }

    private static void upstream(StringBuilder yaml, ScriptedEngines engines, String name, UpstreamKind kind) {
        yaml.append("  - {name: ")
                .append(name)
                .append(", url: '")
                .append(engines.url(name))
                .append("', kind: ");
        yaml.append(kind.configured()).append("}\n");
    }

    private static void route(StringBuilder yaml, String model, String upstream, String more) {
        yaml.append("  - {model: ")
                .append(model)
                .append(", upstreams: [")
                .append(upstream)
                .append("], ");
        yaml.append(more).append("}\n");
    }
}
