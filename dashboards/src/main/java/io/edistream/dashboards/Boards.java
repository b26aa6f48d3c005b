package io.edistream.dashboards;

import static io.edistream.dashboards.FlinkMetrics.own;
import static io.edistream.dashboards.Panel.heatmap;
import static io.edistream.dashboards.Panel.lines;
import static io.edistream.dashboards.Panel.number;
import static io.edistream.dashboards.Panel.states;
import static io.edistream.dashboards.Target.increase;
import static io.edistream.dashboards.Target.quantile;
import static io.edistream.dashboards.Target.rate;
import static io.edistream.dashboards.Target.share;
import static io.edistream.dashboards.Target.sum;

import io.edistream.schemas.metrics.ExporterMetrics;
import io.edistream.schemas.metrics.Metric;
import io.edistream.schemas.metrics.ProcessMetrics;
import io.edistream.schemas.metrics.SourceMetrics;
import java.util.List;

/** The six boards. */
final class Boards {

    private static final Metric MODELS = SourceMetrics.TOKENS;
    private static final List<Metric> OWN = List.of(ProcessMetrics.BUILD_INFO, own("tokens_total"));

    private Boards() {}

    static List<Board> all() {
        return List.of(control(), fleet(), generators(), GatewayBoard.board(), job(), loss());
    }

    private static Board control() {
        return new Board(
                "edistream-control",
                "Edistream: control loop",
                "Whether the loop is closed, what it commands, and how late that takes effect.",
                OWN,
                MODELS,
                List.of(
                        number(
                                "How old is the last heartbeat?",
                                "Above 10 s nobody watches.",
                                "s",
                                Target.of("age", "max(%s)", Series.of(SourceMetrics.HEARTBEAT_AGE))),
                        number(
                                "How many tokens are decoded?",
                                "Of all sources.",
                                "short",
                                rate("tokens/s", "", Series.of(SourceMetrics.TOKENS))),
                        number(
                                "How many of them does the job take in?",
                                "Much less than decoded: the loop is open.",
                                "short",
                                rate("tokens/s", "", Series.of(own("tokens_total")))),
                        number(
                                "Which share of the commands is applied?",
                                "No data without commands.",
                                "percentunit",
                                share(
                                        "applied",
                                        Series.of(SourceMetrics.COMMANDS, "outcome=\"applied\""),
                                        Series.of(SourceMetrics.COMMANDS))),
                        lines(
                                "What do jobs command?",
                                "By action and mode; shadow ones change nothing.",
                                "short",
                                rate(
                                        "{{action}} {{mode}}",
                                        "action, mode",
                                        Series.of(own("action_mode_commands_total")))),
                        lines(
                                "Which rules command?",
                                "As read from the control topic.",
                                "short",
                                rate(
                                        "{{rule}} {{action}} {{mode}}",
                                        "rule, action, mode",
                                        Series.of(ExporterMetrics.COMMANDS))),
                        states(
                                "Which rules may act?",
                                "Armed ones do, unless the kill switch is on.",
                                Target.of(
                                        "{{rule}} armed",
                                        "max by (rule) (%s)",
                                        Series.of(ExporterMetrics.RULE_MODE, "mode=\"armed\"")),
                                Target.of(
                                        "{{job_name}} kill switch",
                                        "max by (job_name) (%s)",
                                        Series.of(ExporterMetrics.KILL_SWITCH))),
                        lines(
                                "Which revision of each rule is asked?",
                                "Two lines of one rule: two jobs do not agree.",
                                "none",
                                Target.of(
                                        "{{rule}} {{job_name}}",
                                        "max by (rule, job_name) (%s)",
                                        Series.of(ExporterMetrics.RULE_REVISION))),
                        lines(
                                "What becomes of commands?",
                                "As their sources say.",
                                "short",
                                rate("{{outcome}}", "outcome", Series.of(SourceMetrics.COMMANDS))),
                        lines(
                                "Why are commands refused?",
                                "By their sources.",
                                "short",
                                rate("{{action}} {{reason}}", "action, reason", Series.of(SourceMetrics.REFUSALS))),
                        lines(
                                "What becomes of commands, by model?",
                                "As read from the outcomes topic.",
                                "short",
                                rate(
                                        "{{model}} {{action}} {{outcome}}",
                                        "model, action, outcome",
                                        Series.of(ExporterMetrics.OUTCOMES))),
                        heatmap(
                                "How many tokens late do commands take effect?",
                                "Tokens between the cause and the effect; an exemplar leads to a sequence.",
                                "short",
                                ExporterMetrics.REACTION_TOKENS),
                        heatmap(
                                "How many seconds late do commands take effect?",
                                "By the clocks of the sources.",
                                "s",
                                ExporterMetrics.REACTION_SECONDS),
                        lines(
                                "How late is the slowest in a hundred?",
                                "Of applied commands, by the sources.",
                                "short",
                                quantile(0.5, "{{action}} median", "action", SourceMetrics.REACTION_TOKENS),
                                quantile(0.99, "{{action}} p99", "action", SourceMetrics.REACTION_TOKENS)),
                        lines(
                                "How late is that in seconds?",
                                "Of applied commands, by the sources.",
                                "s",
                                quantile(0.5, "{{action}} median", "action", SourceMetrics.REACTION_SECONDS),
                                quantile(0.99, "{{action}} p99", "action", SourceMetrics.REACTION_SECONDS))));
    }

