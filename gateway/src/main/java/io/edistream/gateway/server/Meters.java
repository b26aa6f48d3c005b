package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.samples.StrategyAsked;
import io.edistream.gateway.upstream.Backend;
import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.metrics.GatewayMetrics;
import io.edistream.schemas.metrics.Metric;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.UnmeasuredReason;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The gateway's metrics. Thread-safe. */
public final class Meters {

    private static final double NANOS_PER_SECOND = 1e9;

    /** Endpoints that pass through and are told apart; whatever else there is, is one. */
    private static final Map<String, String> PASSED = Map.of(
            "/v1/models", "models",
            "/v1/responses", "responses",
            "/v1/messages", "messages",
            "/v1/embeddings", "embeddings");

    private final RegisteredMetrics registered;
    private final Map<String, Backend> backends = new ConcurrentHashMap<>();

    /** By upstream: what is counted at every token is not looked up by its labels every time. */
    private final Map<String, TokenCounts> tokens = new ConcurrentHashMap<>();

    private record TokenCounts(CounterDataPoint measured, Map<UnmeasuredReason, CounterDataPoint> unmeasured) {}

    /**
     * @throws IllegalArgumentException if the registry has them already
     */
    public Meters(PrometheusRegistry registry) {
        registered = new RegisteredMetrics(
                registry,
                GatewayMetrics.all(),
                Map.of(
                        GatewayMetrics.UP, ofUpstreams(backend -> backend.isUp() ? 1 : 0),
                        GatewayMetrics.OPEN, ofUpstreams(Backend::running),
                        GatewayMetrics.ENGINE_REQUESTS, ofUpstreams(Backend::engineRequests),
                        GatewayMetrics.ENGINE_EXCESS, ofUpstreams(Backend::engineExcess)));
        for (String window : List.of("queued", "before_first_byte", "streaming", "not_streamed")) {
            registered.counter(GatewayMetrics.CLIENTS_LEFT).initLabelValues(window);
        }
        for (StrategyAsked.Kind strategy : StrategyAsked.Kind.values()) {
            registered.counter(GatewayMetrics.SAMPLES).initLabelValues(strategy.label());
            registered.counter(GatewayMetrics.SPARED_SAMPLES).initLabelValues(strategy.label());
            registered.counter(GatewayMetrics.DISCARDED_TOKENS).initLabelValues(strategy.label());
            registered.histogram(GatewayMetrics.AGREEMENT).initLabelValues(strategy.label());
        }
    }

    /** What is not known has no series. */
    private Consumer<GaugeWithCallback.Callback> ofUpstreams(ToDoubleFunction<Backend> value) {
        return callback -> backends.forEach((upstream, backend) -> {
            double now = value.applyAsDouble(backend);
            if (!Double.isNaN(now)) {
                callback.call(now, upstream);
            }
        });
    }

    /** An upstream may be asked: its series are there from now on. */
    void expects(Backend backend) {
        Upstream upstream = backend.upstream();
        backends.put(upstream.name(), backend);
        registered.counter(GatewayMetrics.UNREAD).initLabelValues(upstream.name());
        Map<UnmeasuredReason, CounterDataPoint> unmeasured = new EnumMap<>(UnmeasuredReason.class);
        for (UnmeasuredReason reason : UnmeasuredReason.values()) {
            unmeasured.put(
                    reason,
                    registered
                            .counter(GatewayMetrics.UNMEASURED)
                            .labelValues(upstream.name(), Metric.label(reason.name())));
        }
        tokens.put(
                upstream.name(),
                new TokenCounts(registered.counter(GatewayMetrics.MEASURED).labelValues(upstream.name()), unmeasured));
        registered.counter(GatewayMetrics.REROUTED_TOKENS).initLabelValues(upstream.name());
        for (String reason : List.of("aborted", "cancelled", "settled", "pruned")) {
            registered.counter(GatewayMetrics.CLOSED).initLabelValues(upstream.name(), reason);
        }
        registered.histogram(GatewayMetrics.FIRST_TOKEN).initLabelValues(upstream.name());
        registered.histogram(GatewayMetrics.CLOSE_SECONDS).initLabelValues(upstream.name());
    }

    /** Answers of some routes may go on with others, or have their reasoning ended: their series are there from now on. */
    void expects(List<Route> routes) {
        for (Route from : routes) {
            expectsConclusions(from);
            for (Route to : routes) {
                if (from.reroutes() > 0 && to.model() != null && !to.name().equals(from.name())) {
                    for (String outcome : List.of(
                            "by_ids", "by_text", "from_prompt", "failed", "no_boundary", "ended_before", "too_late")) {
                        registered.counter(GatewayMetrics.REROUTES).initLabelValues(from.name(), to.name(), outcome);
                    }
                }
            }
            if (from.hold() > 0) {
                for (Route.Target target : from.targets()) {
                    for (String outcome : List.of("delivered", "discarded")) {
                        registered
                                .counter(GatewayMetrics.HELD_TOKENS)
                                .initLabelValues(target.upstream().name(), outcome);
                    }
                }
            }
        }
    }

    private void expectsConclusions(Route route) {
        Route.Conclude how = route.conclude();
        if (how != null) {
            List<String> outcomes = how == Route.Conclude.ENGINE
                    ? List.of("concluded", "failed", "ended_before")
                    : List.of("concluded", "failed", "no_boundary", "ended_before");
            for (String outcome : outcomes) {
                registered.counter(GatewayMetrics.CONCLUDES).initLabelValues(route.name(), how.configured(), outcome);
            }
        }
    }

