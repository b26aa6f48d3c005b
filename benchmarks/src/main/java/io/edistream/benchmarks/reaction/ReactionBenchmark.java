package io.edistream.benchmarks.reaction;

import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.Row;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.generator.GeneratorOptions;
import io.edistream.generator.GeneratorParts;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Route;
import io.edistream.generator.torch.FolderRoutes;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Topics;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaLink;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The reaction distance around the whole loop: generator, Kafka, job, Kafka, generator. A shipped model decodes 32 sequences at
 * 20 tokens a second each; a rule of the job forks them at tokens of high entropy.
 */
public final class ReactionBenchmark {

    private static final String MODEL = "reasoner-s";
    private static final String PROMPT = "Tom has 14 marbles. In January he buys 13 more. In February he loses 5."
            + " How many marbles does Tom have now?";
    private static final int LIVE = 32;
    private static final double TOKENS_PER_SECOND = 20;
    private static final long GENERATOR = 1;
    private static final double LIMIT_NATS = 0.6;
    private static final double MAX_TOKENS = 2;
    private static final double MICROS_PER_MILLI = 1e3;

    private ReactionBenchmark() {}

    /**
     * Runs it.
     *
     * @param models folder with the shipped models
     * @param warmUps sequences that are decoded before it counts
     * @param sequences sequences that count
     */
    public static List<Row> run(Path models, int warmUps, int sequences) throws InterruptedException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            kafka.createTopics(Topics.DEFAULT, 1);
            EmbeddedJob job =
                    new FlinkJob(kafka.bootstrapServers(), Topics.DEFAULT, Topics.DEFAULT, settings()).submit(flink);
            RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
            try (GeneratorService generator = start(models, kafka.bootstrapServers(), outcomes)) {
                generator.commandsReady().orTimeout(60, TimeUnit.SECONDS).join();
                decode(generator, warmUps, 0);
                int before = outcomes.recorded().size();
                decode(generator, sequences, warmUps);
                job.failure().ifPresent(failure -> {
                    throw new IllegalStateException("the job failed meanwhile: " + failure);
                });
                List<ControlOutcome> counted =
                        outcomes.recorded().subList(before, outcomes.recorded().size());
                return rows(counted.stream()
                        .filter(one -> one.kind() == OutcomeKind.APPLIED)
                        .toList());
            }
        }
    }

    private static WatchSettings settings() {
        Rules rules = new Rules(List.of(new Rules.Setting(
                Threshold.above(
                        new RuleKey("branch-above", 1),
                        LimitScope.ofModels(MODEL),
                        Threshold.NEWEST_ENTROPY,
                        LIMIT_NATS,
                        new Act.Branch(1, 2)),
                Mode.ARMED)));
        return WatchSettings.of(Scoring.DEFAULT, rules);
    }

    private static GeneratorService start(Path models, String bootstrapServers, RecordingOutcomePublisher outcomes) {
        Route plain = FolderRoutes.load("default", models.resolve(MODEL), TorchOptions.defaults());
        Route paced = new Route(
                plain.name(),
                new PacedModel(plain.model(), TOKENS_PER_SECOND),
                plain.tokenizer(),
                plain.prompts(),
                plain.classifier(),
                plain.answers());
        GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
        MicrosClock clock = MicrosClock.system();
        KafkaLink link = KafkaLink.open(
                KafkaOptions.of(bootstrapServers), EventOptions.numbersOnly(), GENERATOR, metrics, clock);
        link.outcomes().close();
        return GeneratorService.start(
                new GeneratorParts(List.of(paced), link.events(), link.commands(), outcomes, metrics, clock),
                new GeneratorOptions(new DecodeOptions(2 * LIVE, LIVE, 2_048), ControlOptions.defaults()));
    }

    private static void decode(GeneratorService generator, int sequences, int firstSeed) {
        for (int done = 0; done < sequences; done += LIVE) {
            int seed = firstSeed + done;
            List<GenerationHandle> handles = java.util.stream.IntStream.range(0, Math.min(LIVE, sequences - done))
                    .mapToObj(i ->
                            generator.submit(GenerationRequest.of(PROMPT).withSampling(Sampling.of(0.8, seed + i))))
                    .toList();
            handles.forEach(handle -> handle.group().whenIdle().join());
        }
    }

    private static List<Row> rows(List<ControlOutcome> applied) {
        double[] tokens = applied.stream()
                .mapToDouble(one ->
                        one.appliedAtToken() - one.received().command().timing().decidedAtToken() - 1)
                .sorted()
                .toArray();
        double[] millis = applied.stream()
                .mapToDouble(one -> (one.settledAtMicros()
                                - one.received().command().timing().decodedAtMicros())
                        / MICROS_PER_MILLI)
                .sorted()
                .toArray();
        if (tokens.length == 0) {
            throw new IllegalStateException("no command was applied");
        }
        String spread = "all in " + Row.number(tokens[0]) + " to " + Row.number(tokens[tokens.length - 1]) + ", n = "
                + tokens.length;
        return List.of(
                Row.told("reaction distance, p50", quantile(tokens, 0.5), "tokens", spread),
                Row.held("reaction distance, p99", quantile(tokens, 0.99), "tokens", MAX_TOKENS, spread),
                Row.told(
                        "reaction distance, mean",
                        Arrays.stream(tokens).average().orElseThrow(),
                        "tokens",
                        spread),
                Row.told("from the deciding token to the effect, p50", quantile(millis, 0.5), "ms", ""),
                Row.told("from the deciding token to the effect, p99", quantile(millis, 0.99), "ms", ""));
    }

    /** The smallest value that at least this share of all does not exceed. */
    private static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
