package io.edistream.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UniformsTest {

    private static final int BINS = 100;
    private static final int NUMBERS = 200_000;
    /** Chi-square with 99 degrees of freedom: exceeded once in 10,000 times. */
    private static final double CHI_SQUARE_LIMIT = 160.1;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, -1, Long.MIN_VALUE, 123_456_789})
    void areUniformAlongASequence(long seed) {
        int[] counts = new int[BINS];
        for (int token = 0; token < NUMBERS; token++) {
            counts[(int) (Uniforms.at(seed, token) * BINS)]++;
        }
        assertThat(chiSquare(counts)).isLessThan(CHI_SQUARE_LIMIT);
    }

    @Test
    void areUniformAcrossNeighbouringSeeds() {
        int[] counts = new int[BINS];
        for (int seed = 0; seed < NUMBERS; seed++) {
            counts[(int) (Uniforms.at(seed, 3) * BINS)]++;
        }
        assertThat(chiSquare(counts)).isLessThan(CHI_SQUARE_LIMIT);
    }

    @Test
    void neighboursAreNotCorrelated() {
        double sum = 0;
        for (int token = 0; token < NUMBERS; token++) {
            sum += (Uniforms.at(9, token) - .5) * (Uniforms.at(9, token + 1) - .5);
        }
        // The standard deviation of the mean is 1/12 over the root of the count.
        assertThat(Math.abs(sum / NUMBERS)).isLessThan(4.0 / 12 / Math.sqrt(NUMBERS));
    }

    @Test
    void derivedSeedsDoNotCollide() {
        Set<Long> seeds = new HashSet<>();
        for (long parent = 0; parent < 20; parent++) {
            for (int token = 0; token < 50; token++) {
                for (int child = 0; child < 4; child++) {
                    seeds.add(Uniforms.childSeed(parent, token, child));
                }
            }
            for (int sample = 1; sample < 50; sample++) {
                seeds.add(Uniforms.sampleSeed(parent, sample));
            }
        }
        assertThat(seeds).hasSize(20 * (50 * 4 + 49));
        assertThat(Uniforms.sampleSeed(5, 0)).isEqualTo(5);
    }

    private static double chiSquare(int[] counts) {
        double expected = (double) NUMBERS / BINS;
        double sum = 0;
        for (int count : counts) {
            sum += (count - expected) * (count - expected) / expected;
        }
        return sum;
    }
}
