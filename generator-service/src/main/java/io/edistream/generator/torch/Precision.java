package io.edistream.generator.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Numbers in a module's own precision. A parameter in float64 would turn whole rows of logits into float64: twice the
 * memory, and a time that a GPU does not have.
 */
final class Precision {

    private Precision() {}

    /**
     * One number per row on the manager's device.
     *
     * @param precision float64 or float32
     */
    static NDArray array(double[] numbers, DataType precision, NDManager manager) {
        return precision == DataType.FLOAT64 ? manager.create(numbers) : manager.create(singles(numbers));
    }

    /**
     * Rounded down: a uniform number must stay below 1. What is above 0 stays there, since a temperature of 0 has a meaning of
     * its own.
     */
    static float[] singles(double[] numbers) {
        float[] singles = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            float nearest = (float) numbers[i];
            float below = nearest > numbers[i] ? Math.nextDown(nearest) : nearest;
            singles[i] = numbers[i] > 0 ? Math.max(below, Float.MIN_VALUE) : below;
        }
        return singles;
    }
}
