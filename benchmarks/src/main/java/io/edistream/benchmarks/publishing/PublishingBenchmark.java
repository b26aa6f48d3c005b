package io.edistream.benchmarks.publishing;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.generator.GeneratorOptions;
import io.edistream.generator.GeneratorParts;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.torch.FolderRoutes;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaEntropyPublisher;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What publishing costs the decoding thread: the same sequences decoded with a publisher that sends to Kafka and with one
 * that does nothing, by the same generator, in turns; while the broker lives, while it is frozen, and when it is dead.
 */
public final class PublishingBenchmark {

    private static final String MODEL = "reasoner-s";
    private static final String PROMPT = "Tom has 14 marbles. In January he buys 13 more. In February he loses 5."
            + " How many marbles does Tom have now?";
    private static final int LIVE = 32;
    /** Between two steps: enough for the prompts of all that are live. */
    private static final int PROMPT_TOKENS = 2_048;

    private static final long GENERATOR = 1;
    private static final double MAX_PERCENT = 1;
    private static final String DECODING_THREAD = "edistream-decode";

    private final GeneratorService generator;
    private final MeteredPublisher publisher;
    private final Size size;

    private PublishingBenchmark(GeneratorService generator, MeteredPublisher publisher, Size size) {
        this.generator = generator;
        this.publisher = publisher;
        this.size = size;
    }

    /**
     * How much to measure.
     *
     * @param sequences sequences that one run decodes, {@value #LIVE} at a time
     * @param maxTokens most tokens of one of them
     * @param warmUps pairs of runs before the ones that count
     * @param pairs pairs of runs that count, for each state of the broker
     */
    public record Size(int sequences, int maxTokens, int warmUps, int pairs) {}

    /**
     * The table.
     *
     * @param models folder of the models
     */
    public static List<Row> run(Path models, Size size) {
        GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
        MicrosClock clock = MicrosClock.system();
        try (BrokerProcess broker = BrokerProcess.start()) {
            MeteredPublisher publisher = new MeteredPublisher(KafkaEntropyPublisher.open(
                    KafkaOptions.of(broker.bootstrapServers()), EventOptions.numbersOnly(), GENERATOR, metrics));
            GeneratorParts parts = new GeneratorParts(
                    List.of(FolderRoutes.load(
                            GenerationRequest.DEFAULT_ROUTE, models.resolve(MODEL), TorchOptions.defaults())),
                    publisher,
                    new LocalControlInbox(clock),
                    new RecordingOutcomePublisher(),
                    metrics,
                    clock);
            GeneratorOptions options = new GeneratorOptions(
                    new DecodeOptions(LIVE, size.sequences(), PROMPT_TOKENS), ControlOptions.defaults());
            try (GeneratorService generator = GeneratorService.start(parts, options)) {
                PublishingBenchmark benchmark = new PublishingBenchmark(generator, publisher, size);
                List<Row> rows = new ArrayList<>(benchmark.measure("broker alive"));
                broker.freeze();
                rows.addAll(benchmark.measure("broker frozen"));
                broker.kill();
                rows.addAll(benchmark.measure("broker dead"));
                return rows;
            }
        }
    }

    private List<Row> measure(String when) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = -size.warmUps(); i < size.pairs(); i++) {
            boolean first = i % 2 == 0;
            Run one = decode(first);
            Run other = decode(!first);
            if (one.tokens != other.tokens) {
                throw new IllegalStateException(one.tokens + " and " + other.tokens + " tokens for the same requests");
            }
            if (i >= 0) {
                pairs.add(first ? new Pair(one, other) : new Pair(other, one));
            }
        }
        Samples time = percent(pairs, Run::seconds);
        Samples processor = percent(pairs, Run::processorSeconds);
        Samples share = Samples.of(pairs.stream()
                .mapToDouble(pair -> 100 * pair.publishing.publishingSeconds / pair.publishing.processorSeconds));
        Samples rate = Samples.of(pairs.stream().mapToDouble(pair -> pair.silent.tokens / pair.silent.seconds));
        return List.of(
                Row.held(
                        when + ": the decoding thread's processor time grows by",
                        processor.median(),
                        "%",
                        MAX_PERCENT,
                        processor.spread()),
                Row.held(
                        when + ": share of it that is spent in publishing",
                        share.median(),
                        "%",
                        MAX_PERCENT,
                        share.spread()),
                Row.told(when + ": decoding takes longer by", time.median(), "%", time.spread()),
                Row.told(when + ": without publishing", rate.median(), "tokens/s", rate.spread()));
    }

    private static Samples percent(List<Pair> pairs, ToDoubleFunction<Run> of) {
        return Samples.of(pairs.stream()
                .mapToDouble(pair -> 100 * (of.applyAsDouble(pair.publishing) / of.applyAsDouble(pair.silent) - 1)));
    }

    private Run decode(boolean publishing) {
        publisher.set(publishing);
        long thread = decodingThread();
        long processor = processorNanos(thread);
        long inPublisher = publisher.nanos();
        long begun = System.nanoTime();
        List<GenerationHandle> handles = generator.submit(
                GenerationRequest.of(PROMPT).withSampling(Sampling.of(0.8, 1)).withMaxNewTokens(size.maxTokens()),
                size.sequences());
        long tokens = handles.stream()
                .mapToLong(handle -> handle.completion().join().tokens().size())
                .sum();
        return new Run(
                tokens,
                (System.nanoTime() - begun) / 1e9,
                (processorNanos(thread) - processor) / 1e9,
                (publisher.nanos() - inPublisher) / 1e9);
    }

    private static long decodingThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(DECODING_THREAD))
                .findAny()
                .orElseThrow()
                .getId();
    }

    private static long processorNanos(long thread) {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
    }

    /**
     * One run of the same requests.
     *
     * @param processorSeconds processor time of the decoding thread
     * @param publishingSeconds of that, in calls of the publisher
     */
    private record Run(long tokens, double seconds, double processorSeconds, double publishingSeconds) {}

    /** One run of each kind. */
    private record Pair(Run publishing, Run silent) {}
}
