package io.edistream.benchmarks.decoding;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.lengths.FilledRows;
import io.edistream.generator.decode.LanguageModel;
import io.edistream.generator.decode.StepRow;
import io.edistream.generator.torch.ModelFolder;
import io.edistream.generator.torch.TorchLanguageModel;
import io.edistream.generator.torch.TorchOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Tokens a second of any model folder in decode steps of some rows: logits, statistics and the draw; on request beside
 * llama.cpp, in turns.
 */
public final class DecodingBenchmark {

    private static final List<Integer> ROWS = List.of(1, 8, 32);
    private static final int LENGTH = 64;
    private static final int PEER_TOKENS = 24;
    private static final int TURNS = 7;

    private DecodingBenchmark() {}

    /**
     * Runs it.
     *
     * @param folder model folder
     * @param threads per operation
     * @param warmUps steps before those that count
     * @param steps steps that count
     * @param peer the same weights elsewhere, which take turns with these; null for none
     * @throws IOException if the peer cannot be run
     */
    public static List<Row> run(Path folder, int threads, int warmUps, int steps, @Nullable LlamaBatchedBench peer)
            throws IOException {
        TorchOptions usual = TorchOptions.defaults();
        TorchOptions options = new TorchOptions(usual.device(), usual.blockSize(), 512, threads);
        ModelFolder files = ModelFolder.open(folder);
        try (LanguageModel model = TorchLanguageModel.load(files, options)) {
            List<Row> rows = new ArrayList<>();
            for (int count : ROWS) {
                FilledRows filled = FilledRows.of(Collections.nCopies(count, LENGTH), model.info());
                filled.prompts().forEach(prompt -> model.step(List.of(prompt)));
                Samples rate = Samples.of(rates(model, filled.decode(), warmUps, steps));
                rows.add(Row.told(
                        model.info().name() + ", " + threads + " threads, " + count + " rows of " + LENGTH + " tokens",
                        rate.median(),
                        "tokens/s",
                        rate.spread()));
                if (peer != null) {
                    rows.addAll(beside(peer, model, filled.decode(), threads, steps));
                }
            }
            return rows;
        }
    }

    private static List<Row> beside(
            LlamaBatchedBench peer, LanguageModel model, List<StepRow> rows, int threads, int steps)
            throws IOException {
        DoubleStream.Builder theirs = DoubleStream.builder();
        DoubleStream.Builder ratios = DoubleStream.builder();
        int turns = Math.min(TURNS, steps);
        for (int turn = 0; turn < turns; turn++) {
            double their = peer.tokensPerSecond(threads, rows.size(), LENGTH, PEER_TOKENS);
            double ours = Samples.of(rates(model, rows, 2, PEER_TOKENS)).median();
            theirs.add(their);
            ratios.add(ours / their);
        }
        Samples rate = Samples.of(theirs.build());
        Samples ratio = Samples.of(ratios.build());
        return List.of(
                Row.told("llama.cpp, the same rows and threads", rate.median(), "tokens/s", rate.spread()),
                Row.told("this decoder beside llama.cpp, in turns", ratio.median(), "times", ratio.spread()));
    }

    private static DoubleStream rates(LanguageModel model, List<StepRow> rows, int warmUps, int steps) {
        DoubleStream.Builder rates = DoubleStream.builder();
        for (int step = -warmUps; step < steps; step++) {
            long begun = System.nanoTime();
            model.step(rows);
            double seconds = (System.nanoTime() - begun) / 1e9;
            if (step >= 0) {
                rates.add(rows.size() / seconds);
            }
        }
        return rates.build();
    }
}
