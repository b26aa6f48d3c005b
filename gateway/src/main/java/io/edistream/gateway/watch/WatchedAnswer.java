package io.edistream.gateway.watch;

import io.edistream.sequences.Ability;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.hub.Engine;
import io.edistream.sequences.hub.SequenceFacts;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.hub.Steering;
import io.edistream.sequences.hub.TrackedSequence;
import io.edistream.sequences.metrics.SequenceLedger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One answer as the hub knows it: a sequence for each choice, all of one group. What is told of it is taken in by the hub's
 * thread, in that order. Used by one thread.
 */
public final class WatchedAnswer {

    private static final DecodedToken LOST = DecodedToken.unmeasured(-1, UnmeasuredReason.LOST, Phase.UNKNOWN);

    private final Watch watch;
    private final SequenceHub hub;
    private final AnswerFacts facts;
    private final @Nullable ChoiceEnder ender;
    private final PromptGroup group;
    private final List<Choice> choices = new ArrayList<>();
    private boolean opened;

    /**
     * @param first number of its first sequence
     * @param group of all its sequences
     */
    WatchedAnswer(
            Watch watch,
            SequenceHub hub,
            long first,
            PromptGroup group,
            AnswerFacts facts,
            @Nullable ChoiceEnder ender) {
        this.watch = watch;
        this.hub = hub;
        this.group = group;
        this.facts = facts;
        this.ender = ender;
        for (int index = 0; index < facts.choices(); index++) {
            choices.add(new Choice(index, index == 0 ? first : hub.nextCounter()));
        }
    }

    /** Numbers of its sequences, by choice. */
    public List<Long> counters() {
        return choices.stream().map(choice -> choice.counter).toList();
    }

    /**
     * The engine answers: its sequences run from now on.
     *
     * @param promptTokens tokens of the prompt; -1 if unknown
     */
    public void open(int promptTokens) {
        opened = true;
        long now = watch.clock().micros();
        watch.tell(() -> choices.forEach(choice -> choice.open(promptTokens, now)));
    }

    /** Whether the engine answers. */
    public boolean isOpen() {
        return opened;
    }

    /**
     * A choice has more tokens.
     *
     * @param text what they add to its text
     * @throws IllegalStateException if the answer is not open
     */
    public void append(int choice, List<DecodedToken> tokens, String text) {
        requireOpen();
        choices.get(choice).append(tokens, text);
    }

    /**
     * What the answer in a choice's text is, before the choice ends.
     *
     * @throws IllegalStateException if the answer is not open
     */
    public void answers(int choice, String text) {
        requireOpen();
        StreamedContent content = choices.get(choice).content;
        watch.tell(() -> content.answers(text));
    }

    /**
     * A choice has no more tokens. If it has ended already, nothing happens.
     *
     * @throws IllegalStateException if the answer is not open
     */
    public void end(int choice, EndReason reason) {
        requireOpen();
        choices.get(choice).end(reason);
    }

    private void requireOpen() {
        if (!opened) {
            throw new IllegalStateException("the answer is not open");
        }
    }

    /** One sequence. */
    private final class Choice implements Steering {

        private final int index;
        private final long counter;
        private final StreamedContent content = new StreamedContent(watch.keepsText());

        /** Of the thread that brings tokens: those that the hub could not take in. */
        private int lost;

        /** Of the hub's thread, as all that follows. */
        private @Nullable TrackedSequence tracked;

        private @Nullable SequenceLedger ledger;

        private Choice(int index, long counter) {
            this.index = index;
            this.counter = counter;
        }

        private void append(List<DecodedToken> tokens, String text) {
            List<DecodedToken> all = withLost(tokens);
            if (watch.offer(all.size(), () -> take(all, text))) {
                lost = 0;
            } else {
                lost += tokens.size();
                watch.lost(tokens.size());
            }
        }

        private void end(EndReason reason) {
            List<DecodedToken> rest = withLost(List.of());
            lost = 0;
            watch.tell(() -> {
                take(rest, "");
                if (tracked != null && tracked.endReason() == null) {
                    tracked.end(reason);
                }
            });
        }

        private List<DecodedToken> withLost(List<DecodedToken> tokens) {
            if (lost == 0) {
                return tokens;
            }
            List<DecodedToken> all = new ArrayList<>(Collections.nCopies(lost, LOST));
            all.addAll(tokens);
            return all;
        }

        private void open(int promptTokens, long nowMicros) {
            SequenceFacts sequence = new SequenceFacts(
                    facts.model(),
                    facts.route(),
                    new Engine(facts.upstream(), Set.of(Ability.STOP), false),
                    facts.kind(),
                    facts.vocabulary(),
                    promptTokens,
                    List.of(),
                    facts.sampling(),
                    List.of(),
                    null,
                    null,
                    facts.request(),
                    facts.traceContext(),
                    null);
            tracked = hub.create(counter, hub.request(counter, group, TokenListener.NONE), sequence, content);
            ledger = watch.ledger(facts.model(), facts.route());
            ledger.started(1);
            ledger.runs(true);
            group.sampleWaits();
            hub.track(tracked, this);
            tracked.open(nowMicros);
        }

        private void take(List<DecodedToken> tokens, String text) {
            // Of an ended one more may be under way: the engine goes on until it notices.
            if (tracked == null || ledger == null || tracked.endReason() != null || tokens.isEmpty()) {
                return;
            }
            tokens.forEach(tracked::append);
            ledger.decoded(tokens.size());
            content.add(text);
            content.reached(tokens.get(tokens.size() - 1).phase());
        }

        @Override
        public Optional<Objection> objectionTo(Intervention intervention) {
            if (ender == null) {
                return Optional.of(Objection.refused(
                        RefusalReason.NOT_NOW, "the answer is not streamed, so that it cannot be ended properly"));
            }
            return group.hasStrategy() && group.isLastHope()
                    ? Optional.of(Objection.refused(
                            RefusalReason.LAST_OF_GROUP,
                            "it is the last sample of a strategy that runs, and none has finished by itself"))
                    : Optional.empty();
        }

        /** While others of the answer run, the engine goes on for them; and what reads a prompt cannot be stopped at once. */
        @Override
        public Effect effectOf(Intervention intervention) {
            long running = choices.stream().filter(Choice::runs).count();
            if (running > 1) {
                return Effect.HIDDEN;
            }
            TrackedSequence ends = tracked;
            return facts.stopsWhenClosed() && ends != null && ends.tokens() > 0 ? Effect.STOPPED : Effect.CLOSED;
        }

        private boolean runs() {
            return tracked != null && tracked.endReason() == null;
        }

        @Override
        public List<TrackedSequence> apply(Intervention intervention) {
            Intervention.Stop stop = (Intervention.Stop) intervention;
            stop(stop.reason(), stop.rule(), stop.because());
            return List.of();
        }

        @Override
        public boolean isForcing() {
            return false;
        }

        @Override
        public void withdraw() {
            // Nothing lasts of what it can do.
        }

        @Override
        public void stop(EndReason reason) {
            stop(reason, null, "");
        }

        private void stop(EndReason reason, @Nullable String rule, String because) {
            TrackedSequence ends = tracked;
            if (ends != null) {
                // First, since that is what the engine notices last.
                if (ender != null) {
                    ender.end(index, new Ended(reason, rule, because, ends.tokens()));
                }
                ends.end(reason);
            }
        }

        @Override
        public void reported(EndReason reason) {
            if (tracked != null && ledger != null) {
                ledger.ended(reason, tracked.tokens(), false);
                ledger.runs(false);
            }
        }
    }
}
