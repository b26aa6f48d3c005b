package io.edistream.jobs.sequences;

import io.edistream.jobs.watch.GeneratorState;
import io.edistream.jobs.watch.SequenceState;
import io.edistream.jobs.watch.Store;
import io.edistream.jobs.watch.Watcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.internal.InternalValueState;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.jspecify.annotations.Nullable;

/**
 * The store in Flink's keyed state: the key is the source, and a sequence's namespace is its counter. So each sequence is
 * an entry of its own, which a snapshot does not make the backend copy together with all the others of its source, as it
 * would the entries of a map.
 */
final class KeyedStore implements Store {

    static final String GENERATORS = "generators";
    static final String SEQUENCES = "sequences";

    private final KeyedStateBackend<Long> backend;
    private final InternalValueState<Long, VoidNamespace, GeneratorState> generators;
    private final InternalValueState<Long, Long, SequenceState> sequences;
    private final InternalTimerService<VoidNamespace> timers;

    /** Whether the backend hands out the objects that it holds, so that they need not be put back. */
    private final boolean holdsObjects;

    private KeyedStore(
            KeyedStateBackend<Long> backend,
            InternalValueState<Long, VoidNamespace, GeneratorState> generators,
            InternalValueState<Long, Long, SequenceState> sequences,
            InternalTimerService<VoidNamespace> timers) {
        this.backend = backend;
        this.generators = generators;
        this.sequences = sequences;
        this.timers = timers;
        this.holdsObjects = backend.getBackendTypeIdentifier().equals("hashmap");
        generators.setCurrentNamespace(VoidNamespace.INSTANCE);
    }

    /** The store of an operator's task. */
    @SuppressWarnings("unchecked") // Key and namespace are those of the backend and of the serializers given.
    static KeyedStore open(KeyedStateBackend<Long> backend, InternalTimerService<VoidNamespace> timers)
            throws Exception {
        ValueState<GeneratorState> generators = backend.getOrCreateKeyedState(
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>(GENERATORS, GeneratorStateSerializer.INSTANCE));
        ValueState<SequenceState> sequences = backend.getOrCreateKeyedState(
                LongSerializer.INSTANCE, new ValueStateDescriptor<>(SEQUENCES, SequenceStateSerializer.INSTANCE));
        return new KeyedStore(
                backend,
                (InternalValueState<Long, VoidNamespace, GeneratorState>) generators,
                (InternalValueState<Long, Long, SequenceState>) sequences,
                timers);
    }

    /** Tells the watcher what there is. */
    void restoreInto(Watcher watcher, long nowMillis) {
        List<Long> known;
        try (Stream<Long> keys = backend.getKeys(GENERATORS, VoidNamespace.INSTANCE)) {
            known = keys.toList();
        }
        for (long generator : known) {
            backend.setCurrentKey(generator);
            watcher.restored(generator, nowMillis, this);
        }
        List<Tuple2<Long, Long>> running;
        try (Stream<Tuple2<Long, Long>> all = backend.getKeysAndNamespaces(SEQUENCES)) {
            running = all.toList();
        }
        for (Tuple2<Long, Long> sequence : running) {
            backend.setCurrentKey(sequence.f0);
            SequenceState state = sequence(sequence.f1);
            if (state != null) {
                watcher.restored(sequence.f0, sequence.f1, state);
            }
        }
    }

    @Override
    public @Nullable GeneratorState generator() {
        return value(generators);
    }

    @Override
    public void put(GeneratorState state) {
        update(generators, state);
    }

    @Override
    public void create(GeneratorState state) {
        set(generators, state);
    }

    @Override
    public void removeGenerator() {
        generators.clear();
    }

    @Override
    public @Nullable SequenceState sequence(long counter) {
        sequences.setCurrentNamespace(counter);
        return value(sequences);
    }

    @Override
    public void put(long counter, SequenceState state) {
        if (!holdsObjects) {
            create(counter, state);
        }
    }

    @Override
    public void create(long counter, SequenceState state) {
        sequences.setCurrentNamespace(counter);
        set(sequences, state);
    }

    @Override
    public void removeSequence(long counter) {
        sequences.setCurrentNamespace(counter);
        sequences.clear();
    }

    @Override
    public void setTimer(long millis) {
        timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, millis);
    }

    private static <T> @Nullable T value(InternalValueState<Long, ?, T> state) {
        try {
            return state.value();
        } catch (IOException e) {
            throw new UncheckedIOException("state could not be read", e);
        }
    }

    private <T> void update(InternalValueState<Long, ?, T> state, T value) {
        if (!holdsObjects) {
            set(state, value);
        }
    }

    private static <T> void set(InternalValueState<Long, ?, T> state, T value) {
        try {
            state.update(value);
        } catch (IOException e) {
            throw new UncheckedIOException("state could not be written", e);
        }
    }
}
