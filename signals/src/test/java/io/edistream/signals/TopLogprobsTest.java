package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edistream.signals.TopLogprobs.Flaw;
import io.edistream.signals.TopLogprobs.Listing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TopLogprobsTest {

    private static final double NAN = Double.NaN;

    /** Values of public reports, computed elsewhere: the fixtures of streams have the same. */
    @ParameterizedTest
    @CsvSource({
        "-0.2 -2.0 -4.0, 0, -0.2, BY_RANK, 0.624454696, 0.893304916, 0.972381675",
        "-0.5 -1.5 -3.0, 1, -1.5, BY_RANK, 1.167109001, 2.292905608, 0.879447888",
        "-7.2 -0.4 -1.9 -3.0 -3.6, 0, -7.2, WITH_DRAWN, 1.179568585, 2.099294242, 0.897746042",
        "-0.3 -2.2, 0, -0.3, BY_RANK, 0.833079637, 2.288312088, 0.851621379",
        "-1.0 -1.1, 0, -1.0, BY_RANK, 1.095075448, 4.199318536, 0.700750525",
        "0.0 -21.25, -1, -9999, BY_RANK, 1.3e-8, 1.3e-8, 1.0",
        "-0.7 -0.6863410028083852 -Infinity, 0, -0.7, BY_RANK, 0.69312386, 0.69312386, 1.0",
        "-0.1 NaN, 0, -0.1, BY_RANK, 0.314322166, 1.301487397, 0.904837418",
        "-1.2 -2.5, -1, -0.9, WITHOUT_DRAWN, 1.484583245, 3.440360136, 0.78984887",
    })
    void knownListsHaveTheKnownBounds(
            String list, int drawnAt, double drawn, Listing listing, double lower, double upper, double mass) {
        double[] logprobs = parse(list);
        TopLogprobs bounds = TopLogprobs.of(logprobs, logprobs.length, drawnAt, drawn, listing, 32000);
        assertThat(bounds.flaw()).isNull();
        assertThat(bounds.lowerNats()).isCloseTo(lower, within(2e-9));
        assertThat(bounds.upperNats()).isCloseTo(upper, within(2e-9));
        assertThat(bounds.restMass()).isCloseTo(1 - mass, within(2e-9));
        assertThat(bounds.logprob()).isEqualTo((Double) (drawn <= -100 ? NAN : drawn));
        assertThat(bounds.confidence()).isNaN();
    }

    @ParameterizedTest
    @EnumSource(Listing.class)
    void theEntropyOfTheWholeDistributionLiesBetweenTheBounds(Listing listing) {
        Random random = new Random(20);
        for (int round = 0; round < 10_000; round++) {
            int vocabulary = 2 + random.nextInt(300);
            double[] p = distribution(random, vocabulary, round % 5);
            int drawn = random.nextInt(vocabulary);
            if (p[drawn] <= 1e-43) {
                continue;
            }
            int k = 1 + random.nextInt(Math.min(40, vocabulary));
            CutList list = new CutList(p, drawn, k, listing);
            if (list.isEmpty()) {
                continue;
            }

            TopLogprobs bounds = list.read(random.nextInt(4) == 0 ? 0 : vocabulary);

            double entropy =
                    Arrays.stream(p).map(x -> x > 0 ? -x * Math.log(x) : 0).sum();
            assertThat(bounds.flaw()).as("round %s", round).isNull();
            assertThat(bounds.lowerNats()).as("round %s", round).isLessThanOrEqualTo(entropy + 1e-9);
            if (!Double.isNaN(bounds.upperNats())) {
                assertThat(bounds.upperNats()).as("round %s", round).isGreaterThanOrEqualTo(entropy - 1e-9);
            }
            assertThat(bounds.restMass()).isCloseTo(list.rest(), within(1e-9));
            assertThat(bounds.logprob()).isEqualTo(Math.log(p[drawn]));
            assertRank(bounds, p, drawn);
            assertConfidence(bounds, p);
        }
    }

    /** No better bounds can be had of what a list says: there are distributions that have them. */
    @Test
    void theBoundsAreReached() {
        Random random = new Random(21);
        for (int round = 0; round < 1000; round++) {
            int k = 2 + random.nextInt(20);
            double[] p = distribution(random, k, 0);
            double share = 0.3 + 0.6 * random.nextDouble();
            double[] logprobs = Arrays.stream(p).map(x -> Math.log(x * share)).toArray();
            double cap = Arrays.stream(p).min().orElseThrow() * share;
            double rest = 1 - share;
            int unlisted = (int) Math.ceil(rest / cap) + random.nextInt(1000);

            TopLogprobs bounds = TopLogprobs.of(logprobs, k, 0, logprobs[0], Listing.BY_RANK, k + unlisted);

            double listed =
                    Arrays.stream(p).map(x -> -x * share * Math.log(x * share)).sum();
            double packed = listed;
            double left = rest;
            while (left > 1e-15) {
                double next = Math.min(left, cap);
                packed -= next * Math.log(next);
                left -= next;
            }
            assertThat(bounds.lowerNats()).isCloseTo(packed, within(1e-9));
            double even = rest / unlisted;
            assertThat(bounds.upperNats()).isCloseTo(listed - unlisted * even * Math.log(even), within(1e-9));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', -1, -1, BY_RANK, 0, EMPTY",
        "-9999 NaN -Infinity, -1, -1, BY_RANK, 0, EMPTY",
        "0.1, -1, -1, BY_RANK, 0, ABOVE_ZERO",
        "-1, -1, 0.1, BY_RANK, 0, ABOVE_ZERO",
        "-0.6 -0.7 -3, 0, -0.6, BY_RANK, 0, ABOVE_ONE",
        "-1 -2, 0, -1.01, BY_RANK, 0, TWO_VALUES",
        "-9999 -2, 0, -1, WITH_DRAWN, 0, TWO_VALUES",
        "-1.2 -2.5, -1, -0.9, BY_RANK, 0, NOT_LISTED",
        "-1.2 -2.5, -1, -0.9, WITH_DRAWN, 0, NOT_LISTED",
        "-1.2 -2.5, 0, -1.2, BY_RANK, 1, BEYOND_VOCABULARY",
        "-1 -3, 0, -1, BY_RANK, 3, BEYOND_VOCABULARY",
        "-1 -2, -1, -3, BY_RANK, 2, BEYOND_VOCABULARY",
    })
    void aListThatCannotBeIsRefused(
            String list, int drawnAt, double drawn, Listing listing, int vocabulary, Flaw flaw) {
        double[] logprobs = parse(list);
        TopLogprobs bounds = TopLogprobs.of(logprobs, logprobs.length, drawnAt, drawn, listing, vocabulary);
        assertThat(bounds.flaw()).isEqualTo(flaw);
        assertThat(DoubleStream.of(bounds.lowerNats(), bounds.upperNats(), bounds.restMass(), bounds.confidence()))
                .allSatisfy(value -> assertThat(value).isNaN());
    }

    /** Engines add up in float32: a whole vocabulary was seen to have 1.00025. */
    @Test
    void roundingIsNoFlaw() {
        double over = Math.log(1.0009 / 4);
        assertThat(TopLogprobs.of(new double[] {over, over, over, over}, 4, 0, over, Listing.BY_RANK, 4))
                .satisfies(bounds -> {
                    assertThat(bounds.flaw()).isNull();
                    assertThat(bounds.upperNats()).isLessThanOrEqualTo(Math.log(4));
                    assertThat(bounds.lowerNats()).isLessThanOrEqualTo(bounds.upperNats());
                    assertThat(bounds.restMass()).isZero();
                });
        double under = Math.log(0.9995 / 4);
        assertThat(TopLogprobs.of(new double[] {under, under, under, under}, 4, 0, under, Listing.BY_RANK, 4)
                        .flaw())
                .isNull();
        assertThat(TopLogprobs.of(new double[] {1e-7}, 1, 0, 1e-7, Listing.BY_RANK, 100)
                        .lowerNats())
                .isZero();
    }

    /** Of 20 that hold the drawn one whatever its rank, 19 are the most probable ones if it is the least. */
    @Test
    void aConfidenceNeedsTheTwentyMostProbableTokens() {
        double[] twenty = DoubleStream.iterate(-2, x -> x - 0.25).limit(20).toArray();
        double mean = 2 + 0.25 * 19 / 2;
        assertThat(confidence(twenty, 0, Listing.WITH_DRAWN)).isCloseTo(mean, within(1e-12));
        assertThat(confidence(twenty, 19, Listing.BY_RANK)).isCloseTo(mean, within(1e-12));
        assertThat(confidence(twenty, 19, Listing.WITH_DRAWN)).isNaN();
        assertThat(confidence(Arrays.copyOf(twenty, 19), 0, Listing.BY_RANK)).isNaN();
        // Two that are never drawn from fill the list up; they have no logarithm to average.
        double[] filled = twenty.clone();
        filled[18] = -9999;
        assertThat(confidence(filled, 0, Listing.BY_RANK)).isNaN();
    }

    private static double confidence(double[] logprobs, int drawnAt, Listing listing) {
        return TopLogprobs.of(logprobs.clone(), logprobs.length, drawnAt, logprobs[drawnAt], listing, 0)
                .confidence();
    }

    private static void assertRank(TopLogprobs bounds, double[] p, int drawn) {
        if (bounds.rank() >= 0) {
            assertThat((long) bounds.rank())
                    .isEqualTo(Arrays.stream(p).filter(x -> x > p[drawn]).count());
        }
    }

    private static void assertConfidence(TopLogprobs bounds, double[] p) {
        if (!Double.isNaN(bounds.confidence())) {
            double[] sorted = p.clone();
            Arrays.sort(sorted);
            double best =
                    Arrays.stream(sorted).skip(p.length - 20L).map(Math::log).sum();
            assertThat(bounds.confidence()).isCloseTo(-best / 20, within(1e-9));
        }
    }

    private static double[] parse(String list) {
        return list.isEmpty()
                ? new double[0]
                : Arrays.stream(list.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
    }

    private static double[] distribution(Random random, int size, int shape) {
        double[] weights = new double[size];
        for (int i = 0; i < size; i++) {
            weights[i] = switch (shape) {
                case 0 -> 0.01 + random.nextDouble();
                case 1 -> Math.exp(5 * random.nextGaussian());
                case 2 -> Math.pow(1 + i, -1.5);
                case 3 -> i == 0 ? 1 : 1e-6 * random.nextDouble();
                default -> 1;
            };
        }
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    /** What a source makes of a distribution. */
    private static final class CutList {

        private final double[] p;
        private final int drawn;
        private final Listing listing;
        private final List<Integer> best;

        CutList(double[] p, int drawn, int k, Listing listing) {
            this.p = p;
            this.drawn = drawn;
            this.listing = listing;
            best = IntStream.range(0, p.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -p[i]))
                    .limit(k)
                    .collect(Collectors.toCollection(ArrayList::new));
            if (listing == Listing.WITHOUT_DRAWN) {
                best.remove((Integer) drawn);
            } else if (listing == Listing.WITH_DRAWN && !best.contains(drawn)) {
                best.set(k - 1, drawn);
            }
        }

        boolean isEmpty() {
            return best.isEmpty();
        }

        double rest() {
            return 1 - best.stream().mapToDouble(i -> p[i]).sum() - (best.contains(drawn) ? 0 : p[drawn]);
        }

        TopLogprobs read(int vocabulary) {
            double[] logprobs = best.stream().mapToDouble(i -> Math.log(p[i])).toArray();
            return TopLogprobs.of(
                    logprobs, logprobs.length, best.indexOf(drawn), Math.log(p[drawn]), listing, vocabulary);
        }
    }
}
