package io.edistream.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.jobs.topics.TopicState;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.Mode;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.ReadPosition;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.RuleInForce;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Signals;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnmeasuredReason;
import io.edistream.schemas.UnmeasuredTokens;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final Topics TOPICS = Topics.DEFAULT;
    private static final long NOW = 1_767_225_600_000_000L;
    private static final long SECOND = 1_000_000L;
    private static final RuleInForce ARMED = new RuleInForce("abort-above", 3, Mode.ARMED);
    private static final RuleInForce SHADOW = new RuleInForce("branch-above", 1, Mode.SHADOW);

    private final Traffic traffic = new Traffic();
    private final Map<String, TopicState> states = new LinkedHashMap<>();
    private Map<Integer, Long> ends = Map.of(0, 100L, 1, 0L);

    ReportTest() {
        TOPICS.required()
                .forEach(name -> states.put(
                        name,
                        new TopicState(
                                name,
                                TopicState.Presence.EXISTS,
                                2,
                                1,
                                Optional.of(
                                        Map.of(RecordLimits.SETTING, String.valueOf(RecordLimits.MAX_RECORD_BYTES))))));
    }

    @Test
    void allIsWellWhereAJobWatchesWhatIsPublished() {
        traffic.onStep(0, step(1, 10, 7, 6));
        traffic.onHeartbeat(beat("a", 1, List.of(ARMED, SHADOW), new ReadPosition(0, 95L)));
        traffic.onScore(score(1, false, 0));
        traffic.onScore(score(1, true, 0));
        traffic.onCommand(command());

        assertThat(report().problems()).isEmpty();
        assertThat(StatusText.lines(report()))
                .containsExactly(
                        "kafka     localhost:9092, listened for 2.0 s",
                        "topics    6 of 6 required",
                        "sources   1 published",
                        "          0000000000000001 3 tokens/s, 1 live: model m, route default, by djl",
                        "jobs      1",
                        "          job 'prod' (id a), release 1, heartbeat 1.0 s ago, 1 of 1 tasks",
                        "            rules: abort-above:3 ARMED, branch-above:1 SHADOW",
                        "            lag: 5 records (by partition 0: 5)",
                        "scores    0.5/s running, 0.5/s final",
                        "commands  ABORT.ARMED 1",
                        "outcomes  none",
                        "rejected  none",
                        "lost      0 records of sources, 0 tokens of sequences that ended",
                        "",
                        "all is well");
    }

    @Test
    void nobodyWhoWatchesIsSaid() {
        traffic.onStep(0, step(1, 10, 7, 6));
        assertThat(report().problems())
                .containsExactly(
                        "no job sent a heartbeat within 10 s: nothing watches; start one with: edistream job"
                                + " --bootstrap-servers localhost:9092",
                        "a source publishes unwatched: no job says that it reads partition 0 of"
                                + " edistream.token-entropy.v1 (0000000000000001)");
    }

    @Test
    void aHeartbeatCountsForTenSeconds() {
        traffic.onHeartbeat(beat("a", 10, List.of(), new ReadPosition(0, 100L)));
        assertThat(report().running()).containsOnlyKeys("a");
        traffic.onHeartbeat(beat("b", 11, List.of(), new ReadPosition(0, 100L)));
        assertThat(report().running()).containsOnlyKeys("a");
    }

    @Test
    void aLagAboveTheBoundIsWrongAndOneAtItIsNot() {
        traffic.onHeartbeat(beat("a", 1, List.of(), new ReadPosition(0, 50L)));
        assertThat(report().problems()).isEmpty();
        ends = Map.of(0, 101L, 1, 0L);
        assertThat(report().problems())
                .containsExactly("job 'prod' (id a) is 51 records behind, more than --max-lag 50");
    }

    @Test
    void twoArmedJobsAreWrongAndAnArmedOneBesideOneInShadowIsNot() {
        traffic.onHeartbeat(beat("a", 1, List.of(ARMED), new ReadPosition(0, 100L)));
        traffic.onHeartbeat(beat("b", 1, List.of(SHADOW), new ReadPosition(0, 100L)));
        assertThat(report().problems()).isEmpty();
        traffic.onHeartbeat(beat("c", 1, List.of(ARMED), new ReadPosition(0, 100L)));
        assertThat(report().problems())
                .containsExactly(
                        "armed jobs decide twice: job 'prod' (id a) and job 'prod' (id c); stop all but one, or"
                                + " start the others with their rules in shadow");
    }

    @Test
    void aTopicThatIsMissingIsNamedAndWhatItWouldTellIsUnknown() {
        states.put(
                TOPICS.scores(), new TopicState(TOPICS.scores(), TopicState.Presence.MISSING, 0, 0, Optional.empty()));
        traffic.onHeartbeat(beat("a", 1, List.of(), new ReadPosition(0, 100L)));
        assertThat(report().problems())
                .containsExactly("missing: edistream.scores.v1; create with: edistream topics --create"
                        + " --bootstrap-servers localhost:9092");
        assertThat(StatusText.lines(report()))
                .contains("scores    unknown", "lost      0 records of sources, unknown tokens");
        ObjectNode json = StatusJson.of(report());
        assertThat(json.path("missing_tokens").isNull()).isTrue();
        assertThat(json.at("/topics/edistream.scores.v1/presence").asText()).isEqualTo("missing");
        assertThat(json.at("/topics/edistream.scores.v1/guarded").isNull()).isTrue();
    }

    @Test
    void aTopicWithoutItsGuardIsWrong() {
        states.put(
                TOPICS.control(),
                new TopicState(TOPICS.control(), TopicState.Presence.EXISTS, 1, 1, Optional.of(Map.of())));
        traffic.onHeartbeat(beat("a", 1, List.of(), new ReadPosition(0, 100L)));
        assertThat(report().problems())
                .containsExactly("small records can fill the memory of readers of edistream.control.v1; set the guard"
                        + " with: edistream topics --guard --bootstrap-servers localhost:9092");
    }

    @Test
    void howFarAJobIsWhereItSaysNothingIsUnknown() {
        ends = Map.of(0, 100L, 1, 7L);
        traffic.onHeartbeat(beat("a", 1, List.of(), new ReadPosition(0, 100L)));
        assertThat(StatusText.lines(report())).contains("            lag: 0 records, 1 partitions unknown");
        assertThat(StatusJson.of(report()).at("/jobs/0/lag_records").toString()).isEqualTo("{\"0\":0,\"1\":null}");
    }

    /** Records 3 and 9 arrived, of which 4 to 8 did not; a repeat of 3 is no loss. */
    @Test
    void lossesAreCounted() {
        traffic.onStep(0, step(1, 3, 7, 1));
        traffic.onStep(0, step(1, 9, 7, 1));
        traffic.onStep(0, step(1, 3, 7, 1));
        traffic.onScore(score(1, true, 4));
        traffic.onScore(score(1, false, 100));
        traffic.onRejected(Rejected.newBuilder()
                .setReason(RejectReason.BAD_VALUE)
                .setDetail("d")
                .setCount(12)
                .build());
        traffic.onUnreadable();
        assertThat(StatusText.lines(report()))
                .contains("rejected  BAD_VALUE 12", "lost      5 records of sources, 4 tokens of sequences that ended");
        assertThat(report().problems()).anyMatch(problem -> problem.startsWith("1 records could not be read"));
    }

    /** Four of the 200 have an entropy; of the first, something else is not known. */
    @Test
    void aSourceThatMeasuresLittleSaysWhyAndIsWrong() {
        traffic.onStep(
                0,
                measured(
                        step(1, 3, 7, 200),
                        4,
                        new UnmeasuredTokens(0, 1, UnmeasuredReason.NOT_OFFERED),
                        new UnmeasuredTokens(4, 190, UnmeasuredReason.NOT_OFFERED),
                        new UnmeasuredTokens(194, 6, UnmeasuredReason.HIDDEN)));
        assertThat(String.join(" ", StatusText.lines(report())).replaceAll(" +", " "))
                .contains("by djl, 2 % measured (HIDDEN 6, NOT_OFFERED 190)");
        assertThat(report().problems())
                .contains("source 0000000000000001 measured 2 % of its tokens; rules see nothing of the others, mostly"
                        + " NOT_OFFERED");
        assertThat(StatusJson.of(report()).at("/sources/0/unmeasured_tokens").toString())
                .isEqualTo("{\"HIDDEN\":6,\"NOT_OFFERED\":190}");
        assertThat(StatusJson.of(report()).at("/sources/0/measured_tokens").asInt())
                .isEqualTo(4);
    }

    @Test
    void halfOfTheTokensIsEnoughAndSoIsLittleOfFew() {
        traffic.onStep(0, measured(step(1, 3, 7, 200), 100));
        traffic.onStep(0, measured(step(2, 3, 7, 99), 0));
        assertThat(report().problems()).noneMatch(problem -> problem.contains("measured"));
        traffic.onStep(0, measured(step(1, 4, 7, 1), 0));
        traffic.onStep(0, measured(step(2, 4, 7, 1), 0));
        assertThat(report().problems())
                .filteredOn(problem -> problem.contains("measured"))
                .hasSize(2);
    }

    private static TokenEntropyBatch measured(TokenEntropyBatch step, int measured, UnmeasuredTokens... unmeasured) {
        List<Float> entropies = new ArrayList<>();
        for (int place = 0; place < step.getRuns().get(0).getTokens(); place++) {
            entropies.add(place < measured ? 1 : Float.NaN);
        }
        return TokenEntropyBatch.newBuilder(step)
                .setEntropies(entropies)
                .setUnmeasured(List.of(unmeasured))
                .build();
    }

    /** One that could have been carried out, or was, shows that its rule asks for something possible; one that came too late does not. */
    @Test
    void aRuleThatAsksForTheImpossibleIsWrong() {
        traffic.onOutcome(outcome("reroute", OutcomeKind.UNSUPPORTED, 3, "there is no route large"));
        traffic.onOutcome(outcome("reroute", OutcomeKind.TOO_LATE, 1, ""));
        for (OutcomeKind able : List.of(OutcomeKind.APPLIED, OutcomeKind.REFUSED, OutcomeKind.SHADOW)) {
            traffic.onOutcome(outcome(able.name(), able, 1, ""));
            traffic.onOutcome(outcome(able.name(), OutcomeKind.UNSUPPORTED, 1, "not here"));
        }
        assertThat(report().problems())
                .filteredOn(problem -> problem.startsWith("rule"))
                .containsExactly("rule reroute asks what sources cannot do, UNSUPPORTED 3: there is no route large");
        traffic.onOutcome(outcome("reroute", OutcomeKind.APPLIED, 1, ""));
        assertThat(report().problems()).noneMatch(problem -> problem.startsWith("rule"));
    }

    @Test
    void whatSourcesSayOfTheImpossibleIsBoundedAndDoesNothingToATerminal() {
        traffic.onOutcome(outcome("reroute", OutcomeKind.UNSUPPORTED, 1, "\u001b[2J" + "x".repeat(300)));
        assertThat(report().problems())
                .filteredOn(problem -> problem.startsWith("rule"))
                .containsExactly(
                        "rule reroute asks what sources cannot do, UNSUPPORTED 1: \uFFFD[2J" + "x".repeat(156) + "…");
    }

    @Test
    void rulesAreBounded() {
        for (int rule = 0; rule <= Traffic.MAX_RULES; rule++) {
            traffic.onOutcome(outcome("rule" + rule, OutcomeKind.UNSUPPORTED, 1, ""));
        }
        traffic.onOutcome(outcome("rule0", OutcomeKind.UNSUPPORTED, 1, ""));
        assertThat(traffic.possible()).hasSize(Traffic.MAX_RULES);
        assertThat(traffic.possible().get("rule0").unsupported()).isEqualTo(2);
    }

    private static CommandOutcome outcome(String rule, OutcomeKind kind, int count, String detail) {
        return CommandOutcome.newBuilder()
                .setCommandId(new CommandId(new byte[16]))
                .setSequence(Ids.sequenceId(1, 7))
                .setAction(Action.REROUTE)
                .setMode(CommandMode.ARMED)
                .setRule(rule)
                .setRevision(1)
                .setKind(kind)
                .setDecidedAtToken(0)
                .setCount(count)
                .setDetail(detail)
                .build();
    }

    @Test
    void aSequenceThatEndedIsNotLive() {
        traffic.onStep(0, step(1, 3, 7, 1));
        traffic.onStep(0, step(1, 4, 8, 1));
        traffic.onStep(
                0,
                TokenEntropyBatch.newBuilder(step(1, 5, 9, 1))
                        .setFinishes(List.of(SequenceFinish.newBuilder()
                                .setSequence(7)
                                .setTokens(1)
                                .setReason(FinishReason.STOP_STRING)
                                .build()))
                        .build());
        assertThat(traffic.sources().get("0000000000000001").live()).isEqualTo(2);
    }

    @Test
    void sourcesAreBounded() {
        for (long source = 0; source <= Traffic.MAX_SOURCES; source++) {
            traffic.onStep(0, step(source, 1, 7, 1));
        }
        assertThat(traffic.sources()).hasSize(Traffic.MAX_SOURCES);
        assertThat(traffic.furtherSteps()).isEqualTo(1);
        assertThat(StatusText.lines(report())).contains("          and 9995 more with fewer tokens");
    }

    @Test
    void everyLineFitsAScreenAndNoNameDoesAnythingToIt() {
        for (long source = 0; source < 20; source++) {
            traffic.onStep(0, step(source, 1, 7, 1));
        }
        traffic.onHeartbeat(Heartbeat.newBuilder(beat("a", 1, List.of(ARMED), new ReadPosition(0, 1L)))
                .setJobName("\u001b]0;owned\u0007" + "x".repeat(300))
                .build());
        assertThat(StatusText.lines(report()))
                .hasSizeLessThanOrEqualTo(24)
                .allMatch(line -> line.length() <= 80, "80 columns")
                .allMatch(line -> line.chars().noneMatch(Character::isISOControl), "no controls")
                .anyMatch(line -> line.contains("\uFFFD]0;owned\uFFFD"));
    }

    private Report report() {
        return new Report(
                "localhost:9092",
                TOPICS,
                states,
                new TrafficReader.Heard(traffic, 2.0, Map.of(0, 0L, 1, 0L), ends, 0),
                NOW,
                50);
    }

    private static TokenEntropyBatch step(long source, long number, long sequence, int tokens) {
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(source))
                .setRecordNumber(number)
                .setDecodedAtMicros(NOW)
                .setStarts(List.of(SequenceStart.newBuilder()
                        .setSequence(sequence)
                        .setGroup(sequence)
                        .setModel("m")
                        .setRoute("default")
                        .setEngine("djl")
                        .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                        .setSampling(Sampling.newBuilder().build())
                        .build()))
                .setRuns(List.of(new TokenRun(sequence, 0, tokens)))
                .setEntropies(Collections.nCopies(tokens, 1f))
                .build();
    }

    private static Heartbeat beat(String id, long secondsAgo, List<RuleInForce> modes, ReadPosition... positions) {
        return new Heartbeat(
                id,
                "prod",
                "1",
                0,
                1,
                NOW - secondsAgo * SECOND,
                new ScoringId(new byte[8]),
                false,
                modes,
                List.of(positions));
    }

    private static Score score(long source, boolean last, int missing) {
        return Score.newBuilder()
                .setSequence(Ids.sequenceId(source, 7))
                .setGroup(7)
                .setModel("m")
                .setRoute("default")
                .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                .setScoring(new ScoringId(new byte[8]))
                .setLastToken(3)
                .setTokens(4)
                .setMissing(missing)
                .setFinal$(last)
                .setSignals(Signals.newBuilder().build())
                .build();
    }

    private static Command command() {
        return Command.newBuilder()
                .setCommandId(new CommandId(new byte[16]))
                .setSequence(Ids.sequenceId(1, 7))
                .setAction(Action.ABORT)
                .setMode(CommandMode.ARMED)
                .setRule("abort-above")
                .setRevision(3)
                .setModel("m")
                .setRoute("default")
                .setDecidedAtToken(1)
                .setDecodedAtMicros(1)
                .setSentAtToken(1)
                .setSentTokenAtMicros(1)
                .setReason("r")
                .build();
    }
}
