package io.edistream.generator.decode;

import io.edistream.sequences.metrics.RouteMetrics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a model so that no call allocates more than it may, and a row that cannot be computed costs no other row its token.
 * Rows that do not fit into one call are halved until they do. When a call fails, its two halves are tried, each once, down
 * to single rows: of n rows at most 2n - 1 calls, and for one bad row some 2 log n.
 */
final class ModelCalls {

    private static final Logger LOG = LoggerFactory.getLogger(ModelCalls.class);

    private final LanguageModel model;
    private final WorkingMemory memory;
    private final RouteMetrics metrics;

    ModelCalls(LanguageModel model, WorkingMemory memory, RouteMetrics metrics) {
        this.model = model;
        this.memory = memory;
        this.metrics = metrics;
    }

    /**
     * One token for every row.
     *
     * @param rows at least one
     * @return one entry per row, in their order; null for a row with which the model failed alone
     */
    List<@Nullable Drawn> step(List<StepRow> rows) {
        List<@Nullable Drawn> drawn = new ArrayList<>(Collections.nCopies(rows.size(), null));
        callFitting(rows, drawn);
        return drawn;
    }

    private void callFitting(List<StepRow> rows, List<@Nullable Drawn> drawn) {
        if (rows.size() > 1 && !memory.fits(rows)) {
            inHalves(rows, drawn, this::callFitting);
            return;
        }
        RuntimeException failure = call(rows, drawn);
        if (failure != null) {
            LOG.error(
                    "Model {} failed for {} rows; {} of them fail alone, too, and the others go on",
                    model.info().name(),
                    rows.size(),
                    Collections.frequency(drawn, null),
                    failure);
        }
    }

    /** Fills in what was drawn and returns the failure of the call with all rows, null if there was none. */
    private @Nullable RuntimeException call(List<StepRow> rows, List<@Nullable Drawn> drawn) {
        try {
            List<Drawn> all = model.step(rows);
            for (int row = 0; row < rows.size(); row++) {
                drawn.set(row, all.get(row));
            }
            return null;
        } catch (RuntimeException e) {
            metrics.callFailed();
            if (rows.size() > 1) {
                inHalves(rows, drawn, this::call);
            }
            return e;
        }
    }

    private static void inHalves(
            List<StepRow> rows, List<@Nullable Drawn> drawn, BiConsumer<List<StepRow>, List<@Nullable Drawn>> each) {
        int half = rows.size() / 2;
        each.accept(rows.subList(0, half), drawn.subList(0, half));
        each.accept(rows.subList(half, rows.size()), drawn.subList(half, drawn.size()));
    }
}
