package io.edistream.jobs.watch;

import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps state in maps. Strict: what is created must not be there, what is put or removed must. Hands out what it holds, as
 * Flink's heap does, or copies, as RocksDB does: then a change that is not put back is lost.
 */
final class MapStore implements Store {

    private final boolean copies;

    final Map<Long, GeneratorState> generators = new TreeMap<>();
    final Map<Long, TreeMap<Long, SequenceState>> sequences = new TreeMap<>();
    final Map<Long, TreeSet<Long>> timers = new TreeMap<>();
    private long generator;

    MapStore(boolean copies) {
        this.copies = copies;
    }

    MapStore of(long opened) {
        generator = opened;
        return this;
    }

    /** The same, stored and read. */
    MapStore restored() throws IOException {
        MapStore restored = new MapStore(copies);
        timers.forEach((key, set) -> restored.timers.put(key, new TreeSet<>(set)));
        for (var entry : generators.entrySet()) {
            restored.generators.put(entry.getKey(), copy(entry.getValue()));
        }
        for (var ofGenerator : sequences.entrySet()) {
            TreeMap<Long, SequenceState> read = new TreeMap<>();
            for (var entry : ofGenerator.getValue().entrySet()) {
                read.put(entry.getKey(), copy(entry.getValue()));
            }
            restored.sequences.put(ofGenerator.getKey(), read);
        }
        return restored;
    }

    private static GeneratorState copy(GeneratorState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.write(new StateOutput(new DataOutputStream(bytes)));
        return GeneratorState.read(in(bytes));
    }

    private static SequenceState copy(SequenceState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.write(new StateOutput(new DataOutputStream(bytes)));
        return SequenceState.read(in(bytes));
    }

    private static StateInput in(ByteArrayOutputStream bytes) {
        return new StateInput(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    int live() {
        return sequences.values().stream().mapToInt(Map::size).sum();
    }

    private Map<Long, SequenceState> own() {
        return sequences.computeIfAbsent(generator, key -> new TreeMap<>());
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("the store is not used as it must be");
        }
    }

    @Override
    public @Nullable GeneratorState generator() {
        GeneratorState held = generators.get(generator);
        try {
            return held == null || !copies ? held : copy(held);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void create(GeneratorState state) {
        require(generators.put(generator, state) == null);
    }

    @Override
    public void put(GeneratorState state) {
        GeneratorState held = generators.put(generator, state);
        require(copies ? held != null : held == state);
    }

    @Override
    public void removeGenerator() {
        require(generators.remove(generator) != null && own().isEmpty());
        sequences.remove(generator);
    }

    @Override
    public @Nullable SequenceState sequence(long counter) {
        SequenceState held = own().get(counter);
        try {
            return held == null || !copies ? held : copy(held);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void create(long counter, SequenceState state) {
        require(own().put(counter, state) == null);
    }

    @Override
    public void put(long counter, SequenceState state) {
        SequenceState held = own().put(counter, state);
        require(copies ? held != null : held == state);
    }

    @Override
    public void removeSequence(long counter) {
        require(own().remove(counter) != null);
    }

    @Override
    public void setTimer(long millis) {
        timers.computeIfAbsent(generator, key -> new TreeSet<>()).add(millis);
    }
}
