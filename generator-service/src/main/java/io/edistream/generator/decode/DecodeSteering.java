package io.edistream.generator.decode;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Intervention.Branch;
import io.edistream.sequences.Intervention.Conclude;
import io.edistream.sequences.Intervention.Reroute;
import io.edistream.sequences.Intervention.SetSampling;
import io.edistream.sequences.Intervention.Start;
import io.edistream.sequences.Intervention.Stop;
import io.edistream.sequences.Objection;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.hub.Steering;
import io.edistream.sequences.hub.TrackedSequence;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the decode loop can do with one of its sequences. */
final class DecodeSteering implements Steering {

    private final SequenceHub hub;
    private final LiveSequence sequence;
    private final RouteDecoder decoder;
    private final Intake intake;

    private DecodeSteering(SequenceHub hub, LiveSequence sequence, RouteDecoder decoder, Intake intake) {
        this.hub = hub;
        this.sequence = sequence;
        this.decoder = decoder;
        this.intake = intake;
    }

    /** Lets the hub know a sequence. */
    static void track(SequenceHub hub, LiveSequence sequence, RouteDecoder decoder, Intake intake) {
        hub.track(sequence.tracked(), new DecodeSteering(hub, sequence, decoder, intake));
    }

    @Override
    public Optional<Objection> objectionTo(Intervention intervention) {
        // A switch over the kinds would be checked for completeness from Java 21 on.
        if (intervention instanceof Branch branch) {
            return objectionTo(branch);
        } else if (intervention instanceof Conclude conclude) {
            return new Conclusion(sequence, decoder).objectionTo(conclude);
        } else if (intervention instanceof Reroute reroute) {
            return objectionTo(reroute);
        } else if (intervention instanceof SetSampling set) {
            return objectionTo(set.sampling());
        } else if (intervention instanceof Start start) {
            return objectionTo(start);
        }
        return Optional.empty();
    }

    @Override
    public List<TrackedSequence> apply(Intervention intervention) {
        if (intervention instanceof Branch branch) {
            return branch(branch);
        } else if (intervention instanceof Conclude conclude) {
            sequence.force(new Conclusion(sequence, decoder).ids(conclude));
            return List.of();
        } else if (intervention instanceof Reroute reroute) {
            return List.of(reroute(reroute));
        } else if (intervention instanceof SetSampling set) {
            sequence.changeSampling(set.sampling().appliedTo(sequence.sampling()));
            return List.of();
        } else if (intervention instanceof Start start) {
            return start(start);
        }
        stop(((Stop) intervention).reason());
        return List.of();
    }

    @Override
    public boolean isForcing() {
        return sequence.isForcing();
    }

    @Override
    public void withdraw() {
        sequence.withdraw();
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
        if (!decoder.hasWordForBranch(sequence, branch.atToken())) {
            return Optional.of(Objection.refused(
                    RefusalReason.NOT_NOW,
                    "every word of the vocabulary was taken at token " + branch.atToken() + " before"));
        }
        return decoder.hasRoomForBranch(sequence, branch.atToken())
                ? Optional.empty()
                : Optional.of(Objection.refused(
                        RefusalReason.NO_ROOM, "no room for another branch: all slots or blocks are taken"));
    }

    private List<TrackedSequence> branch(Branch branch) {
        List<LiveSequence> children = decoder.branch(sequence, branch.atToken(), branch.width());
        children.forEach(child -> track(hub, child, decoder, intake));
        return children.stream().map(LiveSequence::tracked).toList();
    }

    private Optional<Objection> objectionTo(Reroute reroute) {
        RouteDecoder target = intake.decoder(reroute.route());
        if (target == null) {
            return Optional.of(Objection.unsupported("no route " + reroute.route() + "; there is " + intake.routes()));
        }
        if (target == decoder) {
            return Optional.of(Objection.refused(
                    RefusalReason.NOT_NOW, "the sequence is decoded on route " + reroute.route() + " already"));
        }
        if (reroute.fromPrompt()
                && sequence.tracked().generation().isHeard()
                && !sequence.tokens().isEmpty()) {
            return Optional.of(Objection.refused(
                    RefusalReason.CALLER, "its caller has heard tokens that would have to be taken back"));
        }
        Optional<Objection> toSampling = objectionTo(reroute.sampling());
        if (toSampling.isPresent()) {
            return toSampling;
        }
        return Rerouting.of(sequence, target, reroute.fromPrompt()) instanceof Rerouting.Impossible impossible
                ? Optional.of(impossible.objection())
                : Optional.empty();
    }

    private TrackedSequence reroute(Reroute reroute) {
        @Nullable RouteDecoder target = intake.decoder(reroute.route());
        if (target == null
                || !(Rerouting.of(sequence, target, reroute.fromPrompt()) instanceof Rerouting.Possible plan)) {
            throw new IllegalStateException("there was an objection to route " + reroute.route());
        }
        // What a command changed of the sampling ends with the sequence.
        Sampling sampling = reroute.sampling().appliedTo(sequence.start().sampling());
        LiveSequence next = intake.continuation(sequence, plan, sampling, Continuation.Cause.REROUTE);
        if (reroute.fromPrompt()) {
            sequence.tracked().discard();
        }
        stop(EndReason.REROUTED);
        return next.tracked();
    }

    private Optional<Objection> objectionTo(SamplingChange change) {
        try {
            Sampling unused = change.appliedTo(sequence.sampling());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(Objection.unsupported(e.getMessage()));
        }
    }

    private Optional<Objection> objectionTo(Start start) {
        return intake.room() < start.samples()
                ? Optional.of(Objection.refused(
                        RefusalReason.NO_ROOM,
                        "no room for " + start.samples() + " more samples: too many requests wait"))
                : objectionTo(start.sampling());
    }

    private List<TrackedSequence> start(Start start) {
        Sampling sampling = start.sampling().appliedTo(sequence.start().sampling());
        return Stream.generate(
                        () -> intake.sampleLike(sequence, sampling, decoder).tracked())
                .limit(start.samples())
                .toList();
    }
}
