package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.jobs.watch.StartWindow.Place;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartWindowTest {

    /** The same, remembering everything. */
    private static final class Naive {
        private final Set<Long> seen = new HashSet<>();
        private long highest = -1;

        Place place(long counter) {
            if (counter < 0) {
                return Place.IMPOSSIBLE;
            }
            if (highest >= 0 && counter > highest && counter - highest > 2_147_483_648L) {
                return Place.JUMP;
            }
            if (highest - counter > 65_535) {
                return Place.OLD;
            }
            return seen.contains(counter) ? Place.SEEN : Place.NEW;
        }

        void add(long counter) {
            seen.add(counter);
            highest = Math.max(highest, counter);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void tellsStartsApartAsOneThatRemembersAll(long seed) throws IOException {
        Random random = new Random(seed);
        Naive naive = new Naive();
        StartWindow window = new StartWindow();
        long next = seed % 2 == 0 ? 0 : random.nextLong() >>> (1 + random.nextInt(40));
        for (int i = 0; i < 60_000; i++) {
            long counter =
                    switch (random.nextInt(12)) {
                        case 0 -> next - random.nextInt(70_000);
                        case 1 -> next - 65_530 - random.nextInt(12);
                        case 2 -> next - random.nextInt(64);
                        case 3 -> random.nextInt(400) == 0 ? next + random.nextInt(200_000) : next + random.nextInt(70);
                        case 4 ->
                            random.nextInt(100) == 0 ? random.nextLong() : next + (1L << 31) + 1 + random.nextInt(9);
                        default -> next;
                    };
            Place place = naive.place(counter);
            assertThat(window.place(counter))
                    .as("%d after %d", counter, naive.highest)
                    .isEqualTo(place);
            assertThat(window.contains(counter)).isEqualTo(place == Place.SEEN);
            if (place == Place.NEW) {
                naive.add(counter);
                window.add(counter);
                next = Math.max(next, counter) + 1;
            }
            if (random.nextInt(3_000) == 0) {
                window = restored(window);
            }
            assertThat(window.highest()).isEqualTo(naive.highest);
        }
        window = restored(window);
        for (long counter = naive.highest - 65_540; counter <= naive.highest + 1; counter++) {
            assertThat(window.place(counter)).isEqualTo(naive.place(counter));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 65_535, 65_536, 1L << 40, Long.MAX_VALUE})
    void theFirstStartMayHaveAnyCounter(long first) throws IOException {
        StartWindow window = new StartWindow();
        assertThat(window.highest()).isEqualTo(-1);
        assertThat(window.place(first)).isEqualTo(Place.NEW);
        window.add(first);
        window = restored(window);
        assertThat(window.place(first)).isEqualTo(Place.SEEN);
        assertThat(window.highest()).isEqualTo(first);
        assertThat(window.place(-1)).isEqualTo(Place.IMPOSSIBLE);
        assertThat(window.place(Long.MIN_VALUE)).isEqualTo(Place.IMPOSSIBLE);
    }

    @Test
    void theWindowEndsBehind65535Counters() {
        long highest = 1_000_000;
        StartWindow window = new StartWindow();
        window.add(highest);
        assertThat(window.place(highest - 65_535)).isEqualTo(Place.NEW);
        assertThat(window.place(highest - 65_536)).isEqualTo(Place.OLD);
        window.add(highest - 65_535);
        assertThat(window.place(highest - 65_535)).isEqualTo(Place.SEEN);
        window.add(highest + 1);
        assertThat(window.place(highest - 65_535)).isEqualTo(Place.OLD);
        assertThat(window.place(highest)).isEqualTo(Place.SEEN);
    }

    @Test
    void aJumpOfTwoToThe31IsAllowedAndOneMoreIsNot() {
        for (long first : new long[] {0, 77, Long.MAX_VALUE - (1L << 31) - 1}) {
            StartWindow window = new StartWindow();
            window.add(first);
            assertThat(window.place(first + (1L << 31) + 1)).isEqualTo(Place.JUMP);
            assertThat(window.place(first + (1L << 31))).isEqualTo(Place.NEW);
            window.add(first + (1L << 31));
            assertThat(window.place(first)).isEqualTo(Place.OLD);
        }
        StartWindow window = new StartWindow();
        window.add(0);
        assertThat(window.place(Long.MAX_VALUE)).isEqualTo(Place.JUMP);
    }

    @Test
    void theHighestCounterOfAllIsReachedAndNothingOverflows() {
        StartWindow window = new StartWindow();
        window.add(Long.MAX_VALUE - 1);
        assertThat(window.place(Long.MAX_VALUE)).isEqualTo(Place.NEW);
        window.add(Long.MAX_VALUE);
        assertThat(window.place(Long.MAX_VALUE)).isEqualTo(Place.SEEN);
        assertThat(window.place(Long.MAX_VALUE - 1)).isEqualTo(Place.SEEN);
        assertThat(window.place(Long.MAX_VALUE - 65_535)).isEqualTo(Place.NEW);
        assertThat(window.place(Long.MAX_VALUE - 65_536)).isEqualTo(Place.OLD);
        assertThat(window.place(0)).isEqualTo(Place.OLD);
    }

    @Test
    void storedItTakesLittleAndAtMostAboutItsBits() throws IOException {
        StartWindow none = new StartWindow();
        assertThat(stored(none)).hasSize(1);
        assertThat(restored(none).highest()).isEqualTo(-1);

        StartWindow inOrder = new StartWindow();
        StartWindow random = new StartWindow();
        Random coin = new Random(1);
        for (long i = 0; i < 300_000; i++) {
            inOrder.add(i);
            if (coin.nextBoolean()) {
                random.add(i);
            }
        }
        assertThat(stored(inOrder)).hasSizeLessThan(40);
        // 1,025 words of ten bytes and a count, where no two neighbours are equal.
        assertThat(stored(random)).hasSizeBetween(8_192, 1_025 * 11 + 20);
        assertThat(inOrder.memoryBytes()).isLessThanOrEqualTo(8_200);
        assertThat(random.memoryBytes()).isLessThanOrEqualTo(8_200);
    }

    @Test
    void memoryStaysBoundedWhateverTheOrder() {
        StartWindow window = new StartWindow();
        Random random = new Random(2);
        long highest = 0;
        for (int i = 0; i < 200_000; i++) {
            long counter = Math.max(0, highest - random.nextInt(65_536) + random.nextInt(3_000));
            if (window.place(counter) == Place.NEW) {
                window.add(counter);
                highest = Math.max(highest, counter);
            }
            assertThat(window.memoryBytes()).isLessThanOrEqualTo(8_200);
        }
    }

    @Test
    void memoryBeginsWhereTheCountersDo() {
        StartWindow window = new StartWindow();
        window.add(30_000);
        assertThat(window.memoryBytes()).isEqualTo(Long.BYTES);
    }

    @Test
    void memoryIsDoubledWithTheSpanOfCounters() {
        StartWindow window = new StartWindow();
        int[] bytesAfter = {8, 16, 32, 32, 64};
        for (int counter = 0; counter < 5 * Long.SIZE; counter++) {
            window.add(counter);
            assertThat(window.memoryBytes()).isEqualTo(bytesAfter[counter / Long.SIZE]);
        }
    }

    @Test
    void damageIsSaid() {
        byte[][] all = {
            {10, (byte) 0x80, 1}, // highest 5, base 64
            {10, 0x7f, 2, 0}, // base -64
            {(byte) 0x80, (byte) 0x81, 8, 0, (byte) 0x82, 8, 0}, // highest 65,600 and base 0, which is 1,026 words
            {10, 0, 0}, // base 0 and a run of no words
            {10, 0, 2, 2} // a run of too many
        };
        for (byte[] damaged : all) {
            assertThatThrownBy(() -> read(damaged))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("stored state is damaged: a window");
        }
    }

    private static byte[] stored(StartWindow window) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        window.write(new StateOutput(new DataOutputStream(bytes)));
        return bytes.toByteArray();
    }

    private static StartWindow read(byte[] stored) throws IOException {
        StartWindow read = new StartWindow();
        read.read(new StateInput(new DataInputStream(new ByteArrayInputStream(stored))));
        return read;
    }

    private static StartWindow restored(StartWindow window) throws IOException {
        return read(stored(window));
    }
}