    private static Board fleet() {
        return new Board(
                "edistream-fleet",
                "Edistream: fleet stability",
                "How uncertain models are, by model and route. From the exporter.",
                List.of(ExporterMetrics.REACHABLE),
                ExporterMetrics.ENDED,
                List.of(
                        heatmap(
                                "How is EDIS at the end distributed?",
                                "Higher is less stable; an exemplar leads to a sequence.",
                                "short",
                                ExporterMetrics.FINAL_EDIS),
                        heatmap(
                                "How is the worst stretch of entropy distributed?",
                                "Largest mean of 8 tokens, in nats.",
                                "short",
                                ExporterMetrics.WINDOWED_ENTROPY),
                        lines(
                                "Which model is unstable?",
                                "EDIS at the end, by model and route.",
                                "short",
                                quantile(0.5, "{{model}} {{route}} median", "model, route", ExporterMetrics.FINAL_EDIS),
                                quantile(0.95, "{{model}} {{route}} p95", "model, route", ExporterMetrics.FINAL_EDIS)),
                        lines(
                                "Which model is uncertain?",
                                "Largest mean entropy of 8 tokens, in nats.",
                                "short",
                                quantile(
                                        0.5,
                                        "{{model}} {{route}} median",
                                        "model, route",
                                        ExporterMetrics.WINDOWED_ENTROPY),
                                quantile(
                                        0.95,
                                        "{{model}} {{route}} p95",
                                        "model, route",
                                        ExporterMetrics.WINDOWED_ENTROPY)),
                        lines(
                                "How long are sequences?",
                                "Median of their tokens, by why they ended.",
                                "short",
                                quantile(0.5, "{{reason}}", "reason", ExporterMetrics.SEQUENCE_TOKENS)),
                        heatmap(
                                "After how many tokens are sequences stopped?",
                                "What was decoded until then is lost.",
                                "short",
                                ExporterMetrics.ABORT_TOKENS),
                        lines(
                                "Why do sequences end?",
                                "Each sequence counted once.",
                                "short",
                                rate("{{reason}}", "reason", Series.of(ExporterMetrics.ENDED))),
                        lines(
                                "How often does entropy burst or rebound?",
                                "Spikes published.",
                                "short",
                                rate("{{model}} {{kind}}", "model, kind", Series.of(ExporterMetrics.SPIKES)))));
    }

