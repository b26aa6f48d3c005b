package io.edistream.generator.decode;

import io.edistream.generator.sequence.EndReason;
import io.edistream.generator.sequence.Intervention;
import io.edistream.generator.sequence.Intervention.Abort;
import io.edistream.generator.sequence.Intervention.Branch;
import io.edistream.generator.sequence.Objection;
import io.edistream.generator.sequence.PromptGroup;
import io.edistream.generator.sequence.RefusalReason;
import io.edistream.generator.sequence.RunningSequence;
import io.edistream.generator.sequence.SequenceDirectory;
import io.edistream.generator.sequence.SequenceNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The decode loop's sequences by number, and what can be done to them. Used by the thread that decodes. */
final class SteeredSequences implements SequenceDirectory {

    private final AtomicLong nextCounter;
    private final Consumer<LiveSequence> touched;
    private final NamesOfEnded namesOfEnded = new NamesOfEnded();
    private final Map<Long, Entry> entries = new LinkedHashMap<>();

    /**
     * @param nextCounter the next sequence's number: whatever is below it and not here has ended
     * @param touched told of every sequence that an intervention ends or starts
     */
    SteeredSequences(AtomicLong nextCounter, Consumer<LiveSequence> touched) {
        this.nextCounter = nextCounter;
        this.touched = touched;
    }

    void add(LiveSequence sequence, RouteDecoder decoder) {
        entries.put(sequence.counter(), new Entry(sequence, decoder));
    }

    /** Forgets a sequence that has ended, but for its names. */
    void remove(LiveSequence sequence) {
        if (sequence.isAdmitted()) {
            namesOfEnded.add(sequence.counter(), names(sequence));
        }
        entries.remove(sequence.counter());
    }

    /** Ends the chosen ones of those that wait or run, in order of arrival. */
    void stop(Predicate<LiveSequence> chosen, EndReason reason) {
        entries.values().stream().filter(entry -> chosen.test(entry.sequence)).forEach(entry -> entry.stop(reason));
    }

    @Override
    public Optional<RunningSequence> running(long counter) {
        Entry entry = entries.get(counter);
        return entry != null && entry.isRunning() ? Optional.of(entry) : Optional.empty();
    }

    /** Numbers are given in order and never twice, so no memory of ended sequences is needed. */
    @Override
    public boolean hasEnded(long counter) {
        Entry entry = entries.get(counter);
        return entry == null ? counter >= 0 && counter < nextCounter.get() : entry.sequence.endReason() != null;
    }

    @Override
    public SequenceNames names(long counter) {
        Entry entry = entries.get(counter);
        if (entry == null) {
            return namesOfEnded.of(counter);
        }
        // Of one that waits nobody has heard, so that nobody can ask for it but by chance.
        return entry.sequence.isAdmitted() ? names(entry.sequence) : SequenceNames.UNKNOWN;
    }

    private static SequenceNames names(LiveSequence sequence) {
        return new SequenceNames(
                sequence.route().model().info().name(),
                sequence.route().name(),
                sequence.request().name(),
                sequence.request().traceContext());
    }

    private final class Entry implements RunningSequence {

        private final LiveSequence sequence;
        private final RouteDecoder decoder;

        Entry(LiveSequence sequence, RouteDecoder decoder) {
            this.sequence = sequence;
            this.decoder = decoder;
        }

        boolean isRunning() {
            return sequence.isAdmitted() && sequence.endReason() == null;
        }

        @Override
        public long counter() {
            return sequence.counter();
        }

        @Override
        public int tokens() {
            return sequence.tokens().size();
        }

        @Override
        public PromptGroup group() {
            return sequence.group();
        }

        @Override
        public Optional<Objection> objectionTo(Intervention intervention) {
            if (intervention instanceof Abort) {
                return Optional.empty();
            }
            if (intervention instanceof Branch branch) {
                return objectionTo(branch);
            }
            return Optional.of(Objection.unsupported("this decode loop cannot do " + intervention));
        }

        @Override
        public List<Long> apply(Intervention intervention) {
            objectionTo(intervention).ifPresent(objection -> {
                throw new IllegalStateException(objection.sentence());
            });
            if (intervention instanceof Branch branch) {
                return branch(branch);
            }
            stop(EndReason.ABORTED);
            return List.of();
        }

        private Optional<Objection> objectionTo(Branch branch) {
            if (branch.atToken() < 0) {
                return Optional.of(
                        Objection.unsupported("cannot fork at token " + branch.atToken() + ": at least 0 is needed"));
            }
            if (branch.atToken() >= tokens()) {
                return Optional.of(Objection.refused(
                        RefusalReason.NOT_NOW,
                        "cannot fork at token " + branch.atToken() + ": the sequence has " + tokens()
                                + " tokens so far"));
            }
            if (branch.width() < 1) {
                return Optional.of(
                        Objection.unsupported("cannot start " + branch.width() + " branches: at least 1 is needed"));
            }
            if (!decoder.hasWordForFork(sequence, branch.atToken())) {
                return Optional.of(Objection.refused(
                        RefusalReason.NOT_NOW,
                        "every word of the vocabulary was taken at token " + branch.atToken() + " before"));
            }
            return decoder.hasRoomForFork(sequence, branch.atToken())
                    ? Optional.empty()
                    : Optional.of(Objection.refused(
                            RefusalReason.NO_ROOM, "no room for another branch: all slots or blocks are taken"));
        }

        private List<Long> branch(Branch branch) {
            List<LiveSequence> children =
                    decoder.fork(sequence, branch.atToken(), branch.width(), nextCounter::getAndIncrement);
            for (LiveSequence child : children) {
                child.group().branchStarts();
                add(child, decoder);
                touched.accept(child);
            }
            return children.stream().map(LiveSequence::counter).toList();
        }

        void stop(EndReason reason) {
            if (sequence.endReason() == null) {
                decoder.stop(sequence, reason);
                touched.accept(sequence);
            }
        }
    }
}
