package io.edistream.cli.watch;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.RunText;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Signals;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records of several sources, whole enough to be written. */
final class LiveRecords {

    private LiveRecords() {}

    static TokenEntropyBatch started(long generator, long sequence, String model, @Nullable String request) {
        return TokenEntropyBatch.newBuilder(step(generator))
                .setStarts(List.of(SequenceStart.newBuilder()
                        .setSequence(sequence)
                        .setGroup(sequence)
                        .setModel(model)
                        .setRoute("default")
                        .setEngine("test")
                        .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                        .setVocabularySize(162)
                        .setSampling(Sampling.newBuilder().build())
                        .setRequest(request)
                        .build()))
                .build();
    }

    static TokenEntropyBatch decoded(long generator, long sequence, int firstToken, int tokens, String text) {
        return TokenEntropyBatch.newBuilder(step(generator))
                .setRuns(List.of(new TokenRun(sequence, firstToken, tokens)))
                .setEntropies(Collections.nCopies(tokens, 0.5f))
                .setTexts(text.isEmpty() ? List.of() : List.of(new RunText(0, text)))
                .build();
    }

    static TokenEntropyBatch ended(long generator, long sequence, int tokens, @Nullable String answer) {
        return TokenEntropyBatch.newBuilder(step(generator))
                .setFinishes(List.of(SequenceFinish.newBuilder()
                        .setSequence(sequence)
                        .setTokens(tokens)
                        .setReason(FinishReason.END_OF_SEQUENCE)
                        .setAnswer(answer)
                        .build()))
                .build();
    }

    static Score score(long generator, long sequence, double edis, FinishReason reason) {
        Signals signals = new Signals();
        signals.setEdis(edis);
        return Score.newBuilder()
                .setSequence(Ids.sequenceId(generator, sequence))
                .setGroup(sequence)
                .setModel("reasoner-s")
                .setRoute("default")
                .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                .setScoring(new ScoringId(new byte[8]))
                .setLastToken(6)
                .setTokens(7)
                .setFinal$(reason != FinishReason.UNKNOWN)
                .setFinishReason(reason)
                .setSignals(signals)
                .build();
    }

    static Command abort(long generator, long sequence) {
        return Command.newBuilder()
                .setCommandId(id(generator, sequence))
                .setSequence(Ids.sequenceId(generator, sequence))
                .setAction(Action.ABORT)
                .setMode(CommandMode.ARMED)
                .setRule("abort-above")
                .setRevision(1)
                .setModel("reasoner-s")
                .setRoute("default")
                .setDecidedAtToken(4)
                .setDecodedAtMicros(1)
                .setSentAtToken(4)
                .setSentTokenAtMicros(1)
                .setReason("edis 12.00 above 11.00")
                .build();
    }

    static CommandOutcome outcome(long generator, long sequence, OutcomeKind kind) {
        return CommandOutcome.newBuilder()
                .setCommandId(id(generator, sequence))
                .setSequence(Ids.sequenceId(generator, sequence))
                .setAction(Action.ABORT)
                .setMode(CommandMode.ARMED)
                .setRule("abort-above")
                .setRevision(1)
                .setModel("reasoner-s")
                .setRoute("default")
                .setKind(kind)
                .setDecidedAtToken(4)
                .setAppliedAtToken(kind == OutcomeKind.APPLIED ? 7 : null)
                .setDecidedTokenAtMicros(1)
                .setReceivedAtMicros(1)
                .setAppliedAtMicros(1)
                .build();
    }

    private static CommandId id(long generator, long sequence) {
        return new CommandId(ByteBuffer.allocate(Ids.COMMAND_BYTES)
                .putLong(generator)
                .putLong(sequence)
                .array());
    }

    private static TokenEntropyBatch step(long generator) {
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(generator))
                .setRecordNumber(0)
                .setDecodedAtMicros(0)
                .build();
    }
}
