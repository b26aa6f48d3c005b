package io.edistream.dashboards;

import static io.edistream.dashboards.Panel.heatmap;
import static io.edistream.dashboards.Panel.lines;
import static io.edistream.dashboards.Panel.number;
import static io.edistream.dashboards.Panel.states;
import static io.edistream.dashboards.Target.quantile;
import static io.edistream.dashboards.Target.rate;
import static io.edistream.dashboards.Target.share;
import static io.edistream.dashboards.Target.sum;

import io.edistream.schemas.metrics.GatewayMetrics;
import io.edistream.schemas.metrics.SourceMetrics;
import java.util.List;

/** The board of those who keep a gateway up. */
final class GatewayBoard {

    private GatewayBoard() {}

    static Board board() {
        return new Board(
                "edistream-gateway",
                "Edistream: gateway",
                "What clients ask and get, how much of it is measured, and what becomes of streams that are closed.",
                List.of(GatewayMetrics.RUNNING),
                SourceMetrics.TOKENS,
                List.of(
                        number(
                                "How many requests run?",
                                "Watched or not.",
                                "short",
                                sum("running", "", Series.of(GatewayMetrics.RUNNING))),
                        number(
                                "Which share of the requests is watched?",
                                "No data without requests.",
                                "percentunit",
                                share(
                                        "watched",
                                        Series.of(GatewayMetrics.REQUESTS, "watched=\"true\""),
                                        Series.of(GatewayMetrics.REQUESTS))),
                        number(
                                "Which share of the tokens is measured?",
                                "Of answers that are watched.",
                                "percentunit",
                                Target.of(
                                        "measured",
                                        "sum(rate(%1$s[$__rate_interval])) / (sum(rate(%1$s[$__rate_interval])) +"
                                                + " sum(rate(%2$s[$__rate_interval])) > 0)",
                                        Series.of(GatewayMetrics.MEASURED),
                                        Series.of(GatewayMetrics.UNMEASURED))),
                        number(
                                "How many requests are refused?",
                                "By the gateway itself.",
                                "short",
                                rate("a second", "", Series.of(GatewayMetrics.REFUSED))),
                        states(
                                "Which upstreams are asked?",
                                "One that failed three times in a row is not, until it answers a probe.",
                                Target.of(
                                        "{{instance}} {{upstream}}",
                                        "min by (instance, upstream) (%s)",
                                        Series.of(GatewayMetrics.UP))),
                        lines(
                                "What do clients ask?",
                                "Requests a second, by endpoint.",
                                "short",
                                rate(
                                        "{{endpoint}} watched {{watched}}",
                                        "endpoint, watched",
                                        Series.of(GatewayMetrics.REQUESTS))),
                        lines(
                                "What do upstreams answer?",
                                "By HTTP status.",
                                "short",
                                rate("{{upstream}} {{status}}", "upstream, status", Series.of(GatewayMetrics.ANSWERS))),
                        lines(
                                "What does the gateway refuse?",
                                "By HTTP status.",
                                "short",
                                rate("{{status}}", "status", Series.of(GatewayMetrics.REFUSED))),
                        heatmap(
                                "How long do clients wait for the first token?",
                                "From the request's arrival.",
                                "s",
                                GatewayMetrics.FIRST_TOKEN),
                        lines(
                                "Which upstream makes them wait?",
                                "For the first token.",
                                "s",
                                quantile(0.5, "{{upstream}} median", "upstream", GatewayMetrics.FIRST_TOKEN),
                                quantile(0.99, "{{upstream}} p99", "upstream", GatewayMetrics.FIRST_TOKEN)),
                        lines(
                                "Which tokens are not measured?",
                                "By upstream and why.",
                                "short",
                                rate(
                                        "{{upstream}} {{reason}}",
                                        "upstream, reason",
                                        Series.of(GatewayMetrics.UNMEASURED))),
                        lines(
                                "What cannot be read, and what is lost?",
                                "Events that went through unread; tokens that never reached the hub.",
                                "short",
                                rate("{{upstream}} events", "upstream", Series.of(GatewayMetrics.UNREAD)),
                                rate("tokens lost", "", Series.of(GatewayMetrics.LOST_TOKENS))),
                        lines(
                                "When do clients leave?",
                                "Before their answer was whole.",
                                "short",
                                rate("{{window}}", "window", Series.of(GatewayMetrics.CLIENTS_LEFT))),
                        lines(
                                "Which streams are closed early?",
                                "By a command, or since the client left.",
                                "short",
                                rate("{{upstream}} {{reason}}", "upstream, reason", Series.of(GatewayMetrics.CLOSED))),
                        lines(
                                "Do answers go on with another route?",
                                "Those that a rule moved, by what came of it.",
                                "short",
                                rate(
                                        "{{from}} to {{to}}: {{outcome}}",
                                        "from, to, outcome",
                                        Series.of(GatewayMetrics.REROUTES))),
                        lines(
                                "What becomes of first tokens that are kept back?",
                                "Delivered, or discarded since the answer began again elsewhere.",
                                "short",
                                rate(
                                        "{{upstream}} {{outcome}}",
                                        "upstream, outcome",
                                        Series.of(GatewayMetrics.HELD_TOKENS))),
                        lines(
                                "Whose reasoning is ended?",
                                "That of answers that a rule concluded, by how and by what came of it.",
                                "short",
                                rate(
                                        "{{route}} by {{how}}: {{outcome}}",
                                        "route, how, outcome",
                                        Series.of(GatewayMetrics.CONCLUDES))),
                        lines(
                                "What do strategies ask for, and spare?",
                                "Samples started, and those that a settled vote made needless.",
                                "short",
                                rate("{{strategy}} started", "strategy", Series.of(GatewayMetrics.SAMPLES)),
                                rate("{{strategy}} spared", "strategy", Series.of(GatewayMetrics.SPARED_SAMPLES))),
                        lines(
                                "How many tokens does no client get?",
                                "Of samples that were not chosen, and of answers that went on elsewhere.",
                                "short",
                                rate("{{upstream}} moved", "upstream", Series.of(GatewayMetrics.REROUTED_TOKENS)),
                                rate("{{strategy}}", "strategy", Series.of(GatewayMetrics.DISCARDED_TOKENS))),
                        lines(
                                "Do samples agree?",
                                "Share of the votes that the most frequent answer had.",
                                "percentunit",
                                quantile(0.5, "{{strategy}} median", "strategy", GatewayMetrics.AGREEMENT),
                                quantile(0.1, "{{strategy}} p10", "strategy", GatewayMetrics.AGREEMENT)),
                        lines(
                                "Do engines stop when their stream is closed?",
                                "Open requests beside what engines that nobody else uses say; the rest runs for nobody.",
                                "short",
                                sum("{{upstream}} open", "upstream", Series.of(GatewayMetrics.OPEN)),
                                sum("{{upstream}} engine", "upstream", Series.of(GatewayMetrics.ENGINE_REQUESTS)),
                                sum("{{upstream}} for nobody", "upstream", Series.of(GatewayMetrics.ENGINE_EXCESS))),
                        heatmap(
                                "How fast do commands close a stream?",
                                "From taking effect to the closing.",
                                "s",
                                GatewayMetrics.CLOSE_SECONDS),
                        lines(
                                "Who uses what?",
                                "Tokens as upstreams count them, by the client's name.",
                                "short",
                                rate("{{client}} {{part}}", "client, part", Series.of(GatewayMetrics.CLIENT_TOKENS)))));
    }
}
