package io.edistream.generator.torch;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.generator.decode.Drawn;
import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Alternative;
import io.edistream.sequences.TokenStats;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The module that every model shares: takes logits where they are, draws one token per row, and measures; only a few numbers per row
 * come back. It ships with the generator.
 *
 * <p>{@code forward(logits [B,V], control [B,C], k i64 on the CPU) -> (next i64[B], stats f32[B,6], best i64[B,k], their
 * log-probabilities f32[B,k])}, and {@code adjusted}, which takes besides {@code seen i64[N,3], bias_at i64[M,2], bias [M]}. Numbers
 * without a type here are in the logits' precision. The columns of {@code control} have names, which {@code choose.json} lists.
 */
final class ChooseModule implements AutoCloseable {

    private static final String MODULE = "choose.pt";
    private static final String DESCRIPTION = "choose.json";
    private static final int STATS_COLUMNS = 6;

    private final Model model;
    private final List<String> columns;

    private ChooseModule(Model model, List<String> columns) {
        this.model = model;
        this.columns = columns;
    }

    /**
     * Loads it.
     *
     * @throws ModelFolderException if it cannot be loaded on the device, or is not the one that this generator was written for
     */
    static ChooseModule load(Device device) {
        List<String> columns = columns(description());
        Model model = Model.newInstance("choose", device, "PyTorch");
        try (InputStream in = resource(MODULE)) {
            model.load(in);
            return new ChooseModule(model, columns);
        } catch (IOException | MalformedModelException | RuntimeException e) {
            model.close();
            throw new ModelFolderException("the module " + MODULE + " cannot be loaded on " + device + ": " + e, e);
        }
    }

    /** The names of the columns, in order; refused if they are not those that a row can fill. */
    static List<String> columns(JsonNode description) {
        int contract = description.path("contract").asInt();
        if (contract != ModelFolder.CONTRACT) {
            throw new ModelFolderException(DESCRIPTION + " is of contract " + contract
                    + "; this generator has contract " + ModelFolder.CONTRACT);
        }
        List<String> names = new ArrayList<>();
        description.path("control_columns").forEach(name -> names.add(name.asText()));
        if (names.size() != ChoiceBatch.columnNames().size()
                || !new HashSet<>(names).equals(ChoiceBatch.columnNames())) {
            throw new ModelFolderException(
                    DESCRIPTION + " has the control columns " + names + " instead of " + ChoiceBatch.columnNames());
        }
        return List.copyOf(names);
    }

    /**
     * Draws one token per row.
     *
     * @param logits [rows, vocabulary]
     * @param rows in the order of the logits
     * @param step where what is needed for this call lives
     * @return one entry per row, in their order
     */
    List<Drawn> choose(NDArray logits, List<StepRow> rows, NDManager step) {
        ChoiceBatch wanted = new ChoiceBatch(rows, columns);
        DataType precision = logits.getDataType();
        NDList in = new NDList(
                logits,
                Precision.array(wanted.control, precision, step).reshape(new Shape(rows.size(), columns.size())),
                step.create(wanted.alternatives).toDevice(Device.cpu(), false).toType(DataType.INT64, false));
        if (wanted.adjusts) {
            in.add(step.create(wanted.seen, new Shape(wanted.seen.length / 3, 3)));
            in.add(step.create(wanted.biasAt, new Shape(wanted.bias.length, 2)));
            in.add(Precision.array(wanted.bias, precision, step));
            in.add(TorchLanguageModel.method("adjusted", step));
        }
        // Outputs go to the manager of the first input, which is the step's: they are freed with it.
        NDList out = model.getBlock().forward(new ParameterStore(step, false), in, false);
        return unpacked(
                rows,
                out.get(0).toLongArray(),
                out.get(1).toFloatArray(),
                wanted.alternatives == 0 ? new long[0] : out.get(2).toLongArray(),
                wanted.alternatives == 0 ? new float[0] : out.get(3).toFloatArray());
    }

    @Override
    public void close() {
        model.close();
    }

    private static List<Drawn> unpacked(List<StepRow> rows, long[] next, float[] stats, long[] best, float[] bestLogs) {
        List<Drawn> drawn = new ArrayList<>();
        int told = best.length / rows.size();
        for (int row = 0; row < rows.size(); row++) {
            int at = row * STATS_COLUMNS;
            List<Alternative> alternatives = new ArrayList<>();
            for (int place = 0; place < Math.min(told, rows.get(row).alternatives()); place++) {
                int entry = row * told + place;
                alternatives.add(new Alternative(Math.toIntExact(best[entry]), bestLogs[entry]));
            }
            drawn.add(new Drawn(
                    new TokenStats(
                            Math.toIntExact(next[row]),
                            stats[at],
                            stats[at + 1],
                            stats[at + 2],
                            stats[at + 3],
                            stats[at + 4],
                            Math.round(stats[at + 5])),
                    alternatives));
        }
        return drawn;
    }

    private static JsonNode description() {
        try (InputStream in = resource(DESCRIPTION)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new ModelFolderException(DESCRIPTION + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static InputStream resource(String name) throws IOException {
        InputStream in = ChooseModule.class.getResourceAsStream(name);
        if (in == null) {
            throw new FileNotFoundException(name + " is not beside " + ChooseModule.class.getName());
        }
        return in;
    }
}
