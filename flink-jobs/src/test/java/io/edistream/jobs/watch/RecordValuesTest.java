package io.edistream.jobs.watch;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.schemas.Action;
import io.edistream.schemas.Bound;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Label;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Judge;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every value of the records that leave the job, each told from its neighbours. */
class RecordValuesTest {

    private static final SequenceId SEQUENCE = Ids.sequenceId(Batches.GENERATOR, 5);
    private static final LimitScope SCOPE = LimitScope.ofModels("reasoner-s");
    private static final SequenceInfo INFO = info("ask-7");

    private static final MonitorListener NOBODY = new MonitorListener() {
        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {}

        @Override
        public void onDecision(Decision decision) {}
    };

    private final Records records = new Records("token-entropy");

    private static SequenceInfo info(String request) {
        return new SequenceInfo(
                7,
                "reasoner-s",
                "large",
                request,
                io.edistream.signals.EntropyKind.RAW_EXACT,
                172,
                TokenCheck.maxEntropyNats(172),
                3,
                0);
    }

    private Command command(Act act, boolean armed, String request) {
        Threshold rule = Threshold.above(new RuleKey("high", 3), SCOPE, "edis", 2, act);
        return records.command(SEQUENCE, info(request), new Decision(rule, 10, 100, 26, armed, "edis above"), 260);
    }

    /** What is the same in the command of every act. */
    private static Command expected(Action action) {
        Command command = new Command();
        command.setSequence(SEQUENCE);
        command.setCommandId(CommandIds.of(SEQUENCE, "high", 3, 10, action));
        command.setAction(action);
        command.setMode(CommandMode.ARMED);
        command.setRule("high");
        command.setRevision(3);
        command.setModel("reasoner-s");
        command.setRoute("large");
        command.setRequest("ask-7");
        command.setDecidedAtToken(10);
        command.setDecodedAtMicros(100);
        command.setSentAtToken(26);
        command.setSentTokenAtMicros(260);
        command.setReason("edis above");
        command.setSpareLast(true);
        command.setForcedIds(List.of());
        command.setParameters(Map.of());
        return command;
    }

    private static Arguments act(Act act, Action action, Consumer<Command> own) {
        Command expected = expected(action);
        own.accept(expected);
        return Arguments.of(act, expected);
    }

    static Stream<Arguments> acts() {
        return Stream.of(
                act(new Act.Abort(true), Action.ABORT, command -> {}),
                act(new Act.Abort(false), Action.ABORT, command -> command.setSpareLast(false)),
                act(new Act.Prune(), Action.PRUNE, command -> {}),
                act(new Act.Conclude(""), Action.CONCLUDE, command -> {}),
                act(new Act.Conclude("So: "), Action.CONCLUDE, command -> command.setForcedText("So: ")),
                act(new Act.Reroute("larger", true), Action.REROUTE, command -> {
                    command.setTargetRoute("larger");
                    command.setFromPrompt(true);
                }),
                act(new Act.Branch(2, 8), Action.BRANCH, command -> {
                    command.setBranchAtToken(10);
                    command.setBranchWidth(2);
                    command.setMaxLeaves(8);
                }),
                act(new Act.Start(4), Action.START, command -> command.setSamples(4)),
                act(
                        new Act.SetSampling(Map.of(
                                "temperature", 0.5, "top_k", 40.0, "top_p", 0.75, "min_p", 0.25, "typical", 0.1)),
                        Action.SET_SAMPLING,
                        command -> command.setSampling(
                                new Sampling(0.5f, 40, 0.75f, 0.25f, null, Map.of("typical", 0.1)))),
                act(
                        new Act.SetSampling(Map.of("typical", 0.1)),
                        Action.SET_SAMPLING,
                        command -> command.setSampling(
                                new Sampling(null, null, null, null, null, Map.of("typical", 0.1)))));
    }

    @ParameterizedTest
    @MethodSource("acts")
    void aCommandSaysWhatItsActSays(Act act, Command expected) {
        Command armed = command(act, true, "ask-7");
        assertThat(armed).isEqualTo(expected);
        assertThat(RecordCodec.of(Command.class).encode(armed)).isNotEmpty();

        expected.setMode(CommandMode.SHADOW);
        expected.setRequest(null);
        assertThat(command(act, false, "")).isEqualTo(expected);
    }

    @Test
    void aSpikeSaysWhereAndHowHigh() {
        Spike expected = new Spike();
        expected.setSequence(SEQUENCE);
        expected.setModel("reasoner-s");
        expected.setRoute("large");
        expected.setRequest("ask-7");
        expected.setKind(SpikeKind.BURST);
        expected.setToken(9);
        expected.setEntropy(3.0);
        expected.setBaseline(1.0);
        expected.setThreshold(2.0);
        expected.setDecodedAtMicros(90);
        assertThat(records.spike(SEQUENCE, INFO, 9, SpikeListener.Kind.BURST, 3, 1, 2, 90))
                .isEqualTo(expected);
        expected.setKind(SpikeKind.REBOUND);
        expected.setRequest(null);
        assertThat(records.spike(SEQUENCE, info(""), 9, SpikeListener.Kind.REBOUND, 3, 1, 2, 90))
                .isEqualTo(expected);
    }

