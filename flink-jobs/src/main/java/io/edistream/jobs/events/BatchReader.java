package io.edistream.jobs.events;

import io.edistream.jobs.events.SequenceEvent.Finish;
import io.edistream.jobs.events.SequenceEvent.Origin;
import io.edistream.jobs.events.SequenceEvent.Start;
import io.edistream.jobs.events.SequenceEvent.Unusable;
import io.edistream.jobs.types.Symbols;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Token;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.signals.Scoring;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a batch apart into events, in the order that the contract asks for: starts, runs, finishes. What makes no sense
 * by itself becomes an {@link Unusable}; everything else of the batch goes on.
 */
public final class BatchReader {

    /** The largest token index: room for any model, and far from where counters overflow. */
    public static final int MAX_TOKEN = (1 << 24) - 1;

    /** The longest name of a model or route: names are kept in the state of every sequence. */
    public static final int MAX_NAME_CHARACTERS = 256;

    private static final int MIN_VOCABULARY = 2;
    private static final int MAX_CLASSES = io.edistream.signals.Token.MAX_CLASS + 1;

    private final long generator;
    private final TokenEntropyBatch batch;
    private final Origin origin;
    private final Consumer<SequenceEvent> out;

    private BatchReader(TokenEntropyBatch batch, Origin origin, Consumer<SequenceEvent> out) {
        this.generator = Ids.generator(batch.getGenerator());
        this.batch = batch;
        this.origin = origin;
        this.out = out;
    }

    /** Hands the events of a batch to {@code out}. */
    public static void read(TokenEntropyBatch batch, Origin origin, Consumer<SequenceEvent> out) {
        new BatchReader(batch, origin, out).read();
    }

    private void read() {
        checkDetails();
        batch.getStarts().forEach(this::readStart);
        batch.getRuns().forEach(this::readRun);
        batch.getFinishes().forEach(this::readFinish);
    }

    /** No signal of the catalogue uses details yet, so that the tokens themselves remain usable. */
    private void checkDetails() {
        int details = batch.getDetails().size();
        if (details == 0) {
            return;
        }
        int tokens =
                batch.getRuns().stream().mapToInt(run -> run.getTokens().size()).sum();
        if (details != tokens) {
            out.accept(new Unusable(
                    new SequenceKey(generator, 0),
                    origin,
                    false,
                    RejectReason.DETAILS_MISMATCH,
                    details + " details in record " + batch.getRecordNumber() + ": must be none or one for each of its "
                            + tokens + " tokens; the tokens were used without them",
                    Unusable.NO_TOKEN,
                    Optional.empty()));
        }
    }

    private void readStart(SequenceStart start) {
        SequenceKey key = new SequenceKey(generator, start.getSequence());
        String problem = problem(start);
        if (problem != null) {
            reject(key, RejectReason.BAD_VALUE, problem + "; the sequence is not watched", Unusable.NO_TOKEN);
            return;
        }
        Integer fork = start.getForkToken();
        out.accept(new Start(
                key,
                origin,
                start.getGroup(),
                start.getModel(),
                start.getRoute(),
                Symbols.position(start.getEntropyKind()),
                start.getVocabularySize(),
                fork == null ? 0 : fork + 1,
                classNames(start)));
    }

    /** A name that is too long to be tracked comes without one. */
    private static List<String> classNames(SequenceStart start) {
        return start.getTokenClasses().isEmpty()
                ? List.of(Scoring.NO_CLASS)
                : start.getTokenClasses().stream()
                        .map(name -> name.length() > Scoring.MAX_CLASS_NAME_CHARACTERS ? Scoring.NO_CLASS : name)
                        .toList();
    }

    private static @Nullable String problem(SequenceStart start) {
        if (badName(start.getModel())) {
            return nameProblem("model", start.getModel());
        }
        if (badName(start.getRoute())) {
            return nameProblem("route", start.getRoute());
        }
        if (start.getVocabularySize() < MIN_VOCABULARY) {
            return "vocabulary of " + start.getVocabularySize() + " tokens in the start: must be at least "
                    + MIN_VOCABULARY;
        }
        if (start.getTokenClasses().size() > MAX_CLASSES) {
            return start.getTokenClasses().size() + " token classes in the start: must be at most " + MAX_CLASSES;
        }
        Integer fork = start.getForkToken();
        if ((fork == null) != (start.getParent() == null)) {
            return "fork token " + fork + " with parent " + start.getParent()
                    + " in the start: must be both there or both absent";
        }
        if (fork != null && (fork < 0 || fork >= MAX_TOKEN)) {
            return "fork token " + fork + " in the start: must be 0 to " + (MAX_TOKEN - 1);
        }
        return null;
    }

    private static boolean badName(String name) {
        return name.isBlank() || name.length() > MAX_NAME_CHARACTERS;
    }

    private static String nameProblem(String what, String name) {
        return what + " name of " + name.strip().length() + " characters in the start: must be 1 to "
                + MAX_NAME_CHARACTERS + " characters";
    }

    private void readRun(TokenRun run) {
        SequenceKey key = new SequenceKey(generator, run.getSequence());
        int first = run.getFirstToken();
        int count = run.getTokens().size();
        if (count == 0) {
            reject(key, RejectReason.EMPTY_RUN, "run of 0 tokens at token " + first + ": must be at least 1", first);
            return;
        }
        if (first < 0 || first > MAX_TOKEN - (count - 1)) {
            reject(
                    key,
                    RejectReason.BAD_VALUE,
                    "token index " + first + " of a run of " + count + " tokens: every index must be 0 to " + MAX_TOKEN,
                    first);
            return;
        }
        Run.Builder tokens = new Run.Builder(key, origin, batch.getDecodedAtMicros(), first, count);
        for (Token token : run.getTokens()) {
            tokens.add(token.getEntropy(), token.getLogprob(), token.getConfidence(), token.getTokenClass());
        }
        out.accept(tokens.build());
    }

    private void readFinish(SequenceFinish finish) {
        out.accept(new Finish(
                new SequenceKey(generator, finish.getSequence()),
                origin,
                finish.getTokens(),
                finish.getReason(),
                Optional.ofNullable(finish.getCorrect())));
    }

    private void reject(SequenceKey key, RejectReason reason, String detail, int token) {
        out.accept(new Unusable(key, origin, true, reason, detail, token, Optional.empty()));
    }
}
