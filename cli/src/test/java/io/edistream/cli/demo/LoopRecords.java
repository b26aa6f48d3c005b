package io.edistream.cli.demo;

import io.edistream.schemas.Action;
import io.edistream.schemas.ClassSignals;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Label;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Signals;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Records as the loop would write them. */
final class LoopRecords {

    static final long GENERATOR = 9;

    private static final String OF_CLASS = "class_result.";

    private LoopRecords() {}

    static TokenEntropyBatch started(long sequence, long group) {
        return with(start(sequence, group, null));
    }

    static TokenEntropyBatch branched(long sequence, long group, int forkToken) {
        return with(start(sequence, group, forkToken));
    }

    /** A start that says of which problem it is, and its seed. */
    static TokenEntropyBatch asked(long sequence, long group, String problem, long seed) {
        SequenceStart start = start(sequence, group, null);
        start.setRequest(problem);
        start.getSampling().setSeed(seed);
        return with(start);
    }

    /** Tokens that are all measured, of class 0. */
    static TokenEntropyBatch decoded(long sequence, int firstToken, double... entropies) {
        TokenEntropyBatch step = step();
        step.setRuns(List.of(new TokenRun(sequence, firstToken, entropies.length)));
        step.setEntropies(floats(entropies));
        step.setLogprobs(Collections.nCopies(entropies.length, -1f));
        step.setConfidences(Collections.nCopies(entropies.length, 5f));
        return step;
    }

    static TokenEntropyBatch ended(
            long sequence, int tokens, FinishReason reason, @Nullable String answer, @Nullable Boolean correct) {
        SequenceFinish finish = new SequenceFinish();
        finish.setSequence(sequence);
        finish.setTokens(tokens);
        finish.setReason(reason);
        finish.setAnswer(answer);
        finish.setLabel(correct == null ? null : new Label(correct, null, "checker"));
        TokenEntropyBatch step = step();
        step.setFinishes(List.of(finish));
        return step;
    }

    /** A final score of tokens that all arrived and were measured. */
    static Score finalScore(long sequence, int tokens, Map<String, Double> signals, int decisions) {
        Score score = new Score();
        score.setSequence(Ids.sequenceId(GENERATOR, sequence));
        score.setTokens(tokens);
        score.setSignals(signals(signals, ""));
        score.setClassSignals(
                signals.keySet().stream().anyMatch(name -> name.startsWith(OF_CLASS))
                        ? List.of(new ClassSignals("result", signals(signals, OF_CLASS)))
                        : List.of());
        score.setCutBy(List.of());
        score.setFinal$(true);
        score.setDecisions(decisions);
        return score;
    }

    private static Signals signals(Map<String, Double> values, String prefix) {
        Signals signals = new Signals();
        for (Schema.Field field : Signals.getClassSchema().getFields()) {
            Double value = values.get(prefix + field.name());
            boolean count = field.schema().getTypes().stream().anyMatch(type -> type.getType() == Schema.Type.INT);
            if (value != null) {
                signals.put(field.pos(), count ? (Object) value.intValue() : value);
            }
        }
        return signals;
    }

    static List<Float> floats(double... values) {
        return Arrays.stream(values).mapToObj(value -> (float) value).toList();
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
        outcome.setStarted(List.of());
        return outcome;
    }

    private static CommandId id(long sequence) {
        return new CommandId(Ids.sequenceKey(GENERATOR, sequence));
    }

    private static SequenceStart start(long sequence, long group, @Nullable Integer forkToken) {
        SequenceStart start = new SequenceStart();
        start.setSequence(sequence);
        start.setGroup(group);
        start.setModel("reasoner-s");
        start.setRoute("default");
        start.setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0));
        start.setVocabularySize(162);
        start.setParent(forkToken == null ? null : group);
        start.setForkToken(forkToken);
        start.setTokenClasses(List.of("other", "result"));
        start.setSampling(new Sampling(0.8f, 0, 1f, 0f, 0L, Map.of()));
        return start;
    }

    private static TokenEntropyBatch with(SequenceStart start) {
        TokenEntropyBatch step = step();
        step.setStarts(List.of(start));
        return step;
    }

    /** A record without anything in it. */
    static TokenEntropyBatch step() {
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(GENERATOR))
                .setRecordNumber(0)
                .setDecodedAtMicros(0)
                .build();
    }
}
