package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.junit.jupiter.api.Test;

class PrecisionTest {

    @Test
    void numbersHaveTheModulesPrecision() {
        TorchRuntime.prepareEngine(1);
        try (NDManager manager = NDManager.newBaseManager()) {
            double[] numbers = {0.5, 0.25};
            assertThat(Precision.array(numbers, DataType.FLOAT32, manager).getDataType())
                    .isEqualTo(DataType.FLOAT32);
            assertThat(Precision.array(numbers, DataType.FLOAT64, manager).getDataType())
                    .isEqualTo(DataType.FLOAT64);
        }
    }

    @Test
    void aUniformNumberStaysBelowOneAndATemperatureAboveZero() {
        double justBelowOne = Math.nextDown(1.0);
        assertThat((float) justBelowOne).as("to the nearest").isEqualTo(1f);
        assertThat(Precision.singles(new double[] {justBelowOne, 1, 0, 1e-300, 0.75}))
                .containsExactly(Math.nextDown(1f), 1f, 0f, Float.MIN_VALUE, 0.75f);
    }
}
