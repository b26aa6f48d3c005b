package io.edistream.schemas.metrics;

import static io.edistream.schemas.metrics.Metric.counter;
import static io.edistream.schemas.metrics.Metric.gauge;
import static io.edistream.schemas.metrics.Metric.histogram;

import java.util.List;

/** What a gateway exports beside what every source of tokens does. */
public final class GatewayMetrics {

    public static final Metric REQUESTS = counter(
            "edistream_gateway_requests_total",
            "requests",
            "Requests that were sent on, or handed to a model in the process, by endpoint, and whether their answers are watched.",
            "endpoint",
            "watched");
    public static final Metric REFUSED = counter(
            "edistream_gateway_refused_requests_total",
            "requests",
            "Requests that the gateway answered with an error of its own, by HTTP status.",
            "status");
    public static final Metric RUNNING =
            gauge("edistream_gateway_running_requests", "requests", "Requests that are under way.");
    public static final Metric ANSWERS = counter(
            "edistream_gateway_answers_total",
            "answers",
            "Answers of upstreams, by HTTP status.",
            "upstream",
            "status");
    public static final Metric UP = gauge(
            "edistream_gateway_upstream_up",
            "1",
            "Whether an upstream is asked; one that failed several times in a row is not, until it answers again.",
            "upstream");
    public static final Metric OPEN = gauge(
            "edistream_gateway_upstream_requests", "requests", "Requests that are open to an upstream.", "upstream");
    public static final Metric ENGINE_REQUESTS = gauge(
            "edistream_gateway_engine_requests",
            "requests",
            "Requests that an engine which nobody else uses (exclusive) says it runs or lets wait.",
            "upstream");
    public static final Metric ENGINE_EXCESS = gauge(
            "edistream_gateway_engine_excess_requests",
            "requests",
            "Those of them that are more than were open: streams that were closed, and with which it goes on.",
            "upstream");
    public static final Metric FIRST_TOKEN = histogram(
            "edistream_gateway_time_to_first_token_seconds",
            "seconds",
            Buckets.GATEWAY_SECONDS,
            "Time from a request's arrival to the first event of its stream that has text or tokens, by upstream; for a model in the process,"
                    + " by route, to the first token.",
            "upstream");
    public static final Metric MEASURED = counter(
            "edistream_gateway_measured_tokens_total",
            "tokens",
            "Tokens with an entropy and a log-probability.",
            "upstream");
    public static final Metric UNMEASURED = counter(
            "edistream_gateway_unmeasured_tokens_total", "tokens", "Tokens without, by why.", "upstream", "reason");
    public static final Metric UNREAD = counter(
            "edistream_gateway_unread_events_total",
            "events",
            "Events of watched streams that could not be read and went through as they were.",
            "upstream");
    public static final Metric CLIENTS_LEFT = counter(
            "edistream_gateway_clients_left_total",
            "requests",
            "Requests whose client left before the answer was whole, by when: queued, before_first_byte, streaming or"
                    + " not_streamed.",
            "window");
    public static final Metric REROUTES = counter(
            "edistream_gateway_reroutes_total",
            "answers",
            "Answers that were to go on with another route, by what came of it: by_ids, by_text or from_prompt (it went on,"
                    + " and from what), failed (its upstream could not), too_late (its first tokens had been let go), no_boundary (no place between two words came) or ended_before.",
            "from",
            "to",
            "outcome");
    public static final Metric HELD_TOKENS = counter(
            "edistream_gateway_held_tokens_total",
            "tokens",
            "First tokens of answers that were kept back until rules had looked at them, by what came of them: delivered, or"
                    + " discarded since the answer began again elsewhere.",
            "upstream",
            "outcome");
    public static final Metric REROUTED_TOKENS = counter(
            "edistream_gateway_discarded_tokens_total",
            "tokens",
            "Tokens that an upstream decoded of answers that went on elsewhere, and that no client got.",
            "upstream");
    public static final Metric CONCLUDES = counter(
            "edistream_gateway_concludes_total",
            "answers",
            "Answers whose reasoning was to be ended, by how (engine or text) and by what came of it: concluded, failed (its"
                    + " upstream could not), no_boundary (no place between two words came) or ended_before.",
            "route",
            "how",
            "outcome");
    public static final Metric CLOSED = counter(
            "edistream_gateway_closed_streams_total",
            "streams",
            "Streams of upstreams that were closed before their end, since a command ended the answer, its client left, the vote of"
                    + " several samples was settled, or a sample was among the weakest.",
            "upstream",
            "reason");
    public static final Metric CLOSE_SECONDS = histogram(
            "edistream_gateway_close_seconds",
            "seconds",
            Buckets.GATEWAY_SECONDS,
            "Time from a command's taking effect to the closing of the upstream.",
            "upstream");
    public static final Metric LOST_TOKENS = counter(
            "edistream_gateway_lost_tokens_total",
            "tokens",
            "Tokens whose measurements were lost inside the gateway, since too many waited to be published.");
    public static final Metric CLIENT_TOKENS = counter(
            "edistream_gateway_client_tokens_total",
            "tokens",
            "Tokens as upstreams or the model in the process count them, by the configured name of the client's key and whether they are of the prompt or of"
                    + " the answer.",
            "client",
            "part");

    public static final Metric SAMPLES = counter(
            "edistream_gateway_samples_total",
            "samples",
            "Samples that upstreams were asked for by requests with a strategy.",
            "strategy");
    public static final Metric SPARED_SAMPLES = counter(
            "edistream_gateway_spared_samples_total",
            "samples",
            "Samples that such requests might have started and did not, since the vote was settled.",
            "strategy");
    public static final Metric DISCARDED_TOKENS = counter(
            "edistream_gateway_discarded_sample_tokens_total",
            "tokens",
            "Tokens of samples that were not chosen, of requests that were answered.",
            "strategy");
    public static final Metric AGREEMENT = histogram(
            "edistream_gateway_sample_agreement",
            "1",
            List.of(.1, .2, .3, .4, .5, .6, .7, .8, .9, 1d),
            "Share of the votes that the most frequent answer of a request's samples had.",
            "strategy");

    private GatewayMetrics() {}

    /** All of them. */
    public static List<Metric> all() {
        return List.of(
                REQUESTS,
                REFUSED,
                RUNNING,
                ANSWERS,
                UP,
                OPEN,
                ENGINE_REQUESTS,
                ENGINE_EXCESS,
                FIRST_TOKEN,
                MEASURED,
                UNMEASURED,
                UNREAD,
                CLIENTS_LEFT,
                REROUTES,
                HELD_TOKENS,
                REROUTED_TOKENS,
                CONCLUDES,
                CLOSED,
                CLOSE_SECONDS,
                LOST_TOKENS,
                CLIENT_TOKENS,
                SAMPLES,
                SPARED_SAMPLES,
                DISCARDED_TOKENS,
                AGREEMENT);
    }
}
