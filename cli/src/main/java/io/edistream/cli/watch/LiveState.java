package io.edistream.cli.watch;

import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.RunText;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the sequences and commands of all sources, beginning anywhere in their streams. Topics are read in no
 * order among each other, so what ended waits for what the others say of it. Memory is bounded: of each kind of thing at
 * most so many are kept, and the oldest one goes. Called by one thread.
 */
final class LiveState {

    /** So long is waited for what another topic says of the same thing. */
    static final long GRACE_NANOS = 5_000_000_000L;

    /** A sequence of which nothing was heard for so long is taken for one whose end was not seen. */
    static final long SILENCE_NANOS = 300_000_000_000L;

    /** Is told what is worth a line. */
    interface Listener {

        /** A sequence has ended, and all is known of it that will be. */
        void onEnd(LiveSequence sequence);

        /** A command, and what became of it as far as that is known. */
        void onDecision(Decision decision, @Nullable LiveSequence sequence);
    }

    private final int maxKept;
    private final Wanted wanted;
    private final boolean withText;
    private final Listener listener;
    private final Totals totals = new Totals();

    /** In the order in which they were last heard of. */
    private final Map<SequenceKey, LiveSequence> live = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<SequenceKey, LiveSequence> ending = new LinkedHashMap<>();
    private final Map<SequenceKey, Boolean> ended = new LinkedHashMap<>();
    private final Map<String, Decision> decisions = new LinkedHashMap<>();
    private final Map<String, Decision> untold = new LinkedHashMap<>();

    /**
     * An empty state.
     *
     * @param maxKept the most sequences that are kept, and the most commands, at least 1
     * @param withText whether texts and answers may be kept
     */
    LiveState(int maxKept, Wanted wanted, boolean withText, Listener listener) {
        this.maxKept = maxKept;
        this.wanted = wanted;
        this.withText = withText;
        this.listener = listener;
    }

    /** Takes a step of a source. */
    void onStep(TokenEntropyBatch step, long nowNanos) {
        long generator = Ids.generator(step.getGenerator());
        if (!wanted.matches(generator, wanted.model(), wanted.request())) {
            return;
        }
        totals.heard(generator);
        for (SequenceStart start : step.getStarts()) {
            LiveSequence sequence = running(new SequenceKey(generator, start.getSequence()), nowNanos);
            if (sequence != null) {
                sequence.start(start);
            }
        }
        addRuns(generator, step, nowNanos);
        for (SequenceFinish finish : step.getFinishes()) {
            SequenceKey key = new SequenceKey(generator, finish.getSequence());
            LiveSequence sequence = running(key, nowNanos);
            if (sequence != null) {
                sequence.finish(finish, withText);
                end(sequence);
            }
        }
    }

    private void addRuns(long generator, TokenEntropyBatch step, long nowNanos) {
        Map<Integer, String> texts = new HashMap<>();
        if (withText) {
            for (RunText text : step.getTexts()) {
                texts.put(text.getRun(), text.getText());
            }
        }
        int place = 0;
        int index = 0;
        for (TokenRun run : step.getRuns()) {
            LiveSequence sequence = running(new SequenceKey(generator, run.getSequence()), nowNanos);
            if (sequence != null) {
                int own = sequence.add(run.getFirstToken(), run.getTokens(), step.getEntropies(), place);
                sequence.addText(texts.getOrDefault(index, ""));
                totals.decoded(isWanted(sequence) ? own : 0);
            }
            place += run.getTokens();
            index++;
        }
    }

    /** Takes a running or final score. */
    void onScore(Score score, long nowNanos) {
        SequenceKey key = SequenceKey.of(score.getSequence());
        if (!wanted.matches(key.generator(), wanted.model(), wanted.request())) {
            return;
        }
        LiveSequence sequence = running(key, nowNanos);
        if (sequence != null) {
            sequence.score(score);
            if (score.getFinal$()) {
                end(sequence);
            }
        }
    }

    /** The sequence, new if it was never heard of; null if all was told of it already. */
    private @Nullable LiveSequence running(SequenceKey key, long nowNanos) {
        if (ended.containsKey(key)) {
            return null;
        }
        LiveSequence sequence =
                ending.containsKey(key) ? ending.get(key) : live.computeIfAbsent(key, LiveSequence::new);
        sequence.touch(nowNanos);
        if (live.size() > maxKept) {
            totals.leftOutSequence();
            removeEldest(live);
        }
        return sequence;
    }

