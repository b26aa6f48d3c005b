package io.edistream.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.Edistream;
import io.edistream.cli.problems.WordProblem;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.Spike;
import io.edistream.signals.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A run as a file tells it: whoever has it need not have been there.
 *
 * @param state complete, interrupted or failed
 * @param version of edistream
 * @param machine that it ran on
 * @param model that solved the problems
 * @param options of the run
 * @param controlledSeconds decoding with control
 * @param freeSeconds decoding without
 * @param summary of the arm with control
 * @param verdict what control was good for; of a run that is not complete, null
 * @param said the verdict in sentences
 * @param problems that were asked
 * @param sequences with control
 * @param free sequences without control
 */
record RunReport(
        String state,
        String version,
        Machine machine,
        String model,
        DemoOptions options,
        double controlledSeconds,
        double freeSeconds,
        DemoReport summary,
        @Nullable Verdict verdict,
        List<String> said,
        List<WordProblem> problems,
        List<Sequence> sequences,
        List<FreeSequence> free) {

    /** What the run ran on. */
    record Machine(String os, String architecture, int processors, String java) {
        static Machine here() {
            return new Machine(
                    System.getProperty("os.name") + " " + System.getProperty("os.version"),
                    System.getProperty("os.arch"),
                    Runtime.getRuntime().availableProcessors(),
                    System.getProperty("java.runtime.version"));
        }
    }

    /** A burst or rebound. */
    record Mark(String kind, int token) {}

    /**
     * A command.
     *
     * @param outcome what became of it; null if that is not known
     * @param before the text before the deciding token
     * @param token the text of the deciding token
     * @param after what was decoded until it took effect
     */
    record Decision(
            String action,
            String rule,
            String reason,
            int decidedAtToken,
            @Nullable Integer appliedAtToken,
            @Nullable String outcome,
            String before,
            String token,
            String after) {}

    /**
     * A sequence with control.
     *
     * @param problem its number, from 1; 0 if unknown
     * @param rightWithoutControl whether its twin of the other arm is right; null for a branch, which has none
     * @param entropies of its tokens, nats; null where nobody measured it
     */
    record Sequence(
            long sequence,
            int problem,
            @Nullable Long parent,
            @Nullable Integer forkToken,
            String outcome,
            int tokens,
            @Nullable String answer,
            @Nullable Double edis,
            @Nullable Boolean rightWithoutControl,
            @Nullable Integer tokensWithoutControl,
            List<@Nullable Double> entropies,
            List<Mark> marks,
            List<Decision> commands,
            String text) {}

    static RunReport of(RunRecord record, String state) {
        RecordedRun run = record.controlled();
        List<RecordedSequence> sequences = run.sequences();
        Matches matches = Matches.of(sequences, record.free());
        Map<Long, List<Command>> commands =
                run.commands().stream().collect(Collectors.groupingBy(command -> Ids.counter(command.getSequence())));
        Map<Long, List<Spike>> spikes = run.spikesBySequence();
        Map<String, CommandOutcome> outcomes = run.outcomes().stream()
                .collect(Collectors.toMap(outcome -> Ids.text(outcome.getCommandId()), Function.identity()));
        List<Sequence> told = new ArrayList<>();
        for (RecordedSequence sequence : sequences) {
            long counter = sequence.start().getSequence();
            told.add(sequence(
                    sequence,
                    matches,
                    spikes.getOrDefault(counter, List.of()),
                    commands.getOrDefault(counter, List.of()).stream()
                            .map(command -> decision(command, outcomes.get(Ids.text(command.getCommandId())), sequence))
                            .toList()));
        }
        Verdict verdict = record.complete() ? Verdict.of(record) : null;
        return new RunReport(
                state,
                Edistream.Version.number(),
                Machine.here(),
                DemoOptions.MODEL,
                record.options(),
                record.controlledSeconds(),
                record.freeSeconds(),
                DemoReport.of(run, record.check(), record.problems().size(), record.controlledSeconds()),
                verdict,
                verdict == null ? List.of() : verdict.sentences(),
                record.problems(),
                told,
                record.free());
    }

    private static Sequence sequence(
            RecordedSequence from, Matches matches, List<Spike> spikes, List<Decision> commands) {
        SequenceFinish finish = from.finish().orElse(null);
        Score score = from.finalScore().orElse(null);
        FreeSequence twin = matches.without(from).orElse(null);
        return new Sequence(
                from.start().getSequence(),
                Matches.problem(from),
                from.start().getParent(),
                from.start().getForkToken(),
                finish == null ? "unfinished" : ScreenLines.outcome(finish),
                from.tokens().size(),
                finish == null ? null : finish.getAnswer(),
                score == null ? null : score.getSignals().getEdis(),
                twin == null ? null : twin.right(),
                twin == null ? null : twin.tokens(),
                from.tokens().stream().map(RunReport::entropy).toList(),
                spikes.stream()
                        .map(spike -> new Mark(spike.getKind().toString(), spike.getToken()))
                        .toList(),
                commands,
                from.text());
    }

    private static @Nullable Double entropy(Token token) {
        return token.hasEntropy() ? token.entropyNats() : null;
    }

    private static Decision decision(Command command, @Nullable CommandOutcome outcome, RecordedSequence sequence) {
        int decided = command.getDecidedAtToken();
        Integer applied = outcome == null ? null : outcome.getAppliedAtToken();
        return new Decision(
                command.getAction().toString(),
                command.getRule(),
                command.getReason(),
                decided,
                applied,
                outcome == null ? null : outcome.getKind().toString(),
                sequence.text(0, decided),
                sequence.text(decided, decided + 1),
                applied == null ? "" : sequence.text(decided + 1, applied));
    }

    /** As JSON. */
    String json() {
        try {
            return JsonMapper.builder()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                            .build()
                            .writeValueAsString(this)
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report is no JSON", e);
        }
    }
}
