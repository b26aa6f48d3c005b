package io.edistream.benchmarks.decoding;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.lengths.FilledRows;
import io.edistream.generator.decode.LanguageModel;
import io.edistream.generator.decode.StepRow;
import io.edistream.generator.torch.ModelFolder;
import io.edistream.generator.torch.TorchLanguageModel;
import io.edistream.generator.torch.TorchOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;

/** Tokens a second of any model folder in decode steps of some rows: logits, statistics and the draw. */
public final class DecodingBenchmark {

    private static final List<Integer> ROWS = List.of(1, 8, 32);
    private static final int LENGTH = 64;

    private DecodingBenchmark() {}

    /**
     * Runs it.
     *
     * @param folder model folder
     * @param threads per operation
     * @param warmUps steps before those that count
     * @param steps steps that count
     */
    public static List<Row> run(Path folder, int threads, int warmUps, int steps) {
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
            }
            return rows;
        }
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
