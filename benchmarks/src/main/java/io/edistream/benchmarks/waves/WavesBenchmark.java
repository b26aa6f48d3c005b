package io.edistream.benchmarks.waves;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.waves.GroupRun.Outcome;
import io.edistream.benchmarks.waves.Problem.Sample;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Strategy;
import io.edistream.signals.groups.Strategy.AllAtOnce;
import io.edistream.signals.groups.Strategy.OneByOne;
import io.edistream.signals.groups.Strategy.Waves;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What starting samples in waves saves and costs, on recorded samples: tokens spent and accuracy of the vote, against eight samples
 * at once that all run to their ends. The samples of a problem start in random orders; intervals are bootstrapped over problems.
 */
public final class WavesBenchmark {

    private static final int SAMPLES = 8;
    private static final long SEED = 1;

    private static final Way BASELINE = new Way("eight at once", new AllAtOnce(), SAMPLES, false);

    private static final List<Way> WAYS = List.of(
            new Way("eight at once, the rest ended once the vote is decided", new AllAtOnce(), SAMPLES, true),
            new Way("four at once", new AllAtOnce(), SAMPLES / 2, false),
            new Way("one after another until two agree", new OneByOne(2), SAMPLES, true),
            new Way("one after another until three agree", new OneByOne(3), SAMPLES, true),
            new Way("waves of two until a lead of two", new Waves(2, 2), SAMPLES, true));

    private final List<Problem> problems;
    private final Size size;

    private WavesBenchmark(List<Problem> problems, Size size) {
        this.problems = problems;
        this.size = size;
    }

    /**
     * How much to compute.
     *
     * @param orders random orders of every problem's samples
     * @param resamplings times that as many problems are drawn with replacement
     */
    public record Size(int orders, int resamplings) {}

    /**
     * The table.
     *
     * @param traces folder of the recorded samples
     * @throws IllegalArgumentException if they are not there
     */
    public static List<Row> run(Path traces, Size size) throws IOException {
        return new WavesBenchmark(RecordedProblems.read(traces, SAMPLES), size).measure();
    }

    private List<Row> measure() {
        List<Cost> baseline = costs(BASELINE);
        List<Row> rows = new ArrayList<>();
        rows.add(Row.told(
                BASELINE.title + ": accuracy", accuracy(baseline), "%", interval(draw -> accuracy(draw.of(baseline)))));
        rows.add(Row.told(
                BASELINE.title + ": tokens of a problem",
                mean(baseline, Cost::tokens),
                "tokens",
                interval(draw -> mean(draw.of(baseline), Cost::tokens))));
        for (Way way : WAYS) {
            List<Cost> costs = costs(way);
            rows.add(Row.told(
                    way.title + ": tokens saved",
                    saved(costs, baseline),
                    "%",
                    interval(draw -> saved(draw.of(costs), draw.of(baseline)))));
            rows.add(Row.told(
                    way.title + ": accuracy", accuracy(costs), "%", interval(draw -> accuracy(draw.of(costs)))));
            rows.add(Row.told(
                    way.title + ": accuracy, difference from eight at once",
                    accuracy(costs) - accuracy(baseline),
                    "points",
                    interval(draw -> accuracy(draw.of(costs)) - accuracy(draw.of(baseline)))));
        }
        return rows;
    }

    /** Of every problem the means over all orders, which are the same for every way. */
    private List<Cost> costs(Way way) {
        SamplePlan plan = new SamplePlan(way.strategy, way.budget);
        Random random = new Random(SEED);
        List<Cost> costs = new ArrayList<>();
        for (Problem problem : problems) {
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < size.orders(); i++) {
                List<Sample> order = new ArrayList<>(problem.samples());
                Collections.shuffle(order, random);
                outcomes.add(GroupRun.of(problem, order, plan, way.ends));
            }
            costs.add(new Cost(
                    mean(outcomes, Outcome::tokens), 100 * mean(outcomes, outcome -> outcome.right() ? 1 : 0)));
        }
        return costs;
    }

    private static double saved(List<Cost> costs, List<Cost> baseline) {
        return 100 * (1 - mean(costs, Cost::tokens) / mean(baseline, Cost::tokens));
    }

    private static double accuracy(List<Cost> costs) {
        return mean(costs, Cost::right);
    }

    private static <T> double mean(List<T> values, ToDoubleFunction<T> of) {
        return values.stream().mapToDouble(of).average().orElseThrow();
    }

    /** The middle 95 % of a figure over problems that are drawn anew. */
    private String interval(ToDoubleFunction<Draw> of) {
        Random random = new Random(SEED);
        double[] figures = IntStream.range(0, size.resamplings())
                .mapToObj(unused -> Draw.from(problems.size(), random))
                .mapToDouble(of)
                .sorted()
                .toArray();
        int tail = figures.length / 40;
        return "95 % in " + Row.number(figures[tail]) + " to " + Row.number(figures[figures.length - 1 - tail])
                + ", n = " + problems.size();
    }

    /** Which problems were drawn. */
    private record Draw(List<Integer> problems) {
        static Draw from(int problems, Random random) {
            return new Draw(random.ints(problems, 0, problems).boxed().toList());
        }

        List<Cost> of(List<Cost> costs) {
            return problems.stream().map(costs::get).toList();
        }
    }

    /**
     * A way to start samples.
     *
     * @param ends whether samples that need not go on are ended
     */
    private record Way(String title, Strategy strategy, int budget, boolean ends) {}

    /**
     * What a problem costs on average.
     *
     * @param tokens tokens of all its samples
     * @param right share of the orders in which the leading answer is right, percent
     */
    private record Cost(double tokens, double right) {}
}
