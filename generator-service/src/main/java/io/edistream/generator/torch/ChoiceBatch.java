package io.edistream.generator.torch;

import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Sampling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** What the rows of a call want of the choice, as the arrays that the module takes, row-major. */
final class ChoiceBatch {

    /** What the module can be told of a row, by the names of its columns. */
    private static final Map<String, ToDoubleFunction<StepRow>> CONTROLS = controls();

    /** [rows, columns] */
    final double[] control;
    /** Most alternatives that a row wants. */
    final int alternatives;
    /** Whether the logits of a row are changed before its token is drawn. */
    final boolean adjusts;
    /** [seen, 3]: row, token, how often it was generated. */
    final long[] seen;
    /** [biased, 2]: row, token. */
    final long[] biasAt;
    /** [biased] */
    final double[] bias;

    /**
     * @param rows in the order of the logits
     * @param columns names of the control columns in the module's order
     */
    ChoiceBatch(List<StepRow> rows, List<String> columns) {
        control = rows.stream()
                .flatMapToDouble(row -> columns.stream()
                        .mapToDouble(column -> CONTROLS.get(column).applyAsDouble(row)))
                .toArray();
        alternatives = rows.stream().mapToInt(StepRow::alternatives).max().orElse(0);
        adjusts = rows.stream().anyMatch(row -> row.sampling().adjustsLogits());
        List<Long> seenBy = new ArrayList<>();
        List<Long> biased = new ArrayList<>();
        List<Double> biases = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            long of = row;
            StepRow wanted = rows.get(row);
            if (!wanted.sampling().penalties().areOff()) {
                wanted.seen().forEach((token, times) -> seenBy.addAll(List.of(of, (long) token, (long) times)));
            }
            wanted.sampling().logitBias().forEach((token, by) -> {
                biased.addAll(List.of(of, (long) token));
                biases.add((double) by);
            });
        }
        // The module takes no empty lists; this says nothing of the first row's first token.
        seen = seenBy.isEmpty()
                ? new long[] {0, 0, -1}
                : seenBy.stream().mapToLong(Long::longValue).toArray();
        biasAt = biased.isEmpty()
                ? new long[] {0, 0}
                : biased.stream().mapToLong(Long::longValue).toArray();
        bias = biases.isEmpty()
                ? new double[] {0}
                : biases.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Names of the columns that a module must have, no more and no less. */
    static Set<String> columnNames() {
        return CONTROLS.keySet();
    }

    private static Map<String, ToDoubleFunction<StepRow>> controls() {
        Map<String, ToDoubleFunction<StepRow>> controls = new LinkedHashMap<>();
        controls.put("temperature", row -> row.sampling().temperature());
        controls.put("top_k", row -> row.sampling().topK());
        controls.put("top_p", row -> row.sampling().topP());
        controls.put("min_p", row -> row.sampling().minP());
        controls.put("uniform", StepRow::uniform);
        controls.put("rank", StepRow::forcedRank);
        controls.put("token", StepRow::forcedToken);
        controls.put("repetition_penalty", row -> penalties(row).repetition());
        controls.put("presence_penalty", row -> penalties(row).presence());
        controls.put("frequency_penalty", row -> penalties(row).frequency());
        return controls;
    }

    private static Sampling.Penalties penalties(StepRow row) {
        return row.sampling().penalties();
    }
}
