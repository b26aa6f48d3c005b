package io.edistream.signals;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * Which numbers the state of a sequence's signals holds, in which order. Stored once for many sequences, so that their
 * states can do without names, and so that another release knows which of its signals are in them and how to pass over
 * the others.
 *
 * @param slots the measured signals in the order in which they are stored
 */
public record StateLayout(List<Slot> slots) {

    /** Copies the list. */
    public StateLayout {
        slots = List.copyOf(slots);
    }

    /** The layout of sequences that begin with these signals. */
    static StateLayout of(Collection<MeasuredSignal> measured) {
        return new StateLayout(measured.stream().map(Slot::of).toList());
    }

    /**
     * This layout, without those signals that are not among the given ones. What was stored for them keeps its place,
     * for states that were written before, but no later release may take it for the signal's: from now on it is not
     * kept up to date.
     */
    StateLayout keeping(Collection<MeasuredSignal> measured) {
        Set<Slot> kept = measured.stream().map(Slot::of).collect(Collectors.toSet());
        return new StateLayout(slots.stream()
                .map(slot -> kept.contains(slot) ? slot : slot.abandoned())
                .toList());
    }

    /** Tokens before the newest whose entropies are stored. */
    int entropyLookback() {
        return largest(Slot::entropyLookback);
    }

    /** Tokens before the newest whose confidences are stored. */
    int confidenceLookback() {
        return largest(Slot::confidenceLookback);
    }

    private int largest(ToIntFunction<Slot> lookback) {
        return slots.stream().mapToInt(lookback).max().orElse(0);
    }

    /** Writes the layout. */
    public void write(DataOutput out) throws IOException {
        out.writeInt(slots.size());
        for (Slot slot : slots) {
            out.writeUTF(slot.signal());
            out.writeInt(slot.entropyLookback());
            out.writeInt(slot.confidenceLookback());
            out.writeUTF(slot.fields());
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException if a signal stored a kind of number that this release does not know
     */
    public static StateLayout read(DataInput in) throws IOException {
        int count = in.readInt();
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Slot slot = new Slot(in.readUTF(), in.readInt(), in.readInt(), in.readUTF());
            if (!StateFields.KNOWN.matcher(slot.fields()).matches()) {
                throw new IOException("signal '" + slot.signal() + "' was stored as '" + slot.fields()
                        + "': this release reads " + StateFields.KNOWN);
            }
            slots.add(slot);
        }
        return new StateLayout(slots);
    }

    /**
     * The place of one signal. Equal places mean the same measurement, stored in the same way.
     *
     * @param signal the signal's name and configuration; empty if the place is nobody's any more
     * @param entropyLookback tokens before the newest whose entropies the signal reads
     * @param confidenceLookback tokens before the newest whose confidences the signal reads
     * @param fields the numbers that it stores, one letter each: see {@link StateFields}
     */
    public record Slot(String signal, int entropyLookback, int confidenceLookback, String fields) {

        private static final String NOBODY = "";

        static Slot of(MeasuredSignal signal) {
            try {
                // The text of a record has all its components in it.
                return new Slot(
                        signal.name() + " " + signal,
                        signal.entropyLookback(),
                        signal.confidenceLookback(),
                        StateFields.of(signal.newAccumulator()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Slot abandoned() {
            return new Slot(NOBODY, entropyLookback, confidenceLookback, fields);
        }
    }
}
