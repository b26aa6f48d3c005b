package io.edistream.generator.torch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.reading.EventReader;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.StreamReader;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import io.edistream.generator.decode.DecodeLoop;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Route;
import io.edistream.sequences.Alternative;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the gateway makes of lists, held against the entropy of the whole distribution: the generator decodes a model whose vocabulary
 * is known, its lists are cut to the k most probable tokens and dressed as each engine dresses its own, and read as the gateway
 * reads them. The exact entropy lies within the bounds at every token.
 */
@Timeout(120)
class GatewayBoundsITCase {

    private static final int SEQUENCES = 12;

    /** Of sums in float32. */
    private static final double ROUNDING_NATS = 2e-4;

    private static int vocabulary;
    private static final List<DecodedToken> TOKENS = new ArrayList<>();

    @BeforeAll
    static void decode() {
        try (Route route = FolderRoutes.load("default", Models.folder("reasoner-s"), TorchOptions.defaults())) {
            vocabulary = route.model().info().vocabularySize();
            DecodeLoop loop = new DecodeLoop(
                    List.of(route),
                    DecodeOptions.defaults(),
                    ControlOptions.defaults(),
                    new RecordingEntropyPublisher(),
                    new RecordingOutcomePublisher(),
                    new GeneratorMetrics(new PrometheusRegistry()),
                    () -> 0);
            List<GenerationHandle> handles = new ArrayList<>();
            for (int seed = 0; seed < SEQUENCES; seed++) {
                // Hot ones, so that tokens are drawn that no list has.
                handles.addAll(loop.submit(
                        GenerationRequest.of("Tom has 14 marbles. In January he buys 13 more. How many marbles does Tom"
                                        + " have now?")
                                .withSampling(Sampling.of(seed % 3 == 0 ? 3 : 1, seed))
                                .withMaxNewTokens(100)
                                .withAlternatives(20),
                        1));
            }
            while (loop.step()) {
                // Each step brings every sequence one token nearer to its limit.
            }
            handles.forEach(handle -> TOKENS.addAll(handle.completion().join().tokens()));
        }
    }

    @AfterAll
    static void forget() {
        TOKENS.clear();
    }

    static Stream<Dialect> dialects() {
        return Stream.of(
                        new Dialect(UpstreamKind.VLLM, Endpoint.CHAT, 0),
                        new Dialect(UpstreamKind.VLLM, Endpoint.COMPLETIONS, 0),
                        new Dialect(UpstreamKind.LLAMACPP, Endpoint.CHAT, 0),
                        new Dialect(UpstreamKind.SGLANG, Endpoint.CHAT, 0),
                        new Dialect(UpstreamKind.LMDEPLOY, Endpoint.CHAT, 0),
                        new Dialect(UpstreamKind.OPENAI, Endpoint.CHAT, 0),
                        new Dialect(UpstreamKind.OPENAI, Endpoint.COMPLETIONS, 0),
                        new Dialect(UpstreamKind.GENERIC, Endpoint.CHAT, 0))
                .flatMap(dialect -> lengths(dialect.kind).map(k -> new Dialect(dialect.kind, dialect.endpoint, k)));
    }

