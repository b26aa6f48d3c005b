package io.edistream.generator.torch;

/**
 * Where and how a model runs.
 *
 * @param device where
 * @param blockSize tokens per block of the key-value cache, at least 1
 * @param blocks blocks of the cache, at least 2; block 0 is scratch
 * @param threads threads per operation on a CPU, at least 1; one for the whole process, the first model's value counts
 */
public record TorchOptions(Device device, int blockSize, int blocks, int threads) {

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

    /**
     * A CPU, 2,048 blocks of 16 tokens, one thread: the shipped models are so small that a second thread costs more than
     * it brings, and the rest of the system wants to run too.
     */
    public static TorchOptions defaults() {
        return new TorchOptions(Device.CPU, 16, 2048, 1);
    }

    /** The same on another device. */
    public TorchOptions on(Device newDevice) {
        return new TorchOptions(newDevice, blockSize, blocks, threads);
    }

    private static void atLeast(int least, int value, String what) {
        if (value < least) {
            throw new IllegalArgumentException(what + " must be at least " + least + ", not " + value);
        }
    }
}
