package io.edistream.benchmarks.lengths;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.generator.decode.StepRow;
import io.edistream.generator.torch.ModelFolder;
import io.edistream.generator.torch.RowGrouping;
import io.edistream.generator.torch.TorchLanguageModel;
import io.edistream.generator.torch.TorchOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What rows of different lengths cost each other: decode steps of one model whose rows attend in groups by length,
 * against steps of the same rows in one padded group, and of the short rows alone, in turns.
 */
public final class LengthsBenchmark {

    private static final String MODEL = "reasoner-s";
    private static final int SHORTEST = 40;
    private static final int LONGEST = 300;
    private static final int LONG = 470;
    private static final double MAX_MIXED = 1 / 1.5;
    private static final double MAX_LONG = 1.15;

    private final TorchLanguageModel byLength;
    private final TorchLanguageModel together;
    private final Size size;

    private LengthsBenchmark(TorchLanguageModel byLength, TorchLanguageModel together, Size size) {
        this.byLength = byLength;
        this.together = together;
        this.size = size;
    }

    /**
     * How much to measure.
     *
     * @param rows of a step, at least 2
     * @param steps that one turn takes
     * @param warmUps pairs of turns before the ones that count
     * @param pairs pairs of turns that count, for each line
     */
    public record Size(int rows, int steps, int warmUps, int pairs) {}

    /**
     * The table.
     *
     * @param models folder of the models
     */
    public static List<Row> run(Path models, Size size) {
        ModelFolder folder = ModelFolder.open(models.resolve(MODEL));
        TorchOptions options = TorchOptions.defaults();
        try (TorchLanguageModel byLength = TorchLanguageModel.load(folder, options);
                TorchLanguageModel together =
                        TorchLanguageModel.load(folder, options.grouped(RowGrouping.together()))) {
            LengthsBenchmark benchmark = new LengthsBenchmark(byLength, together, size);
            List<Row> rows = new ArrayList<>(benchmark.mixed());
            rows.addAll(benchmark.oneLong());
            return rows;
        }
    }

    private List<Row> mixed() {
        List<Integer> lengths = new ArrayList<>();
        for (int row = 0; row < size.rows(); row++) {
            lengths.add(SHORTEST + row * (LONGEST - SHORTEST) / (size.rows() - 1));
        }
        FilledRows rows = filled(lengths);
        requireSameTokens(rows.decode());
        List<Pair> pairs = measure(new Side(byLength, rows.decode()), new Side(together, rows.decode()));
        String what = size.rows() + " rows of " + SHORTEST + " to " + LONGEST + " tokens: ";
        Samples ratio = ratio(pairs);
        return List.of(
                Row.held(what + "time of groups by length / one group", ratio.median(), "", MAX_MIXED, ratio.spread()),
                rate(what + "groups by length", pairs, Pair::first),
                rate(what + "one group", pairs, Pair::second));
    }

    private List<Row> oneLong() {
        int shorts = size.rows() - 1;
        List<Integer> lengths = new ArrayList<>();
        for (int row = 0; row < shorts; row++) {
            lengths.add(SHORTEST);
        }
        lengths.add(LONG);
        FilledRows rows = filled(lengths);
        requireSameTokens(rows.decode());
        List<StepRow> alone = rows.decode().subList(0, shorts);
        List<Pair> grouped = measure(new Side(byLength, rows.decode()), new Side(byLength, alone));
        List<Pair> padded = measure(new Side(together, rows.decode()), new Side(together, alone));
        String what = "one row of " + LONG + " beside " + shorts + " of " + SHORTEST + ": ";
        Samples ratio = ratio(grouped);
        Samples paddedRatio = ratio(padded);
        return List.of(
                Row.held(
                        what + "time in groups by length / the " + shorts + " alone",
                        ratio.median(),
                        "",
                        MAX_LONG,
                        ratio.spread()),
                Row.told(
                        what + "time in one group / the " + shorts + " alone",
                        paddedRatio.median(),
                        "",
                        paddedRatio.spread()),
                milliseconds(what + "a step in groups by length", grouped, Pair::first),
                milliseconds(what + "a step of the " + shorts + " alone", grouped, Pair::second));
    }

    private FilledRows filled(List<Integer> lengths) {
        FilledRows rows = FilledRows.of(lengths, byLength.info());
        for (StepRow prompt : rows.prompts()) {
            byLength.step(List.of(prompt));
            together.step(List.of(prompt));
        }
        return rows;
    }

    private void requireSameTokens(List<StepRow> rows) {
        if (!byLength.step(rows).equals(together.step(rows))) {
            throw new IllegalStateException("groups by length and one group come to different tokens or statistics");
        }
    }

    private List<Pair> measure(Side one, Side other) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = -size.warmUps(); i < size.pairs(); i++) {
            boolean oneFirst = i % 2 == 0;
            Turn before = turn(oneFirst ? one : other);
            Turn after = turn(oneFirst ? other : one);
            if (i >= 0) {
                pairs.add(oneFirst ? new Pair(before, after) : new Pair(after, before));
            }
        }
        return pairs;
    }

    private Turn turn(Side side) {
        long begun = System.nanoTime();
        for (int step = 0; step < size.steps(); step++) {
            side.model.step(side.rows);
        }
        double seconds = (System.nanoTime() - begun) / 1e9 / size.steps();
        return new Turn(side.rows.size(), seconds);
    }

    private static Samples ratio(List<Pair> pairs) {
        return Samples.of(pairs.stream().mapToDouble(pair -> pair.first.stepSeconds / pair.second.stepSeconds));
    }

    private static Row rate(String measure, List<Pair> pairs, Function<Pair, Turn> side) {
        return told(measure, pairs, "tokens/s", pair -> {
            Turn turn = side.apply(pair);
            return turn.rows / turn.stepSeconds;
        });
    }

    private static Row milliseconds(String measure, List<Pair> pairs, Function<Pair, Turn> side) {
        return told(measure, pairs, "ms", pair -> side.apply(pair).stepSeconds * 1e3);
    }

    private static Row told(String measure, List<Pair> pairs, String unit, ToDoubleFunction<Pair> value) {
        Samples samples = Samples.of(pairs.stream().mapToDouble(value));
        return Row.told(measure, samples.median(), unit, samples.spread());
    }

    /** What takes turns with another one. */
    private record Side(TorchLanguageModel model, List<StepRow> rows) {}

    /** One turn: how many rows each step had, and how long one took on average. */
    private record Turn(int rows, double stepSeconds) {}

    /** One turn of each side. */
    private record Pair(Turn first, Turn second) {}
}
