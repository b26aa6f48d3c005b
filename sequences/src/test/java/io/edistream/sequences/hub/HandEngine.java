package io.edistream.sequences.hub;

import io.edistream.sequences.Ability;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Intervention.Branch;
import io.edistream.sequences.Intervention.Conclude;
import io.edistream.sequences.Intervention.Reroute;
import io.edistream.sequences.Intervention.SetSampling;
import io.edistream.sequences.Intervention.Start;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.event.EntropyKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An engine whose sequences get their tokens by hand. Refuses a branch at a token that does not exist. */
final class HandEngine {

    private final SequenceHub hub;
    private final Set<Ability> abilities;
    private final List<TrackedSequence> reported = new ArrayList<>();
    private final List<TrackedSequence> started = new ArrayList<>();
    private final boolean keepsTokens;
    private boolean takesNothingBack;
    private final Map<TrackedSequence, HandSteering> steerings = new HashMap<>();

    HandEngine(SequenceHub hub) {
        this(hub, EnumSet.allOf(Ability.class));
    }

    HandEngine(SequenceHub hub, Set<Ability> abilities) {
        this(hub, abilities, true);
    }

    HandEngine(SequenceHub hub, Set<Ability> abilities, boolean keepsTokens) {
        this.hub = hub;
        this.abilities = abilities;
        this.keepsTokens = keepsTokens;
    }

    /** From now on what it was told to force it forces, whoever wants it back. */
    void takesNothingBack() {
        takesNothingBack = true;
    }

    /** The first sample of a prompt, which waits. */
    TrackedSequence submit() {
        return submit(TokenListener.NONE, new PlainContent());
    }

    TrackedSequence submit(TokenListener listener, SequenceContent content) {
        long counter = hub.nextCounter();
        return submit(hub.request(counter, new PromptGroup(counter, 1, () -> {}), listener), counter, null, content);
    }

    private TrackedSequence submit(
            Generation generation, long counter, @Nullable Continuation continues, SequenceContent content) {
        TrackedSequence sequence = hub.create(counter, generation, facts(null, continues), content);
        if (continues == null) {
            sequence.group().sampleWaits();
        } else {
            sequence.group().continuationWaits();
        }
        track(sequence);
        return sequence;
    }

    private void track(TrackedSequence sequence) {
        HandSteering steering = new HandSteering(sequence);
        steerings.put(sequence, steering);
        hub.track(sequence, steering);
    }

    /** One that runs. */
    TrackedSequence start() {
        TrackedSequence sequence = submit();
        sequence.open(1);
        return sequence;
    }

    static DecodedToken token(int id) {
        return DecodedToken.drawn(new TokenStats(id, 0.5f, -1, 5, 0.5f, 0.5f, 1), 0);
    }

    /** Gives a sequence its next token: one that was forced, if there is one. */
    void decode(TrackedSequence sequence, int id) {
        Integer forced = steering(sequence).forced.poll();
        sequence.append(
                forced == null ? token(id) : new DecodedToken(token(forced).stats(), 0, null, true, Phase.UNKNOWN));
    }

    private HandSteering steering(TrackedSequence sequence) {
        HandSteering steering = steerings.get(sequence);
        if (steering == null) {
            throw new IllegalArgumentException("not one of this engine's: " + sequence.counter());
        }
        return steering;
    }

    /** Sequences whose ends were reported, in order. */
    List<TrackedSequence> reported() {
        return reported;
    }

    /** All that commands have started: branches, samples, continuations. */
    List<TrackedSequence> started() {
        return started;
    }

    private SequenceFacts facts(SequenceFacts.@Nullable Origin origin, @Nullable Continuation continues) {
        return new SequenceFacts(
                "m",
                "r",
                new Engine("hand", abilities, keepsTokens),
                EntropyKind.RAW_EXACT,
                100,
                1,
                List.of(1),
                ToldSampling.of(Sampling.of(1, 0)),
                List.of(),
                origin,
                continues,
                null,
                null,
                null);
    }

