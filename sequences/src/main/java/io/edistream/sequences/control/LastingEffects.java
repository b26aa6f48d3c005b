package io.edistream.sequences.control;

import io.edistream.sequences.Intervention;
import io.edistream.sequences.RunningSequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was applied and is not over with that: tokens are drawn otherwise until the sequence ends, or forced ones are not all in
 * it yet. Used by one thread.
 */
final class LastingEffects {

    /** Most that one sequence has at a time. */
    static final int MAX_PER_SEQUENCE = 16;

    private final Map<Long, List<Effect>> bySequence = new LinkedHashMap<>();

    /** Whether a sequence may have one more of these. */
    boolean hasRoomFor(Intervention intervention, RunningSequence sequence) {
        return !lasts(intervention)
                || bySequence.getOrDefault(sequence.counter(), List.of()).size() < MAX_PER_SEQUENCE;
    }

    /** Something was applied. */
    void applied(ReceivedCommand received, Intervention intervention, RunningSequence sequence) {
        if (lasts(intervention)) {
            bySequence
                    .computeIfAbsent(sequence.counter(), unknown -> new ArrayList<>())
                    .add(new Effect(received, intervention, sequence));
        }
    }

    /** A sequence has ended. What it had forced and never got was in vain; these are returned. */
    List<Effect> ended(RunningSequence sequence) {
        List<Effect> all = bySequence.remove(sequence.counter());
        return all == null ? List.of() : unfinished(all, sequence, false);
    }

    /** What a sequence was told to force last is in vain; it is returned, if there is any. */
    Optional<Effect> forcesInVain(RunningSequence sequence) {
        List<Effect> all = bySequence.getOrDefault(sequence.counter(), List.of());
        Optional<Effect> last = last(all);
        last.ifPresent(all::remove);
        return last;
    }

    /** Takes everything back that can be; returns what was not over. */
    List<Effect> takeBack() {
        List<Effect> all = new ArrayList<>();
        Map<Long, List<Effect>> left = new LinkedHashMap<>();
        for (List<Effect> ofOne : bySequence.values()) {
            RunningSequence sequence = ofOne.get(0).sequence;
            List<Effect> unfinished = unfinished(ofOne, sequence, true);
            sequence.withdraw();
            if (sequence.isForcing()) {
                Optional<Effect> stays = last(unfinished);
                stays.ifPresent(effect -> {
                    unfinished.remove(effect);
                    left.put(sequence.counter(), new ArrayList<>(List.of(effect)));
                });
            }
            all.addAll(unfinished);
        }
        bySequence.clear();
        bySequence.putAll(left);
        return all;
    }

    /** The last conclusion, which is the one that forces. */
    private static Optional<Effect> last(List<Effect> all) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).intervention instanceof Intervention.Conclude) {
                return Optional.of(all.get(i));
            }
        }
        return Optional.empty();
    }

    /** Forced tokens that are in the sequence stay: to have them forced was all. The last one forces, those before are through. */
    private static List<Effect> unfinished(List<Effect> all, RunningSequence sequence, boolean samplingToo) {
        List<Effect> unfinished = new ArrayList<>();
        boolean forcing = sequence.isForcing();
        for (int i = all.size() - 1; i >= 0; i--) {
            Effect effect = all.get(i);
            if (effect.intervention instanceof Intervention.Conclude) {
                if (forcing) {
                    unfinished.add(0, effect);
                }
                forcing = false;
            } else if (samplingToo) {
                unfinished.add(0, effect);
            }
        }
        return unfinished;
    }

    private static boolean lasts(Intervention intervention) {
        return intervention instanceof Intervention.SetSampling || intervention instanceof Intervention.Conclude;
    }

    /**
     * One of them.
     *
     * @param received the command
     * @param intervention what it asked for
     * @param sequence of which
     */
    record Effect(ReceivedCommand received, Intervention intervention, RunningSequence sequence) {}
}