    private static Board generators() {
        return new Board(
                "edistream-generators",
                "Edistream: generators",
                "What the sources of tokens do, and whether their books balance.",
                List.of(SourceMetrics.TOKENS),
                MODELS,
                List.of(
                        lines(
                                "How fast is decoding?",
                                "Tokens by model and route.",
                                "short",
                                rate("{{model}} {{route}}", "model, route", Series.of(SourceMetrics.TOKENS))),
                        heatmap(
                                "How long does a decode step take?",
                                "Of the whole batch, without prefills.",
                                "s",
                                SourceMetrics.STEP_SECONDS),
                        lines(
                                "How large is a batch?",
                                "Tokens of a step.",
                                "short",
                                Target.of(
                                        "tokens a step",
                                        "sum(rate(%s[$__rate_interval])) / (sum(rate(%s[$__rate_interval])) > 0)",
                                        Series.of(SourceMetrics.TOKENS),
                                        Series.of(SourceMetrics.STEPS))),
                        lines(
                                "Who runs and who waits?",
                                "Sequences.",
                                "short",
                                sum("running", "", Series.of(SourceMetrics.LIVE)),
                                sum("waiting", "", Series.of(SourceMetrics.WAITING))),
                        lines(
                                "How full is the cache?",
                                "Blocks in use of all.",
                                "percentunit",
                                Target.of(
                                        "{{instance}}",
                                        "sum by (instance) (%s) / (sum by (instance) (%s) > 0)",
                                        Series.of(SourceMetrics.BLOCKS_USED),
                                        Series.of(SourceMetrics.BLOCKS))),
                        lines(
                                "Why do sequences end?",
                                "As the sources say.",
                                "short",
                                rate("{{reason}}", "reason", Series.of(SourceMetrics.ENDED))),
                        lines(
                                "Which tokens were in vain?",
                                "Kept by callers, or discarded by why.",
                                "short",
                                rate("kept", "", Series.of(SourceMetrics.TOKENS_KEPT)),
                                rate("discarded {{reason}}", "reason", Series.of(SourceMetrics.TOKENS_DISCARDED))),
                        lines(
                                "How many calls of a model fail?",
                                "Rows that fail alone end their sequences; the others of a failed call go on.",
                                "short",
                                rate(
                                        "{{model}} {{route}} calls",
                                        "model, route",
                                        Series.of(SourceMetrics.FAILED_CALLS)),
                                rate("{{model}} {{route}} rows", "model, route", Series.of(SourceMetrics.FAILED_ROWS))),
                        lines(
                                "How many samples do strategies spare?",
                                "Not started, since the vote was settled.",
                                "short",
                                rate("{{model}} {{route}}", "model, route", Series.of(SourceMetrics.SPARED_SAMPLES))),
                        lines(
                                "Do the books balance?",
                                "Started less ended, running and waiting; decoded less kept, discarded and running. Both are 0.",
                                "short",
                                Target.of(
                                        "sequences",
                                        "sum(%s) - sum(%s) - sum(%s) - sum(%s)",
                                        Series.of(SourceMetrics.STARTED),
                                        Series.of(SourceMetrics.ENDED),
                                        Series.of(SourceMetrics.LIVE),
                                        Series.of(SourceMetrics.WAITING)),
                                Target.of(
                                        "tokens",
                                        "sum(%s) - sum(%s) - sum(%s) - sum(%s)",
                                        Series.of(SourceMetrics.TOKENS),
                                        Series.of(SourceMetrics.TOKENS_KEPT),
                                        Series.of(SourceMetrics.TOKENS_DISCARDED),
                                        Series.of(SourceMetrics.TOKENS_LIVE))),
                        lines(
                                "Which builds run?",
                                "One line for each build.",
                                "short",
                                sum("{{version}}", "version", Series.of(ProcessMetrics.BUILD_INFO)))));
    }

