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
import io.edistream.generator.decode.Drawn;
import io.edistream.generator.decode.LanguageModel;
import io.edistream.generator.decode.ModelInfo;
import io.edistream.generator.decode.StepRow;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A TorchScript module with a paged key-value cache, up to the logits, from which {@link ChooseModule} draws.
 *
 * <p>The module: {@code forward(ids i64[B,T], pos i64[B,T], slots i64[B,T], block_tables i64[sum of r*nb], groups i64[G,2] on the CPU,
 * last i64[B], kv [L,2,NB,BLK,H,D]) -> logits [B,V]}, and the exported method {@code copy_blocks}. Numbers without a type here are in
 * the module's own precision. It writes {@code kv} in place, and nothing there that is not finite: so a row that cannot be computed
 * shows in its own statistics and nowhere else.
 */
public final class TorchLanguageModel implements LanguageModel {

    private static final String GPU_NEEDS = "; it needs an NVIDIA GPU and a libtorch that was built for it, named by"
            + " PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR";

    private final Model model;
    private final ChooseModule choose;
    private final NDManager manager;
    private final ParameterStore parameters;
    private final NDArray cache;
    private final ModelFolder.Description shape;
    private final ModelInfo info;
    private final ModelFolder.WorkingBytes workingBytes;
    private final RowGrouping grouping;
    private final long blockBytes;

    private TorchLanguageModel(Model model, ChooseModule choose, ModelFolder.Description shape, TorchOptions options) {
        this.model = model;
        this.choose = choose;
        this.manager = model.getNDManager().newSubManager();
        this.parameters = new ParameterStore(manager, false);
        this.info = new ModelInfo(
                shape.name(),
                shape.vocabularySize(),
                shape.maxPositions(),
                shape.endsOfSequence(),
                options.blockSize(),
                options.blocks());
        this.shape = shape;
        this.workingBytes = shape.workingBytes();
        this.grouping = options.grouping();
        this.blockBytes = (long) options.blockSize()
                * shape.keyValueHeads()
                * shape.headSize()
                * shape.dtype().getNumOfBytes();
        this.cache = manager.zeros(
                new Shape(
                        shape.layers(),
                        2,
                        options.blocks(),
                        options.blockSize(),
                        shape.keyValueHeads(),
                        shape.headSize()),
                shape.dtype());
    }

    /**
     * Loads a model.
     *
     * @throws ModelFolderException if the module cannot be loaded
     */
    public static TorchLanguageModel load(ModelFolder folder, TorchOptions options) {
        TorchRuntime.prepareEngine(options.threads());
        Device device = options.device() == TorchOptions.Device.GPU ? Device.gpu() : Device.cpu();
        Model model = Model.newInstance(folder.description().name(), device, "PyTorch");
        try {
            model.load(folder.folder(), "model");
            return new TorchLanguageModel(model, ChooseModule.load(device), folder.description(), options);
        } catch (IOException | MalformedModelException | RuntimeException e) {
            model.close();
            throw new ModelFolderException(
                    "the module in " + folder.folder() + " cannot be loaded on " + device + ": " + reason(e)
                            + (device.isGpu() ? GPU_NEEDS : ""),
                    e);
        }
    }

    /** PyTorch goes on for pages: what was wrong stands in the first sentence. */
    private static String reason(Exception failure) {
        return String.valueOf(failure.getMessage()).split("\\.\\s|\n", 2)[0];
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public String summary() {
        return String.format(
                Locale.ROOT,
                "%s, %,d parameters in %s, at most %,d tokens; cache of %,d blocks of %d tokens, %,d MB",
                info.name(),
                shape.parameters(),
                shape.dtype().name().toLowerCase(Locale.ROOT),
                info.maxPositions(),
                info.blocks(),
                info.blockSize(),
                cache.size() * shape.dtype().getNumOfBytes() / 1_000_000);
    }

    @Override
    public List<Drawn> step(List<StepRow> rows) {
        TensorBatch batch = batch(rows);
        try (NDManager step = manager.newSubManager()) {
            List<StepRow> ordered =
                    IntStream.of(batch.order).<StepRow>mapToObj(rows::get).toList();
            List<Drawn> drawn = choose.choose(logits(batch, step), ordered, step);
            Drawn[] inOrder = new Drawn[drawn.size()];
            for (int row = 0; row < inOrder.length; row++) {
                inOrder[batch.order[row]] = drawn.get(row);
            }
            return List.of(inOrder);
        }
    }

    @Override
    public long workingBytes(int rows, int tokens, int blocks) {
        double largestGroup = grouping.largestGroup(rows, blocks, blockBytes);
        double blockSize = info.blockSize();
        return workingBytes.bound(rows, tokens, blocks * blockSize, largestGroup * blockSize);
    }

    @Override
    public void copyBlock(int source, int destination) {
        try (NDManager step = manager.newSubManager()) {
            NDList in = new NDList(
                    cache,
                    step.create(new long[] {source}),
                    step.create(new long[] {destination}),
                    method("copy_blocks", step));
            // The first input is the cache, so without this the output would live as long as the cache.
            model.getBlock().forward(parameters, in, false).attach(step);
        }
    }

    /** Logits [vocabulary] behind the row's last token; its sampling is not used. */
    double[] logits(StepRow row) {
        TensorBatch batch = batch(List.of(row));
        try (NDManager step = manager.newSubManager()) {
            return logits(batch, step).toType(DataType.FLOAT64, false).toDoubleArray();
        }
    }

    /** Logits [rows, vocabulary] behind the rows' last tokens. They live as long as the step. */
    private NDArray logits(TensorBatch batch, NDManager step) {
        // Outputs go to the manager of the first input, which is the step's: they are freed with it.
        return model.getBlock()
                .forward(parameters, sequenceInputs(batch, step), false)
                .singletonOrThrow();
    }

    @Override
    public void close() {
        manager.close();
        choose.close();
        model.close();
    }

    private TensorBatch batch(List<StepRow> rows) {
        return new TensorBatch(rows, info.blockSize(), grouping, blockBytes);
    }

    private NDList sequenceInputs(TensorBatch batch, NDManager step) {
        Shape tokens = new Shape(batch.rows, batch.width);
        NDList in = new NDList();
        in.add(step.create(batch.ids, tokens));
        in.add(step.create(batch.positions, tokens));
        in.add(step.create(batch.slots, tokens));
        in.add(step.create(batch.tables));
        // The module's loop over groups runs on the processor, wherever the model is.
        NDArray groups = step.create(batch.groups, new Shape(batch.groups.length / 2, 2));
        in.add(groups.toDevice(Device.cpu(), false));
        in.add(step.create(batch.last));
        in.add(cache);
        return in;
    }

    /** DJL calls an exported method if an input has this name; the input's value is not used. */
    static NDArray method(String name, NDManager step) {
        NDArray marker = step.create(0);
        marker.setName("module_method:" + name);
        return marker;
    }
}