    /** Of one that leaves out the drawn token, a list of one is mostly empty, and refused. */
    private static Stream<Integer> lengths(UpstreamKind kind) {
        return Stream.of(kind == UpstreamKind.LMDEPLOY ? 3 : 1, 2, 5, 19, 20);
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void theExactEntropyLiesWithinTheBounds(Dialect dialect) {
        List<DecodedToken> read = dialect.read(TOKENS);
        assertThat(read).hasSameSizeAs(TOKENS).hasSizeGreaterThan(500);
        double width = 0;
        int outside = 0;
        for (int i = 0; i < read.size(); i++) {
            TokenStats exact = TOKENS.get(i).stats();
            TokenStats bounds = read.get(i).stats();
            assertThat(exact.entropyNats())
                    .as("token %d, %s, listed %s", i, exact, TOKENS.get(i).best())
                    .isBetween((float) (bounds.entropyNats() - ROUNDING_NATS), (float)
                            (bounds.upperBoundNats() + ROUNDING_NATS));
            assertThat(bounds.logProbability()).isCloseTo(exact.logProbability(), within(1e-5f));
            width += bounds.upperBoundNats() - bounds.entropyNats();
            outside += exact.rank() >= dialect.k ? 1 : 0;
        }
        // Bounds that say nothing would hold as well.
        double mean = width / read.size();
        assertThat(mean)
                .isPositive()
                .isLessThan(dialect.k == 1 ? 1.2 : dialect.k == 2 ? 0.6 : dialect.k == 5 ? 0.4 : 0.2);
        assertThat(outside).as("tokens that no list of %d has", dialect.k).isPositive();
    }

    /** How an engine sends k log-probabilities of a token. */
    private record Dialect(UpstreamKind kind, Endpoint endpoint, int k) {

        private List<DecodedToken> read(List<DecodedToken> tokens) {
            Additions additions =
                    new Additions(k, kind == UpstreamKind.VLLM, kind == UpstreamKind.LLAMACPP, false, false, false);
            StreamReader reader = new StreamReader(new ReadingOptions(kind, endpoint, additions, k, vocabulary, null));
            EventReader events = new EventReader(1 << 20);
            List<DecodedToken> read = new ArrayList<>();
            int count = 0;
            for (DecodedToken token : tokens) {
                byte[] event = ("data: " + event(token, ++count) + "\n\n").getBytes(UTF_8);
                events.read(event, 0, event.length, one -> reader.read(one)
                        .choices()
                        .forEach(choice -> read.addAll(choice.tokens())));
            }
            return read;
        }

        private String event(DecodedToken token, int count) {
            boolean chat = endpoint == Endpoint.CHAT;
            String text = text(token.stats().token());
            String choice = "{\"index\":0,"
                    + (chat ? "\"delta\":{\"content\":\"" + text + "\"}" : "\"text\":\"" + text + "\"")
                    + ",\"logprobs\":" + (chat ? chat(token) : completion(token))
                    + (kind == UpstreamKind.VLLM
                            ? ",\"token_ids\":[" + token.stats().token() + "]"
                            : "") + "}";
            String timings =
                    kind == UpstreamKind.LLAMACPP ? ",\"timings\":{\"prompt_n\":9,\"predicted_n\":" + count + "}" : "";
            return "{\"id\":\"c\",\"choices\":[" + choice + "]" + timings + "}";
        }

        private String chat(DecodedToken token) {
            String list = listed(token).stream().map(this::entry).collect(Collectors.joining(","));
            String drawn =
                    entry(new Alternative(token.stats().token(), token.stats().logProbability()));
            return "{\"content\":[" + drawn.substring(0, drawn.length() - 1) + ",\"top_logprobs\":[" + list + "]}]}";
        }

        private String entry(Alternative one) {
            String text = text(one.token());
            String bytes = text.chars().mapToObj(Integer::toString).collect(Collectors.joining(",", "[", "]"));
            return "{" + (kind == UpstreamKind.LLAMACPP ? "\"id\":" + one.token() + "," : "") + "\"token\":\"" + text
                    + "\",\"bytes\":" + bytes + ",\"logprob\":" + one.logProbability() + "}";
        }

        private String completion(DecodedToken token) {
            String list = listed(token).stream()
                    .map(one -> "\"" + text(one.token()) + "\":" + one.logProbability())
                    .collect(Collectors.joining(",", "{", "}"));
            return "{\"tokens\":[\"" + text(token.stats().token()) + "\"],\"token_logprobs\":["
                    + token.stats().logProbability() + "],\"top_logprobs\":[" + list + "],\"text_offset\":[0]}";
        }

        /** By rank alone, with the drawn token behind them where it is none of them, or without it. */
        private List<Alternative> listed(DecodedToken token) {
            int drawn = token.stats().token();
            List<Alternative> best = new ArrayList<>(token.best().subList(0, k));
            boolean withDrawn = kind == UpstreamKind.VLLM
                    || kind == UpstreamKind.GENERIC
                    || (kind == UpstreamKind.OPENAI && endpoint == Endpoint.COMPLETIONS);
            if (kind == UpstreamKind.LMDEPLOY) {
                best.removeIf(one -> one.token() == drawn);
            } else if (withDrawn && best.stream().noneMatch(one -> one.token() == drawn)) {
                best.add(new Alternative(drawn, token.stats().logProbability()));
            }
            return best;
        }

        private static String text(int token) {
            return "t" + token;
        }
    }
}