    private final class HandSteering implements Steering {

        private final TrackedSequence sequence;
        private final Deque<Integer> forced = new ArrayDeque<>();
        private Sampling sampling = Sampling.of(1, 0);

        HandSteering(TrackedSequence sequence) {
            this.sequence = sequence;
        }

        @Override
        public Optional<Objection> objectionTo(Intervention intervention) {
            return intervention instanceof Branch branch && branch.atToken() >= sequence.tokens()
                    ? Optional.of(Objection.refused(RefusalReason.NOT_NOW, "no such token yet"))
                    : Optional.empty();
        }

        @Override
        public List<TrackedSequence> apply(Intervention intervention) {
            if (intervention instanceof Branch branch) {
                return branch(branch);
            } else if (intervention instanceof Start start) {
                return start(start);
            } else if (intervention instanceof Reroute) {
                Continuation continues = new Continuation(
                        sequence.counter(), Continuation.Cause.REROUTE, Continuation.Method.BY_IDS, sequence.tokens());
                TrackedSequence next = submit(sequence.generation(), hub.nextCounter(), continues, new PlainContent());
                started.add(next);
                stop(EndReason.REROUTED);
                return List.of(next);
            } else if (intervention instanceof Conclude conclude) {
                forced.addAll(conclude.ids());
            } else if (intervention instanceof SetSampling set) {
                sampling = set.sampling().appliedTo(sampling);
                sequence.changeSampling(sampling);
            } else if (intervention instanceof Intervention.Stop stop) {
                stop(stop.reason());
            }
            return List.of();
        }

        private List<TrackedSequence> branch(Branch branch) {
            List<TrackedSequence> children = new ArrayList<>();
            for (int i = 0; i < branch.width(); i++) {
                long counter = hub.nextCounter();
                TrackedSequence child = hub.create(
                        counter,
                        sequence.generation().branch(counter),
                        facts(new SequenceFacts.Origin(sequence.counter(), branch.atToken()), null),
                        new PlainContent());
                track(child);
                sequence.decoded().subList(0, branch.atToken()).forEach(child::append);
                child.open(1);
                children.add(child);
            }
            started.addAll(children);
            return children;
        }

        private List<TrackedSequence> start(Start start) {
            List<TrackedSequence> samples = new ArrayList<>();
            for (int i = 0; i < start.samples(); i++) {
                long counter = hub.nextCounter();
                sequence.group().plansOneMore();
                samples.add(submit(
                        hub.request(counter, sequence.group(), TokenListener.NONE), counter, null, new PlainContent()));
            }
            started.addAll(samples);
            return samples;
        }

        @Override
        public boolean isForcing() {
            return !forced.isEmpty();
        }

        @Override
        public void withdraw() {
            if (!takesNothingBack) {
                forced.clear();
            }
            if (!sampling.equals(Sampling.of(1, 0))) {
                sampling = Sampling.of(1, 0);
                sequence.changeSampling(sampling);
            }
        }

        @Override
        public void stop(EndReason reason) {
            sequence.end(reason);
        }

        @Override
        public void reported(EndReason reason) {
            reported.add(sequence);
        }
    }

    /** The ids, one after another; the last one is the answer. */
    static class PlainContent implements SequenceContent {

        private int told;

        @Override
        public String newText(List<DecodedToken> tokens, boolean last) {
            String text = text(tokens.subList(told, tokens.size()));
            told = tokens.size();
            return text;
        }

        @Override
        public Ending ending(List<DecodedToken> tokens, EndReason reason) {
            String answer = tokens.isEmpty()
                    ? null
                    : String.valueOf(tokens.get(tokens.size() - 1).id());
            return new Ending(text(tokens), false, answer, null);
        }

        private static String text(List<DecodedToken> tokens) {
            return tokens.stream().map(token -> token.id() + " ").reduce("", String::concat);
        }
    }
}