    private void end(LiveSequence sequence) {
        live.remove(sequence.key());
        ending.put(sequence.key(), sequence);
        if (sequence.isComplete()) {
            tellEnd(sequence);
        } else if (ending.size() > maxKept) {
            tellEnd(ending.values().iterator().next());
        }
    }

    private void tellEnd(LiveSequence sequence) {
        ending.remove(sequence.key());
        ended.put(sequence.key(), true);
        if (ended.size() > maxKept) {
            removeEldest(ended);
        }
        if (isWanted(sequence)) {
            FinishReason reason = sequence.reason();
            totals.ended(reason == null ? FinishReason.UNKNOWN : reason);
            listener.onEnd(sequence);
        }
    }

    /** Takes a command. */
    void onCommand(Command command, long nowNanos) {
        SequenceKey key = SequenceKey.of(command.getSequence());
        if (!wanted.matches(key.generator(), command.getModel(), command.getRequest())) {
            return;
        }
        String id = Ids.text(command.getCommandId());
        Decision decision = decision(id, () -> new Decision(key, command.getAction(), command.getRule(), nowNanos));
        decision.command(command);
        tellIfComplete(id, decision);
    }

    /** Takes what became of a command. */
    void onOutcome(CommandOutcome outcome, long nowNanos) {
        SequenceKey key = SequenceKey.of(outcome.getSequence());
        if (!wanted.matches(key.generator(), wanted.model(), wanted.request())) {
            return;
        }
        String id = Ids.text(outcome.getCommandId());
        Decision decision = decision(id, () -> new Decision(key, outcome.getAction(), outcome.getRule(), nowNanos));
        if (decision.outcome(outcome)) {
            totals.settled(outcome.getKind());
            untold.put(id, decision);
            tellIfComplete(id, decision);
        }
    }

    private Decision decision(String id, Supplier<Decision> made) {
        Decision known = decisions.get(id);
        if (known != null) {
            return known;
        }
        Decision decision = made.get();
        decisions.put(id, decision);
        untold.put(id, decision);
        if (decisions.size() > maxKept) {
            Map.Entry<String, Decision> eldest = decisions.entrySet().iterator().next();
            if (untold.containsKey(eldest.getKey())) {
                tell(eldest.getKey(), eldest.getValue());
            }
            decisions.remove(eldest.getKey());
        }
        return decision;
    }

    private void tellIfComplete(String id, Decision decision) {
        if (untold.containsKey(id) && decision.kind() != null && decision.reason() != null) {
            tell(id, decision);
        }
    }

    private void tell(String id, Decision decision) {
        untold.remove(id);
        if (!wanted.matches(decision.sequence().generator(), decision.model(), decision.request())) {
            return;
        }
        // A problem whose last hope may not be stopped is asked to stop it again and again.
        if (decision.kind() != OutcomeKind.REFUSED) {
            SequenceKey key = decision.sequence();
            LiveSequence sequence = ending.get(key);
            listener.onDecision(decision, sequence == null ? live.get(key) : sequence);
        }
    }

    /** Time passes: what waited long enough is told, and what fell silent is left out. */
    void onTime(long nowNanos) {
        for (Map.Entry<String, Decision> entry : List.copyOf(untold.entrySet())) {
            if (nowNanos - entry.getValue().sinceNanos() < GRACE_NANOS) {
                break;
            }
            tell(entry.getKey(), entry.getValue());
        }
        List<LiveSequence> waited = new ArrayList<>();
        for (LiveSequence sequence : ending.values()) {
            if (nowNanos - sequence.touchedNanos() >= GRACE_NANOS) {
                waited.add(sequence);
            }
        }
        waited.forEach(this::tellEnd);
        Iterator<LiveSequence> eldest = live.values().iterator();
        while (eldest.hasNext() && nowNanos - eldest.next().touchedNanos() >= SILENCE_NANOS) {
            eldest.remove();
            totals.leftOutSequence();
        }
    }

    /** Nothing more will come. */
    void onClose() {
        Map.copyOf(untold).forEach(this::tell);
        List.copyOf(ending.values()).forEach(this::tellEnd);
    }

    boolean isWanted(LiveSequence sequence) {
        return wanted.matches(sequence.key().generator(), sequence.model(), sequence.request());
    }

    /** Those that run, whether they are wanted or not. */
    Collection<LiveSequence> live() {
        return live.values();
    }

    Totals totals() {
        return totals;
    }

    private static void removeEldest(Map<?, ?> map) {
        Iterator<?> keys = map.keySet().iterator();
        keys.next();
        keys.remove();
    }
}
