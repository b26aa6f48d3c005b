package io.edistream.generator.torch;

/**
 * Where and how a model runs.
 *
 * @param device where
 * @param blockSize tokens per block of the key-value cache, at least 1
 * @param blocks blocks of the cache, at least 2; block 0 is scratch
 * @param threads threads per operation on a CPU, at least 1; one for the whole process, the first model's value counts
 * @param grouping how the rows of a call are put into groups for attention
 */
public record TorchOptions(Device device, int blockSize, int blocks, int threads, RowGrouping grouping) {

    /** Measured on a CPU: a group costs as much as gathering a dozen of the shipped models' blocks, and a core caches 2 MiB. */
    private static final RowGrouping ON_CPU = RowGrouping.byLength(144 << 10, 3 << 19);

    /** Not measured: a group costs some forty kernels there, in whose time a GPU gathers megabytes. */
    private static final RowGrouping ON_GPU = RowGrouping.byLength(64 << 20, Long.MAX_VALUE);

    /** Where a model runs. */
    public enum Device {
        /** The processor. */
        CPU,
        /** The first GPU. */
        GPU
    }

    /**
     * @throws IllegalArgumentException if a component is out of its bounds
     */
    public TorchOptions {
        atLeast(1, blockSize, "block size");
        atLeast(2, blocks, "blocks");
        atLeast(1, threads, "threads");
    }

    /** With the grouping that suits the device. */
    public TorchOptions(Device device, int blockSize, int blocks, int threads) {
        this(device, blockSize, blocks, threads, device == Device.GPU ? ON_GPU : ON_CPU);
    }

    /**
     * A CPU, 2,048 blocks of 16 tokens, one thread: the shipped models are so small that a second thread costs more than
     * it brings, and the rest of the system wants to run too.
     */
    public static TorchOptions defaults() {
        return new TorchOptions(Device.CPU, 16, 2048, 1);
    }

    /** The same on another device, with the grouping that suits it. */
    public TorchOptions on(Device newDevice) {
        return new TorchOptions(newDevice, blockSize, blocks, threads);
    }

    /** The same with other groups. */
    public TorchOptions grouped(RowGrouping newGrouping) {
        return new TorchOptions(device, blockSize, blocks, threads, newGrouping);
    }

    /**
     * Sequences that the cache has room for at a time.
     *
     * @param tokens of each, at least 1
     */
    public int sequencesOf(int tokens) {
        int blocksEach = 1 + (tokens - 1) / blockSize;
        return (blocks - 1) / blocksEach;
    }

    private static void atLeast(int least, int value, String what) {
        if (value < least) {
            throw new IllegalArgumentException(what + " must be at least " + least + ", not " + value);
        }
    }
}
