package io.edistream.generator.decode;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Intervention.Branch;
import io.edistream.sequences.Intervention.Stop;
import io.edistream.sequences.Objection;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.hub.Steering;
import io.edistream.sequences.hub.TrackedSequence;
import java.util.List;
import java.util.Optional;

/** What the decode loop can do with one of its sequences. */
final class DecodeSteering implements Steering {

    private final SequenceHub hub;
    private final LiveSequence sequence;
    private final RouteDecoder decoder;

    private DecodeSteering(SequenceHub hub, LiveSequence sequence, RouteDecoder decoder) {
        this.hub = hub;
        this.sequence = sequence;
        this.decoder = decoder;
    }

    /** Lets the hub know a sequence. */
    static void track(SequenceHub hub, LiveSequence sequence, RouteDecoder decoder) {
        hub.track(sequence.tracked(), new DecodeSteering(hub, sequence, decoder));
    }

    @Override
    public Optional<Objection> objectionTo(Intervention intervention) {
        return intervention instanceof Branch branch ? objectionTo(branch) : Optional.empty();
    }

    @Override
    public List<TrackedSequence> apply(Intervention intervention) {
        if (intervention instanceof Branch branch) {
            return branch(branch);
        }
        stop(((Stop) intervention).reason());
        return List.of();
    }

    @Override
    public void stop(EndReason reason) {
        decoder.stop(sequence, reason);
    }

    @Override
    public void reported(EndReason reason) {
        decoder.reportEnd(sequence, reason);
    }

    private Optional<Objection> objectionTo(Branch branch) {
        int tokens = sequence.tokens().size();
        if (branch.atToken() < 0) {
            return Optional.of(
                    Objection.unsupported("cannot fork at token " + branch.atToken() + ": at least 0 is needed"));
        }
        if (branch.atToken() >= tokens) {
            return Optional.of(Objection.refused(
                    RefusalReason.NOT_NOW,
                    "cannot fork at token " + branch.atToken() + ": the sequence has " + tokens + " tokens so far"));
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

    private List<TrackedSequence> branch(Branch branch) {
        List<LiveSequence> children = decoder.fork(sequence, branch.atToken(), branch.width());
        children.forEach(child -> track(hub, child, decoder));
        return children.stream().map(LiveSequence::tracked).toList();
    }
}
