package io.edistream.cli.demo;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Token;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records as the loop would write them. */
final class LoopRecords {

    static final long GENERATOR = 9;

    private LoopRecords() {}

    static TokenEntropyBatch started(long sequence, long group) {
        return step(List.of(start(sequence, group, null)), List.of(), List.of());
    }

    static TokenEntropyBatch branched(long sequence, long group, int forkToken) {
        return step(List.of(start(sequence, group, forkToken)), List.of(), List.of());
    }

    static TokenEntropyBatch decoded(long sequence, int firstToken, double... entropies) {
        List<Token> tokens = Arrays.stream(entropies)
                .mapToObj(entropy -> new Token((float) entropy, -1f, 5f, 0))
                .toList();
        return step(List.of(), List.of(new TokenRun(sequence, firstToken, tokens)), List.of());
    }

    static TokenEntropyBatch ended(
            long sequence, int tokens, FinishReason reason, @Nullable String answer, @Nullable Boolean correct) {
        return step(List.of(), List.of(), List.of(new SequenceFinish(sequence, tokens, reason, answer, correct, null)));
    }

    static Score finalScore(long sequence, Map<String, Double> signals, int commands) {
        Score score = new Score();
        score.setSequence(Ids.sequenceId(GENERATOR, sequence));
        score.setSignals(signals);
        score.setFinal$(true);
        score.setCommands(commands);
        return score;
    }

    static Command abort(long sequence, int decidedAtToken) {
        Command command = new Command();
        command.setCommandId(id(sequence));
        command.setSequence(Ids.sequenceId(GENERATOR, sequence));
        command.setAction(Action.ABORT);
        command.setMode(CommandMode.ARMED);
        command.setRule("abort-on-edis");
        command.setReason("edis 12.00 above 11.00 after 5 tokens");
        command.setDecidedAtToken(decidedAtToken);
        return command;
    }

    static CommandOutcome outcome(
            long sequence, OutcomeKind kind, int decidedAtToken, int appliedAtToken, long micros) {
        CommandOutcome outcome = new CommandOutcome();
        outcome.setCommandId(id(sequence));
        outcome.setSequence(Ids.sequenceId(GENERATOR, sequence));
        outcome.setAction(Action.ABORT);
        outcome.setRule("abort-on-edis");
        outcome.setKind(kind);
        outcome.setDecidedAtToken(decidedAtToken);
        outcome.setAppliedAtToken(appliedAtToken);
        outcome.setAppliedAtMicros(micros);
        outcome.setDetail("");
        outcome.setChildren(List.of());
        return outcome;
    }

    private static CommandId id(long sequence) {
        return new CommandId(Ids.sequenceKey(GENERATOR, sequence));
    }

    private static SequenceStart start(long sequence, long group, @Nullable Integer forkToken) {
        return new SequenceStart(
                sequence,
                group,
                "reasoner-s",
                "default",
                EntropyKind.FULL_VOCAB_RAW,
                162,
                30,
                forkToken == null ? null : group,
                forkToken,
                0.8f,
                0,
                1f,
                0f,
                1L,
                List.of("other", "result"),
                null,
                null);
    }

    private static TokenEntropyBatch step(
            List<SequenceStart> starts, List<TokenRun> runs, List<SequenceFinish> finishes) {
        return new TokenEntropyBatch(Ids.generatorId(GENERATOR), 0L, 0L, starts, runs, List.of(), finishes);
    }
}
