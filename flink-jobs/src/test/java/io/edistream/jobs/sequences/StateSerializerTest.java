package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.watch.GeneratorState;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class StateSerializerTest {

    private static final GeneratorStateSerializer SERIALIZER = GeneratorStateSerializer.INSTANCE;

    @Test
    void valuesAreMutableAndOfAnyLength() {
        assertThat(SERIALIZER.isImmutableType()).isFalse();
        assertThat(SERIALIZER.getLength()).isEqualTo(-1);
        GeneratorState state = new GeneratorState();
        assertThat(SERIALIZER.copy(state)).isNotSameAs(state);
    }

    @Test
    void thereIsOneOfEachKind() {
        assertThat(SERIALIZER)
                .isEqualTo(SERIALIZER.duplicate())
                .hasSameHashCodeAs(SERIALIZER.duplicate())
                .isNotEqualTo(SequenceStateSerializer.INSTANCE)
                .doesNotHaveSameHashCodeAs(SequenceStateSerializer.INSTANCE);
    }

    @Test
    void aStoredValueIsCopiedAsItIs() throws IOException {
        DataOutputSerializer stored = new DataOutputSerializer(64);
        SERIALIZER.serialize(new GeneratorState(), stored);
        DataOutputSerializer copy = new DataOutputSerializer(64);
        SERIALIZER.copy(new DataInputDeserializer(stored.getCopyOfBuffer()), copy);
        assertThat(copy.getCopyOfBuffer()).isEqualTo(stored.getCopyOfBuffer()).isNotEmpty();
    }
}
