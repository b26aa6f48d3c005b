package io.edistream.sequences.hub;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Intervention.Branch;
import io.edistream.sequences.Objection;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.event.EntropyKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An engine whose sequences get their tokens by hand. Refuses a branch at a token that does not exist. */
final class HandEngine {

    private final SequenceHub hub;
    private final List<TrackedSequence> reported = new ArrayList<>();
    private final List<TrackedSequence> branches = new ArrayList<>();

    HandEngine(SequenceHub hub) {
        this.hub = hub;
    }

    /** The first sample of a prompt, which waits. */
    TrackedSequence submit() {
        long counter = hub.nextCounter();
        return submit(new PromptGroup(counter, 1, () -> {}), counter, new PlainContent());
    }

    TrackedSequence submit(PromptGroup group, long counter, SequenceContent content) {
        TrackedSequence sequence = hub.create(counter, group, facts(null), content);
        group.sampleWaits();
        hub.track(sequence, new HandSteering(sequence));
        return sequence;
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

    /** Sequences whose ends were reported, in order. */
    List<TrackedSequence> reported() {
        return reported;
    }

    /** All branches that were started. */
    List<TrackedSequence> branches() {
        return branches;
    }

    private static SequenceFacts facts(SequenceFacts.Origin origin) {
        return new SequenceFacts(
                "m",
                "r",
                "hand",
                EntropyKind.RAW_EXACT,
                100,
                List.of(1),
                Sampling.of(1, 0),
                List.of(),
                origin,
                null,
                null,
                null);
    }

    private final class HandSteering implements Steering {

        private final TrackedSequence sequence;

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
            if (!(intervention instanceof Branch branch)) {
                stop(EndReason.ABORTED);
                return List.of();
            }
            List<TrackedSequence> children = new ArrayList<>();
            for (int i = 0; i < branch.width(); i++) {
                SequenceFacts.Origin origin =
                        new SequenceFacts.Origin(sequence.counter(), branch.atToken(), sequence.rootCounter());
                TrackedSequence child =
                        hub.create(hub.nextCounter(), sequence.group(), facts(origin), new PlainContent());
                hub.track(child, new HandSteering(child));
                sequence.decoded().subList(0, branch.atToken()).forEach(child::append);
                child.open(1);
                children.add(child);
            }
            branches.addAll(children);
            return children;
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

        @Override
        public String newText(List<DecodedToken> tokens) {
            return "";
        }

        @Override
        public Ending ending(List<DecodedToken> tokens, EndReason reason) {
            String text = tokens.stream().map(token -> token.id() + " ").reduce("", String::concat);
            String answer = tokens.isEmpty()
                    ? null
                    : String.valueOf(tokens.get(tokens.size() - 1).id());
            return new Ending(text, false, answer, null);
        }
    }
}
