package io.edistream.gateway.watch;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.Continuation.Cause;
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
import io.edistream.sequences.hub.Generation;
import io.edistream.sequences.hub.SequenceFacts;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.hub.Steering;
import io.edistream.sequences.hub.TrackedSequence;
import io.edistream.sequences.metrics.SequenceLedger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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
    private final @Nullable AnswerSteering steering;
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
            @Nullable AnswerSteering steering) {
        this.watch = watch;
        this.hub = hub;
        this.group = group;
        this.facts = facts;
        this.steering = steering;
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
        Choice of = choices.get(choice);
        watch.tell(() -> {
            if (of.served != null) {
                of.served.content.answers(text);
            }
        });
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

    /** One choice, and the sequence that serves it now. */
    private final class Choice {

        private final int index;
        private final long counter;

        /** Of the thread that brings tokens: those that the hub could not take in. */
        private int lost;

        /** Of the hub's thread; null until the answer is open. */
        private @Nullable Served served;

        /** Of the hub's thread: how often it was tried to go on with another route. */
        private int reroutes;

        /** Of the hub's thread: how often it was tried to end its reasoning. */
        private int conclusions;

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
                if (served != null && served.runs()) {
                    served.tracked.end(reason);
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
            Generation generation = hub.request(counter, group, TokenListener.NONE);
            Served first = new Served(this, generation, counter, facts, promptTokens, null);
            group.sampleWaits();
            first.opens(nowMicros);
            served = first;
        }

        private void take(List<DecodedToken> tokens, String text) {
            // Of an ended one more may be under way: the engine goes on until it notices.
            if (served != null && served.runs() && !tokens.isEmpty()) {
                served.append(tokens, text);
            }
        }

        private boolean runs() {
            return served != null && served.runs();
        }
    }

    /** One sequence. Of the hub's thread. */
    private final class Served implements Steering {

        private final Choice choice;
        private final AnswerFacts of;
        private final TrackedSequence tracked;
        private final SequenceLedger ledger;
        private final StreamedContent content = new StreamedContent(watch.keepsText());

        /** What is to continue it, until that is decided. */
        private @Nullable Served next;

        /** Whether that is to continue it behind the end of its reasoning. */
        private boolean concludes;

        /** Whether its engine was asked to end its reasoning, and that is open. */
        private boolean forcing;

        private Served(
                Choice choice,
                Generation generation,
                long counter,
                AnswerFacts of,
                int promptTokens,
                @Nullable Continuation continues) {
            this.choice = choice;
            this.of = of;
            SequenceFacts sequence = new SequenceFacts(
                    of.model(),
                    of.route(),
                    new Engine(of.upstream(), of.abilities(), false),
                    of.kind(),
                    of.vocabulary(),
                    promptTokens,
                    List.of(),
                    of.sampling(),
                    List.of(),
                    null,
                    continues,
                    of.request(),
                    of.traceContext(),
                    null);
            tracked = hub.create(counter, generation, sequence, content);
            ledger = watch.ledger(of.model(), of.route());
            hub.track(tracked, this);
        }

        private void opens(long nowMicros) {
            ledger.started(1);
            ledger.runs(true);
            tracked.open(nowMicros);
        }

        private boolean runs() {
            return tracked.endReason() == null;
        }

        private void append(List<DecodedToken> tokens, String text) {
            tokens.forEach(tracked::append);
            ledger.decoded(tokens.size());
            content.add(text);
            content.reached(tokens.get(tokens.size() - 1).phase());
        }

        @Override
        public Optional<Objection> objectionTo(Intervention intervention) {
            if (steering == null) {
                return Optional.of(Objection.refused(
                        RefusalReason.NOT_NOW, "the answer is not streamed, so that it cannot be steered"));
            }
            if (intervention instanceof Intervention.Reroute reroute) {
                return objection(onward(reroute));
            }
            if (intervention instanceof Intervention.Conclude conclude) {
                return objection(conclusion(conclude));
            }
            return group.hasStrategy() && group.isLastHope()
                    ? Optional.of(Objection.refused(
                            RefusalReason.LAST_OF_GROUP,
                            "it is the last sample of a strategy that runs, and none has finished by itself"))
                    : Optional.empty();
        }

        private static Optional<Objection> objection(Onward onward) {
            return onward instanceof Onward.Impossible impossible
                    ? Optional.of(impossible.objection())
                    : Optional.empty();
        }

        private Onward onward(Intervention.Reroute reroute) {
            return isBusy() || steering == null
                    ? busy()
                    : steering.onward(choice.index, reroute, content.phase(), answerTokens(), choice.reroutes);
        }

        /** Those of the answer, which earlier sequences may have begun. */
        private int answerTokens() {
            Continuation continues = tracked.facts().continues();
            return tracked.tokens() + (continues == null ? 0 : continues.sharedTokens());
        }

        private Onward conclusion(Intervention.Conclude conclude) {
            return isBusy() || steering == null
                    ? busy()
                    : steering.conclusion(choice.index, conclude, content.phase(), answerTokens(), choice.conclusions);
        }

        private boolean isBusy() {
            return next != null || forcing;
        }

        private Onward busy() {
            return new Onward.Impossible(Objection.refused(
                    RefusalReason.NOT_NOW,
                    forcing ? "its reasoning is being ended" : "another request is asked to go on already"));
        }

        /** While others of the answer run, the engine goes on for them; and what reads a prompt cannot be stopped at once. */
        @Override
        public Effect effectOf(Intervention intervention) {
            if (intervention instanceof Intervention.Conclude conclude
                    && conclusion(conclude) instanceof Onward.InPlace) {
                return Effect.STOPPED;
            }
            long running = choices.stream().filter(Choice::runs).count();
            if (running > 1) {
                return Effect.HIDDEN;
            }
            return of.stopsWhenClosed() && tracked.tokens() > 0 ? Effect.STOPPED : Effect.CLOSED;
        }

        @Override
        public List<TrackedSequence> apply(Intervention intervention) {
            if (intervention instanceof Intervention.Reroute reroute) {
                Onward how = onward(reroute);
                choice.reroutes++;
                return apply(how, Cause.REROUTE);
            }
            if (intervention instanceof Intervention.Conclude conclude) {
                Onward how = conclusion(conclude);
                choice.conclusions++;
                return apply(how, Cause.CONCLUDE);
            }
            Intervention.Stop stop = (Intervention.Stop) intervention;
            stop(stop.reason(), stop.rule(), stop.because());
            return List.of();
        }

        private List<TrackedSequence> apply(Onward how, Cause cause) {
            if (how instanceof Onward.Possible possible) {
                return List.of(goOn(possible, cause));
            } else if (how instanceof Onward.InPlace inPlace) {
                conclude(inPlace);
                return List.of();
            }
            throw new IllegalStateException("there was an objection to " + cause);
        }

        private void conclude(Onward.InPlace how) {
            forcing = true;
            how.begin().accept(new Forcing() {
                @Override
                public void isThrough() {
                    watch.tell(() -> forcing = false);
                }

                @Override
                public void isInVain(String why) {
                    watch.tell(() -> {
                        // Of one that has ended it is said anyhow.
                        if (runs()) {
                            hub.forcesInVain(tracked, why);
                            forcing = false;
                        }
                    });
                }
            });
        }

        private TrackedSequence goOn(Onward.Possible how, Cause cause) {
            Continuation continues = new Continuation(tracked.counter(), cause, how.method(), tracked.tokens());
            group.continuationWaits();
            Served rest = new Served(choice, tracked.generation(), hub.nextCounter(), how.facts(), -1, continues);
            next = rest;
            concludes = cause == Cause.CONCLUDE;
            how.begin().accept(new Rest() {
                @Override
                public void goesOn(Continuation.Method method, int sharedTokens) {
                    watch.tell(() -> Served.this.goesOn(rest, method, sharedTokens));
                }

                @Override
                public void cannot() {
                    watch.tell(() -> Served.this.cannot(rest));
                }
            });
            return rest.tracked;
        }

        private void goesOn(Served rest, Continuation.Method method, int sharedTokens) {
            next = null;
            // A command may have ended both meanwhile.
            if (rest.runs()) {
                rest.tracked.sharesTokens(method, sharedTokens);
                rest.opens(watch.clock().micros());
                choice.served = rest;
                if (runs()) {
                    tracked.end(concludes ? EndReason.CONCLUDED : EndReason.REROUTED);
                }
            }
        }

        private void cannot(Served rest) {
            if (concludes && runs()) {
                hub.forcesInVain(tracked, "its upstream could not go on behind its reasoning, or that ended first");
            }
            // Of one that has ended it is said anyhow, as long as it waits for this.
            next = concludes && !runs() ? rest : null;
            if (rest.runs()) {
                rest.end(EndReason.ERROR);
                hub.servesAgain(tracked);
            }
        }

        @Override
        public boolean isForcing() {
            return forcing || (concludes && next != null);
        }

        @Override
        public void withdraw() {
            // What an engine was asked for it does.
        }

        @Override
        public void stop(EndReason reason) {
            stop(reason, null, "");
        }

        private void stop(EndReason reason, @Nullable String rule, String because) {
            // First, since that is what the engine notices last.
            if (steering != null && choice.served == this) {
                steering.end(choice.index, new Ended(reason, rule, because, tracked.tokens()));
            }
            if (runs()) {
                end(reason);
            }
            if (next != null && next.runs()) {
                next.end(reason);
            }
        }

        /** Also one that waits is told of, so that whoever reads of it in an outcome finds it. */
        private void end(EndReason reason) {
            if (!tracked.wasOpened()) {
                opens(watch.clock().micros());
            }
            tracked.end(reason);
        }

        @Override
        public void reported(EndReason reason) {
            if (tracked.wasOpened()) {
                ledger.ended(reason, tracked.tokens(), false);
                ledger.runs(false);
            }
        }
    }
}