    void asked(String path, @Nullable Endpoint endpoint, boolean watched) {
        registered
                .counter(GatewayMetrics.REQUESTS)
                .labelValues(
                        endpoint == null ? PASSED.getOrDefault(path, "other") : endpoint.label(),
                        Boolean.toString(watched))
                .inc();
    }

    void refused(int status) {
        registered
                .counter(GatewayMetrics.REFUSED)
                .labelValues(Integer.toString(status))
                .inc();
    }

    void running(int requests) {
        registered.gauge(GatewayMetrics.RUNNING).set(requests);
    }

    void answered(Upstream upstream, int status) {
        registered
                .counter(GatewayMetrics.ANSWERS)
                .labelValues(upstream.name(), Integer.toString(status))
                .inc();
    }

    /** A route of an engine in this process may be asked. */
    void expects(String route) {
        registered.histogram(GatewayMetrics.FIRST_TOKEN).initLabelValues(route);
    }

    /**
     * An answer has its first token.
     *
     * @param source name of the upstream, or of the route of an engine in this process
     */
    void firstToken(String source, long nanos) {
        registered.histogram(GatewayMetrics.FIRST_TOKEN).labelValues(source).observe(nanos / NANOS_PER_SECOND);
    }

    void tokens(Upstream upstream, List<DecodedToken> decoded) {
        TokenCounts counts = tokens.get(upstream.name());
        if (counts == null) {
            throw new IllegalArgumentException("nobody expects upstream " + upstream.name());
        }
        int measured = 0;
        for (DecodedToken token : decoded) {
            // A short list gives an entropy and no confidence: that token is measured, and has a reason for what it
            // lacks.
            UnmeasuredReason reason = token.unmeasured();
            CounterDataPoint without =
                    reason == null || hasEntropy(token.stats()) ? null : counts.unmeasured.get(reason);
            if (without == null) {
                measured++;
            } else {
                without.inc();
            }
        }
        counts.measured.inc(measured);
    }

    private static boolean hasEntropy(TokenStats stats) {
        return !Float.isNaN(stats.entropyNats()) && !Float.isNaN(stats.logProbability());
    }

    void unread(Upstream upstream) {
        registered.counter(GatewayMetrics.UNREAD).labelValues(upstream.name()).inc();
    }

    void clientLeft(String window) {
        registered.counter(GatewayMetrics.CLIENTS_LEFT).labelValues(window).inc();
    }

    /**
     * A stream was closed before its end.
     *
     * @param reason aborted, cancelled, settled or pruned
     */
    void closed(Upstream upstream, String reason) {
        registered
                .counter(GatewayMetrics.CLOSED)
                .labelValues(upstream.name(), reason)
                .inc();
    }

    /** A choice was to go on with another route. */
    void rerouted(String from, String to, String outcome) {
        registered
                .counter(GatewayMetrics.REROUTES)
                .labelValues(from, to, outcome)
                .inc();
    }

    /**
     * Tokens that were kept back are not any more.
     *
     * @param outcome delivered or discarded
     */
    void held(Upstream upstream, String outcome, int tokens) {
        registered
                .counter(GatewayMetrics.HELD_TOKENS)
                .labelValues(upstream.name(), outcome)
                .inc(tokens);
    }

    /** Tokens were decoded for nobody, since their answer went on elsewhere. */
    void discarded(Upstream upstream, int tokens) {
        registered
                .counter(GatewayMetrics.REROUTED_TOKENS)
                .labelValues(upstream.name())
                .inc(tokens);
    }

    /**
     * The reasoning of an answer was to be ended.
     *
     * @param outcome concluded, failed, no_boundary or ended_before
     */
    void concluded(String route, Route.Conclude how, String outcome) {
        registered
                .counter(GatewayMetrics.CONCLUDES)
                .labelValues(route, how.configured(), outcome)
                .inc();
    }

    void closedAfter(Upstream upstream, Duration time) {
        registered
                .histogram(GatewayMetrics.CLOSE_SECONDS)
                .labelValues(upstream.name())
                .observe(time.toNanos() / NANOS_PER_SECOND);
    }

    /** Measurements were lost inside the gateway. */
    public void lostTokens(int tokens) {
        registered.counter(GatewayMetrics.LOST_TOKENS).inc(tokens);
    }

    void clientTokens(String client, long prompt, long answer) {
        registered
                .counter(GatewayMetrics.CLIENT_TOKENS)
                .labelValues(client, "prompt")
                .inc(prompt);
        registered
                .counter(GatewayMetrics.CLIENT_TOKENS)
                .labelValues(client, "answer")
                .inc(answer);
    }

    /** A sample of a request with a strategy is asked for. */
    void sampleStarts(StrategyAsked.Kind strategy) {
        registered.counter(GatewayMetrics.SAMPLES).labelValues(strategy.label()).inc();
    }

    /**
     * A strategy has chosen.
     *
     * @param spared samples that it might have started, and did not
     * @param discarded tokens of those that it did not choose
     * @param agreement share of the votes for the chosen answer; NaN without votes
     */
    void sampled(StrategyAsked.Kind strategy, int spared, long discarded, double agreement) {
        registered
                .counter(GatewayMetrics.SPARED_SAMPLES)
                .labelValues(strategy.label())
                .inc(spared);
        registered
                .counter(GatewayMetrics.DISCARDED_TOKENS)
                .labelValues(strategy.label())
                .inc(discarded);
        if (!Double.isNaN(agreement)) {
            registered
                    .histogram(GatewayMetrics.AGREEMENT)
                    .labelValues(strategy.label())
                    .observe(agreement);
        }
    }
}
