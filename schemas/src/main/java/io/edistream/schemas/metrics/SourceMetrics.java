package io.edistream.schemas.metrics;

import static io.edistream.schemas.metrics.Metric.counter;
import static io.edistream.schemas.metrics.Metric.gauge;
import static io.edistream.schemas.metrics.Metric.histogram;

import java.util.List;

/** What a source of tokens exports. */
public final class SourceMetrics {

    public static final Metric STARTED = counter(
            "edistream_generator_sequences_started_total",
            "sequences",
            "Sequences that were accepted or branched off; as many as have ended, run or wait.",
            "model",
            "route");
    public static final Metric ENDED = counter(
            "edistream_generator_sequences_ended_total",
            "sequences",
            "Sequences that have ended, by why.",
            "model",
            "route",
            "reason");
    public static final Metric LIVE = gauge(
            "edistream_generator_live_sequences", "sequences", "Sequences that are decoded now.", "model", "route");
    public static final Metric WAITING = gauge(
            "edistream_generator_waiting_requests", "sequences", "Sequences that wait for room.", "model", "route");
    public static final Metric TOKENS = counter(
            "edistream_generator_tokens_total",
            "tokens",
            "Tokens decoded; as many as were kept, were discarded, or belong to sequences that still run.",
            "model",
            "route");
    public static final Metric TOKENS_KEPT = counter(
            "edistream_generator_kept_tokens_total",
            "tokens",
            "Tokens decoded for sequences that ended by themselves or went on from there on another route, which their caller keeps.",
            "model",
            "route");
    public static final Metric TOKENS_DISCARDED = counter(
            "edistream_generator_discarded_tokens_total",
            "tokens",
            "Tokens decoded for sequences that were stopped by a command, were begun anew elsewhere, were cancelled or failed, by why.",
            "model",
            "route",
            "reason");
    public static final Metric TOKENS_LIVE = gauge(
            "edistream_generator_live_tokens",
            "tokens",
            "Tokens decoded for sequences that still run: those of which it is open whether they are kept.",
            "model",
            "route");
    public static final Metric STEPS = counter(
            "edistream_generator_steps_total", "steps", "Decode steps, prefills not counted.", "model", "route");
    public static final Metric STEP_SECONDS = histogram(
            "edistream_generator_step_seconds",
            "seconds",
            List.of(.0005, .001, .002, .004, .008, .016, .032, .064, .128, .256, .512, 1d),
            "Duration of a decode step of the whole batch, prefills not counted.",
            "model",
            "route");
    public static final Metric FAILED_CALLS = counter(
            "edistream_generator_failed_calls_total",
            "calls",
            "Calls that a model failed: of a step, of the halves that are tried then, or to copy a block.",
            "model",
            "route");
    public static final Metric FAILED_ROWS = counter(
            "edistream_generator_failed_rows_total",
            "rows",
            "Rows that a model failed alone, or drew for them what cannot be; their sequences ended with an error.",
            "model",
            "route");
    public static final Metric SPARED_SAMPLES = counter(
            "edistream_generator_spared_samples_total",
            "samples",
            "Samples that a strategy might have started and had not when its vote was settled and nothing of its group ran any more.",
            "model",
            "route");
    public static final Metric BLOCKS_USED = gauge(
            "edistream_generator_kv_blocks_used",
            "blocks",
            "Blocks of the key-value cache that hold something.",
            "model",
            "route");
    public static final Metric BLOCKS =
            gauge("edistream_generator_kv_blocks", "blocks", "Blocks of the key-value cache.", "model", "route");
    public static final Metric RECORDS = counter(
            "edistream_generator_records_total",
            "records",
            "Records by topic and fate: published, dropped because the queue was full, failed in Kafka.",
            "topic",
            "fate");
    public static final Metric REACHABLE = gauge(
            "edistream_generator_kafka_reachable",
            "1",
            "1 while the last record or poll got through, 0 while not; absent before the first attempt.",
            "topic");
    public static final Metric UNREADABLE_COMMANDS = counter(
            "edistream_generator_unreadable_commands_total",
            "records",
            "Records of the control topic that are neither commands nor heartbeats.");
    public static final Metric UNWATCHED = counter(
            "edistream_generator_unwatched_sequences_total",
            "sequences",
            "Sequences that nobody could watch, because their start was never published: lost together with their end, too far"
                    + " behind newer ones, or too large.");
    public static final Metric TEXTS_LEFT_OUT = counter(
            "edistream_generator_texts_left_out_total",
            "texts",
            "Prompts, answers and texts that were left out of starts and ends: too large for a record, or too many of them"
                    + " waited for Kafka.");
    public static final Metric HEARTBEAT_AGE = gauge(
            "edistream_generator_job_heartbeat_age_seconds",
            "seconds",
            "Time since the last heartbeat of any job; absent before the first. Above 10 nobody watches.");
    public static final Metric COMMANDS = counter(
            "edistream_generator_commands_total",
            "commands",
            "Commands that arrived, by action and what became of them.",
            "action",
            "outcome");
    public static final Metric REFUSALS = counter(
            "edistream_generator_refused_commands_total",
            "commands",
            "Commands that were refused, by action and why.",
            "action",
            "reason");
    public static final Metric REACTION_TOKENS = histogram(
            "edistream_generator_reaction_tokens",
            "tokens",
            Buckets.REACTION_TOKENS,
            "Tokens decoded between the one that caused an applied command and the command's effect.",
            "action");
    public static final Metric REACTION_SECONDS = histogram(
            "edistream_generator_reaction_seconds",
            "seconds",
            Buckets.REACTION_SECONDS,
            "Time from the token that caused an applied command to the command's effect.",
            "action");

    private SourceMetrics() {}

    /** All of them. */
    public static List<Metric> all() {
        return List.of(
                STARTED,
                ENDED,
                LIVE,
                WAITING,
                TOKENS,
                TOKENS_KEPT,
                TOKENS_DISCARDED,
                TOKENS_LIVE,
                STEPS,
                STEP_SECONDS,
                FAILED_CALLS,
                FAILED_ROWS,
                SPARED_SAMPLES,
                BLOCKS_USED,
                BLOCKS,
                RECORDS,
                REACHABLE,
                UNREADABLE_COMMANDS,
                UNWATCHED,
                TEXTS_LEFT_OUT,
                HEARTBEAT_AGE,
                COMMANDS,
                REFUSALS,
                REACTION_TOKENS,
                REACTION_SECONDS);
    }
}
