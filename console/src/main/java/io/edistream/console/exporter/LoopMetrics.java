package io.edistream.console.exporter;

import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.Topics;
import io.edistream.schemas.metrics.ExporterMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What the records of the loop add up to, by model and route. One thread feeds it; any may scrape. The names that come
 * from outside are bounded: beyond {@link #MAX_ROUTES} models and routes, {@link #MAX_RULES} rules and {@link #MAX_JOBS}
 * jobs, records are counted under {@code other}.
 */
public final class LoopMetrics {

    /** Pairs of model and route; some 350 series each. */
    static final int MAX_ROUTES = 100;

    static final int MAX_RULES = 200;
    static final int MAX_JOBS = 16;

    /** Sequences whose ends are remembered: a job that restarts repeats those since its last checkpoint. */
    static final int MAX_REMEMBERED = 200_000;

    private static final double NANOS_PER_SECOND = 1e9;

    private final RegisteredMetrics metrics;
    private final LongSupplier nanoTime;
    private final Map<Route, RouteSeries> routes = new HashMap<>();
    private final Names rules = new Names(MAX_RULES);
    private final Names jobNames = new Names(MAX_JOBS);
    private final Map<String, JobSeries> jobs = new HashMap<>();
    private final RecentSequences ended = new RecentSequences(MAX_REMEMBERED);
    private final Map<String, Long> heartbeatNanos = new ConcurrentHashMap<>();
    private volatile Map<String, Long> lags = Map.of();

    private record Route(String model, String route) {}

    /**
     * Registers everything.
     *
     * @param topics whose names stand in labels
     * @param nanoTime a clock that only goes forward
     */
    public LoopMetrics(PrometheusRegistry registry, Topics topics, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.metrics = new RegisteredMetrics(
                registry,
                ExporterMetrics.all(),
                Map.of(
                        ExporterMetrics.HEARTBEAT_AGE,
                        ages -> heartbeatNanos.forEach(
                                (job, nanos) -> ages.call((nanoTime.getAsLong() - nanos) / NANOS_PER_SECOND, job)),
                        ExporterMetrics.LAG,
                        behind -> lags.forEach((topic, records) -> behind.call(records, topic))));
        for (String topic : read(topics)) {
            metrics.counter(ExporterMetrics.RECORDS).initLabelValues(topic);
            metrics.counter(ExporterMetrics.UNREADABLE).initLabelValues(topic);
        }
        for (String label : List.of("route", "rule", "job_name")) {
            metrics.counter(ExporterMetrics.OTHER).initLabelValues(label);
        }
    }

    /** The topics that it is to be fed with. */
    public static List<String> read(Topics topics) {
        return List.of(topics.scores(), topics.spikes(), topics.control(), topics.controlOutcomes());
    }

    /** A running score announces a route, a final one counts once. */
    public void onScore(Score score) {
        RouteSeries route = route(score.getModel(), score.getRoute());
        if (!score.getFinal$()) {
            return;
        }
        if (ended.isNew(score.getSequence())) {
            route.ended(score);
        } else {
            metrics.counter(ExporterMetrics.REPEATED).inc();
        }
    }

    /** A burst or rebound. */
    public void onSpike(Spike spike) {
        route(spike.getModel(), spike.getRoute()).spiked(spike);
    }

    /** A job asks for something. */
    public void onCommand(Command command) {
        route(command.getModel(), command.getRoute()).commanded(command.getAction());
        metrics.counter(ExporterMetrics.COMMANDS)
                .labelValues(
                        Names.of(command.getAction()),
                        Names.of(command.getMode()),
                        bounded(rules, command.getRule(), "rule"))
                .inc();
    }

    /** A source says what became of it. */
    public void onOutcome(CommandOutcome outcome) {
        route(outcome.getModel(), outcome.getRoute()).settled(outcome);
    }

    /** A job lives now. */
    public void onHeartbeat(Heartbeat heartbeat) {
        String job = bounded(jobNames, heartbeat.getJobName(), "job_name");
        heartbeatNanos.put(job, nanoTime.getAsLong());
        jobs.computeIfAbsent(job, name -> new JobSeries(metrics, rules, name)).onHeartbeat(heartbeat);
    }

    /** A record of a topic was read. */
    public void read(String topic) {
        metrics.counter(ExporterMetrics.RECORDS).labelValues(topic).inc();
    }

    /** It was none of that topic. */
    public void unreadable(String topic) {
        metrics.counter(ExporterMetrics.UNREADABLE).labelValues(topic).inc();
    }

    /** Whether the broker answers and all topics are there. */
    public void reachable(boolean value) {
        metrics.gauge(ExporterMetrics.REACHABLE).set(value ? 1 : 0);
    }

    /** Records still to be read by topic; a topic of which that is not known is missing. */
    public void lags(Map<String, Long> recordsByTopic) {
        lags = Map.copyOf(recordsByTopic);
    }

    private RouteSeries route(String model, String route) {
        Route key = new Route(Names.clean(model), Names.clean(route));
        RouteSeries series = routes.get(key);
        if (series != null) {
            return series;
        }
        if (routes.size() >= MAX_ROUTES) {
            metrics.counter(ExporterMetrics.OTHER).labelValues("route").inc();
            key = new Route(Names.OTHER, Names.OTHER);
        }
        return routes.computeIfAbsent(key, fresh -> new RouteSeries(metrics, fresh.model(), fresh.route()));
    }

    private String bounded(Names names, String name, String label) {
        String value = names.of(name);
        if (value.equals(Names.OTHER)) {
            metrics.counter(ExporterMetrics.OTHER).labelValues(label).inc();
        }
        return value;
    }
}