    @Test
    void aFinalScoreSaysWhatStartAndFinishSaid() throws Exception {
        var start = newStart(5);
        start.setGroup(70);
        start.setRequest("ask-7");
        start.setRoute("large");
        start.setEntropyKind(new EntropyKind(Distribution.TEMPERED, Measurement.BOUNDED, 20));
        TokenEntropyBatch last = batch(1).at(500).run(5, 2, token(1)).build();
        last.setFinishes(List.of(SequenceFinish.newBuilder()
                .setSequence(5)
                .setTokens(6)
                .setReason(FinishReason.CONCLUDED)
                .setThinkingOpen(true)
                .setAnswerClass(3)
                .setLabel(new Label(true, null, "test"))
                .build()));
        WatchHarness job = new WatchHarness(WatchSettings.DEFAULT).feed(batch(0).start(start));
        job.feed(
                Batches.GENERATOR,
                new Origin(0, 1),
                RecordCodec.of(TokenEntropyBatch.class).encode(last));

        Score score = job.told.scores.get(0);
        assertThat(score.getSequence()).isEqualTo(SEQUENCE);
        assertThat(score.getGroup()).isEqualTo(70);
        assertThat(score.getModel()).isEqualTo("reasoner-s");
        assertThat(score.getRoute()).isEqualTo("large");
        assertThat(score.getRequest()).isEqualTo("ask-7");
        assertThat(score.getEntropyKind()).isEqualTo(new EntropyKind(Distribution.TEMPERED, Measurement.BOUNDED, 20));
        assertThat(score.getFinal$()).isTrue();
        assertThat(score.getClosedByClock()).isFalse();
        assertThat(score.getFinishReason()).isEqualTo(FinishReason.CONCLUDED);
        assertThat(score.getThinkingOpen()).isTrue();
        assertThat(score.getAnswerClass()).isEqualTo(3);
        assertThat(score.getLabel()).isEqualTo(new Label(true, null, "test"));
        assertThat(score.getLastToken()).isEqualTo(2);
        assertThat(score.getTokens()).isEqualTo(1);
        assertThat(score.getUnmeasured()).isZero();
        // Two before the only token, three behind it.
        assertThat(score.getMissing()).isEqualTo(5);
        assertThat(score.getDecodedAtMicros()).isEqualTo(500);
        assertThat(score.getDecisions()).isZero();
        assertThat(score.getCutBy()).isEmpty();

        job.feed(batch(2).start(6).finish(6, 0));
        assertThat(job.told.scores.get(1).getRequest()).isNull();
    }

    /** Every second token rises above the rule's limit, by more or by less than makes a spike. */
    @ParameterizedTest
    @ValueSource(strings = {"", "SPIKES", "COMMANDS", "SPIKES,COMMANDS"})
    void aScoreNamesTheBoundsThatCutSomething(String bounds) {
        boolean spikes = bounds.contains("SPIKES");
        boolean commands = bounds.contains("COMMANDS");
        Threshold rule = Threshold.above(
                        new RuleKey("branch", 1), SCOPE, Threshold.NEWEST_ENTROPY, 2, new Act.Branch(2, 0))
                .atMost(1_000);
        var catalogue = SequenceState.catalogue(WatchSettings.DEFAULT.scoring());
        SequenceMonitor monitor = new SequenceMonitor(catalogue, INFO, -1);
        Judge judge = new Judge(commands ? Rules.of(rule, Mode.ARMED) : Rules.NONE, catalogue);
        // Without a spike, entropies only fall and rise by less than a rebound: then the limit is crossed from 1.9 to
        // 2.1.
        for (int i = 0; i < 2 * (SequenceMonitor.MAX_SPIKES + 1); i++) {
            double low = spikes ? 0.1 : 1.9;
            double high = spikes ? 4 : 2.1;
            monitor.add(i, Token.ofEntropy(i % 2 == 0 ? low : high), i, judge, NOBODY);
        }
        assertThat(monitor.spikesAreCut()).isEqualTo(spikes);
        assertThat(monitor.decisionsAreCut()).isEqualTo(commands);

        List<Bound> expected = Arrays.stream(bounds.split(",", -1))
                .filter(name -> !name.isEmpty())
                .map(Bound::valueOf)
                .toList();
        assertThat(records.runningScore(SEQUENCE, new SequenceState(catalogue, monitor, 0))
                        .getCutBy())
                .isEqualTo(expected);
    }

    @Test
    void aRejectionSaysWhereAndCarriesSoMuchAndNoMore() {
        Rejected rejected = records.rejected(new Origin(3, 4), RejectReason.BAD_VALUE, "x".repeat(1_001), 9, 5, 6);
        assertThat(rejected.getReason()).isEqualTo(RejectReason.BAD_VALUE);
        assertThat(rejected.getDetail()).isEqualTo("x".repeat(1_000));
        assertThat(rejected.getCount()).isEqualTo(1);
        assertThat(rejected.getTopic()).isEqualTo("token-entropy");
        assertThat(rejected.getPartition()).isEqualTo(3);
        assertThat(rejected.getOffset()).isEqualTo(4);
        assertThat(rejected.getGenerator()).isEqualTo(Ids.generatorId(9));
        assertThat(rejected.getSequence()).isEqualTo(Ids.sequenceId(9, 5));
        assertThat(rejected.getToken()).isEqualTo(6);

        byte[] record = new byte[257];
        Arrays.fill(record, (byte) 7);
        Rejected unreadable = records.unreadable(new Origin(3, 4), RejectReason.UNREADABLE, "short", record);
        assertThat(unreadable.getPayload()).isEqualTo(ByteBuffer.wrap(Arrays.copyOf(record, 256)));
        assertThat(unreadable.getDetail()).isEqualTo("short");
        assertThat(records.unreadable(new Origin(3, 4), RejectReason.UNREADABLE, "short", new byte[3])
                        .getPayload()
                        .remaining())
                .isEqualTo(3);
    }
}
