package io.edistream.jobs.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class KeptRecordSerializerTest {

    private final KeptRecordSerializer serializer = new KeptRecordSerializer();

    @Test
    void theLayoutIsLengthKeyValue() throws IOException {
        byte[] stored = serializer.serialize(new KeptRecord(new byte[] {5, 6}, new byte[] {7, 8, 9}));
        assertThat(stored).containsExactly(0, 0, 0, 2, 5, 6, 7, 8, 9);

        KeptRecord restored = serializer.deserialize(1, stored);
        assertThat(restored.key()).containsExactly(5, 6);
        assertThat(restored.value()).containsExactly(7, 8, 9);
    }

    @Test
    void noKeyIsNotAnEmptyOne() throws IOException {
        byte[] stored = serializer.serialize(new KeptRecord(null, new byte[] {7}));
        assertThat(stored).containsExactly(-1, -1, -1, -1, 7);
        assertThat(serializer.deserialize(1, stored).key()).isNull();
        assertThat(serializer
                        .deserialize(1, serializer.serialize(new KeptRecord(new byte[0], new byte[0])))
                        .key())
                .isEmpty();
    }

    @Test
    void anotherLayoutAndDamageAreSaid() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[8]))
                .isInstanceOf(IOException.class)
                .hasMessage("a final score was stored with layout 2, this release reads layout 1");
        for (byte[] damaged : new byte[][] {{}, {0, 0, 0}, {0, 0, 0, 2, 1}, {-1, -1, -1, -2, 1}}) {
            assertThatThrownBy(() -> serializer.deserialize(1, damaged))
                    .isInstanceOf(IOException.class)
                    .hasMessage("a stored final score of " + damaged.length + " bytes is damaged");
        }
    }
}