    private static Board job() {
        return new Board(
                "edistream-job",
                "Edistream: job",
                "Whether the job keeps up and survives.",
                List.of(own("tokens_total"), FlinkMetrics.UPTIME),
                MODELS,
                List.of(
                        states(
                                "Is the job up?",
                                "Gaps and zeros are time without control.",
                                Target.of(
                                        "{{job_name}}",
                                        "max by (job_name) (%s > bool 0)",
                                        Series.of(FlinkMetrics.UPTIME))),
                        lines(
                                "How often did it restart?",
                                "Each restart reads events again.",
                                "short",
                                increase("{{job_name}}", "job_name", Series.of(FlinkMetrics.RESTARTS))),
                        lines(
                                "Are checkpoints completed?",
                                "None: a restart would read from far back.",
                                "short",
                                increase("completed", "", Series.of(FlinkMetrics.CHECKPOINTS)),
                                increase("failed", "", Series.of(FlinkMetrics.CHECKPOINTS_FAILED))),
                        lines(
                                "How long does a checkpoint take?",
                                "The last one.",
                                "ms",
                                Target.of(
                                        "{{job_name}}",
                                        "max by (job_name) (%s)",
                                        Series.of(FlinkMetrics.CHECKPOINT_DURATION))),
                        lines(
                                "How much state is there?",
                                "In the last checkpoint.",
                                "bytes",
                                Target.of(
                                        "{{job_name}}",
                                        "max by (job_name) (%s)",
                                        Series.of(FlinkMetrics.CHECKPOINT_SIZE))),
                        lines(
                                "Does it keep up?",
                                "Records still to be read.",
                                "short",
                                sum("{{job_name}}", "job_name", Series.of(FlinkMetrics.PENDING))),
                        lines(
                                "How busy are its tasks?",
                                "1,000 ms of a second is all.",
                                "ms",
                                Target.of(
                                        "{{task_name}} busy", "max by (task_name) (%s)", Series.of(FlinkMetrics.BUSY)),
                                Target.of(
                                        "{{task_name}} held back",
                                        "max by (task_name) (%s)",
                                        Series.of(FlinkMetrics.BACK_PRESSURED))),
                        lines(
                                "What flows through its operators?",
                                "Records in and out.",
                                "short",
                                rate("{{operator_name}} in", "operator_name", Series.of(FlinkMetrics.RECORDS_IN)),
                                rate("{{operator_name}} out", "operator_name", Series.of(FlinkMetrics.RECORDS_OUT))),
                        lines(
                                "What is watched?",
                                "Sequences and sources.",
                                "short",
                                sum("sequences", "", Series.of(own("live_sequences"))),
                                sum("sources", "", Series.of(own("generators")))),
                        lines(
                                "Which sequences begin and end?",
                                "Abandoned ones were ended by the job itself.",
                                "short",
                                rate("started", "", Series.of(own("sequences_started_total"))),
                                rate("finished", "", Series.of(own("sequences_finished_total"))),
                                rate(
                                        "abandoned by {{closed_by}}",
                                        "closed_by",
                                        Series.of(own("closed_by_sequences_abandoned_total")))),
                        lines(
                                "What is published?",
                                "Scores and spikes by kind.",
                                "short",
                                rate("{{kind}}", "kind", Series.of(own("kind_scores_total"))),
                                rate("{{kind}}", "kind", Series.of(own("kind_spikes_total"))))));
    }

    private static Board loss() {
        return new Board(
                "edistream-loss",
                "Edistream: Kafka clients and loss",
                "How clients fare with Kafka, what did not arrive, and where it was lost.",
                OWN,
                MODELS,
                List.of(
                        states(
                                "Can sources reach Kafka?",
                                "By topic.",
                                Target.of(
                                        "{{instance}} {{topic}}",
                                        "min by (instance, topic) (%s)",
                                        Series.of(SourceMetrics.REACHABLE))),
                        states(
                                "Can the exporter?",
                                "The broker and all its topics.",
                                Target.of(
                                        "{{instance}}",
                                        "min by (instance) (%s)",
                                        Series.of(ExporterMetrics.REACHABLE))),
                        lines(
                                "What becomes of records?",
                                "Of sources, by topic and fate.",
                                "short",
                                rate("{{topic}} {{fate}}", "topic, fate", Series.of(SourceMetrics.RECORDS))),
                        lines(
                                "Which share is lost?",
                                "Dropped or failed.",
                                "percentunit",
                                share(
                                        "lost",
                                        Series.of(SourceMetrics.RECORDS, "fate=~\"dropped|failed\""),
                                        Series.of(SourceMetrics.RECORDS))),
                        lines(
                                "What is missing at the job?",
                                "Records and tokens that never came.",
                                "short",
                                rate("records", "", Series.of(own("missing_records_total"))),
                                rate("missing", "", Series.of(own("missing_tokens_total"))),
                                rate("repeated", "", Series.of(own("repeated_tokens_total"))),
                                rate("unmeasured", "", Series.of(own("unmeasured_tokens_total")))),
                        lines(
                                "What does the job reject?",
                                "By why.",
                                "short",
                                rate("{{reason}}", "reason", Series.of(own("reason_rejected_total")))),
                        lines(
                                "What does the job itself drop?",
                                "Full queues, and topics that take none.",
                                "short",
                                rate(
                                        "{{topic}} {{kind}}",
                                        "topic, kind",
                                        Series.of(own("topic_kind_telemetry_dropped_total"))),
                                rate("late labels", "", Series.of(own("late_labels_total")))),
                        lines(
                                "How long do the job's requests to Kafka take?",
                                "Commands wait for them. A fetch waits for records, up to half a second when there are none.",
                                "ms",
                                Target.of("fetch", "max(%s)", Series.of(FlinkMetrics.FETCH_LATENCY)),
                                Target.of("send", "max(%s)", Series.of(FlinkMetrics.REQUEST_LATENCY)),
                                Target.of("wait before sending", "max(%s)", Series.of(FlinkMetrics.QUEUE_TIME))),
                        lines(
                                "When did the job last ask Kafka for records?",
                                "More than a second: it is held up.",
                                "s",
                                Target.of("{{job_name}}", "max by (job_name) (%s)", Series.of(FlinkMetrics.LAST_POLL))),
                        lines(
                                "Which commands did the job send again or give up?",
                                "Given up ones come with its next restart.",
                                "short",
                                rate("sent again", "", Series.of(FlinkMetrics.RETRIES)),
                                rate("given up", "", Series.of(FlinkMetrics.ERRORS))),
                        lines(
                                "What goes unwatched?",
                                "Sequences without a start, texts too large to send, commands nobody can read.",
                                "short",
                                rate("sequences", "", Series.of(SourceMetrics.UNWATCHED)),
                                rate("texts", "", Series.of(SourceMetrics.TEXTS_LEFT_OUT)),
                                rate("commands", "", Series.of(SourceMetrics.UNREADABLE_COMMANDS))),
                        lines(
                                "Does the exporter keep up?",
                                "Records still to be read.",
                                "short",
                                sum("{{topic}}", "topic", Series.of(ExporterMetrics.LAG))),
                        lines(
                                "What does the exporter read?",
                                "By topic, and what it left out.",
                                "short",
                                rate("{{topic}}", "topic", Series.of(ExporterMetrics.RECORDS)),
                                rate("{{topic}} unreadable", "topic", Series.of(ExporterMetrics.UNREADABLE)),
                                rate("repeated", "", Series.of(ExporterMetrics.REPEATED)),
                                rate("folded {{label}}", "label", Series.of(ExporterMetrics.OTHER))),
                        lines(
                                "How old are the jobs' heartbeats?",
                                "As the exporter read them.",
                                "s",
                                Target.of(
                                        "{{job_name}}",
                                        "max by (job_name) (%s)",
                                        Series.of(ExporterMetrics.HEARTBEAT_AGE)))));
    }
}
