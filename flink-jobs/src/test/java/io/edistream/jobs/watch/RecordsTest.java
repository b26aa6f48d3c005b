package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Threshold;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecordsTest {

    private static final SequenceId SEQUENCE = Ids.sequenceId(0x0102030405060708L, 0x42);
    private static final SequenceInfo INFO =
            new SequenceInfo(7, "reasoner-s", "fast", "ticket", EntropyKind.RAW_EXACT, 172, 5.2, 3, 0);

    private final Records records = new Records("token-entropy");

    private Command command(Act act, boolean armed, SequenceInfo info) {
        Threshold rule = Threshold.above(new RuleKey("some-rule", 3), LimitScope.ofModels("m"), "edis", 1, act);
        return records.command(SEQUENCE, info, new Decision(rule, 10, 1_000, 26, armed, "edis 2 above 1"), 2_000);
    }

    static Stream<Arguments> acts() {
        return Stream.of(
                act(new Act.Abort(true), Action.ABORT, command -> {}),
                act(new Act.Abort(false), Action.ABORT, command -> command.setSpareLast(false)),
                act(new Act.Prune(), Action.PRUNE, command -> {}),
                act(new Act.Conclude(""), Action.CONCLUDE, command -> {}),
                act(new Act.Conclude("so:"), Action.CONCLUDE, command -> command.setForcedText("so:")),
                act(new Act.Reroute("large", false), Action.REROUTE, command -> command.setTargetRoute("large")),
                act(new Act.Reroute("large", true), Action.REROUTE, command -> {
                    command.setTargetRoute("large");
                    command.setFromPrompt(true);
                }),
                act(new Act.Branch(2, 8), Action.BRANCH, command -> {
                    command.setBranchAtToken(10);
                    command.setBranchWidth(2);
                    command.setMaxLeaves(8);
                }),
                act(new Act.Start(4), Action.START, command -> command.setSamples(4)),
                act(
                        new Act.SetSampling(Map.of("temperature", 0.5, "top_k", 40.0, "x", 2.0, "a", 1.0)),
                        Action.SET_SAMPLING,
                        command -> command.setSampling(Sampling.newBuilder()
                                .setTemperature(0.5f)
                                .setTopK(40)
                                .setFurther(Map.of("a", 1.0, "x", 2.0))
                                .build())),
                act(
                        new Act.SetSampling(Map.of("top_p", 0.25, "min_p", 0.125)),
                        Action.SET_SAMPLING,
                        command -> command.setSampling(Sampling.newBuilder()
                                .setTopP(0.25f)
                                .setMinP(0.125f)
                                .build())));
    }

    @ParameterizedTest
    @MethodSource("acts")
    void eachActFillsItsFieldsAndNoOther(Act act, Action action, Consumer<Command> fields) {
        Command expected = Command.newBuilder()
                .setCommandId(new CommandId(id("some-rule", 3, 10, action)))
                .setSequence(SEQUENCE)
                .setAction(action)
                .setMode(CommandMode.ARMED)
                .setRule("some-rule")
                .setRevision(3)
                .setModel("reasoner-s")
                .setRoute("fast")
                .setRequest("ticket")
                .setDecidedAtToken(10)
                .setDecodedAtMicros(1_000)
                .setSentAtToken(26)
                .setSentTokenAtMicros(2_000)
                .setReason("edis 2 above 1")
                .build();
        fields.accept(expected);
        assertThat(command(act, true, INFO)).isEqualTo(expected);
    }

    /** Written out again from the contract: sequence, length of the rule's id, that, revision, token, action. */
    private static byte[] id(String rule, int revision, int token, Action action) {
        HexFormat hex = HexFormat.of();
        String text = "0102030405060708" + "0000000000000042" + hex.toHexDigits(rule.length())
                + hex.formatHex(rule.getBytes(StandardCharsets.UTF_8)) + hex.toHexDigits(revision)
                + hex.toHexDigits(token) + hex.formatHex(action.name().getBytes(StandardCharsets.US_ASCII));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(hex.parseHex(text));
            return hex.parseHex(hex.formatHex(hash).substring(0, 32));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aShadowCommandHasTheSameIdAndSaysWhatItIs() {
        Command armed = command(new Act.Prune(), true, INFO);
        Command shadow = command(new Act.Prune(), false, INFO);
        assertThat(shadow.getMode()).isEqualTo(CommandMode.SHADOW);
        shadow.setMode(CommandMode.ARMED);
        assertThat(shadow).isEqualTo(armed);
    }

    @Test
    void aRequestWithoutANameHasNone() {
        SequenceInfo nameless = new SequenceInfo(7, "reasoner-s", "fast", "", EntropyKind.RAW_EXACT, 172, 5.2, 3, 0);
        assertThat(command(new Act.Prune(), true, nameless).getRequest()).isNull();
        assertThat(spike(nameless, SpikeListener.Kind.BURST).getRequest()).isNull();
    }

    /** The order of a map must not depend on how the JVM happens to hash. */
    @Test
    void furtherSamplingIsInTheOrderOfItsNames() {
        // Names with equal hashes share a bucket, in the order of their coming.
        for (List<String> names : List.of(List.of("Aa", "BB"), List.of("BB", "Aa"))) {
            Map<String, Double> changes = new LinkedHashMap<>();
            names.forEach(name -> changes.put(name, 1.0));
            assertThat(command(new Act.SetSampling(changes), true, INFO)
                            .getSampling()
                            .getFurther()
                            .keySet())
                    .containsExactly("Aa", "BB");
        }
    }

    private Spike spike(SequenceInfo info, SpikeListener.Kind kind) {
        return records.spike(SEQUENCE, info, 5, kind, 3, 1, 1.36, 99);
    }

    @Test
    void aSpikeSaysWhatRoseAboveWhat() {
        Spike.Builder expected = Spike.newBuilder()
                .setSequence(SEQUENCE)
                .setModel("reasoner-s")
                .setRoute("fast")
                .setRequest("ticket")
                .setToken(5)
                .setEntropy(3)
                .setBaseline(1)
                .setThreshold(1.36)
                .setDecodedAtMicros(99);
        assertThat(spike(INFO, SpikeListener.Kind.BURST))
                .isEqualTo(expected.setKind(SpikeKind.BURST).build());
        assertThat(spike(INFO, SpikeListener.Kind.REBOUND))
                .isEqualTo(expected.setKind(SpikeKind.REBOUND).build());
    }

    @Test
    void aDetailIsCutAtAThousandCharacters() {
        for (int length : new int[] {999, 1_000, 1_001, 100_000}) {
            Rejected rejected =
                    records.rejected(new Origin(3, 4), RejectReason.BAD_VALUE, "d".repeat(length), 8, 9, 10);
            assertThat(rejected)
                    .isEqualTo(Rejected.newBuilder()
                            .setReason(RejectReason.BAD_VALUE)
                            .setDetail("d".repeat(Math.min(length, 1_000)))
                            .setTopic("token-entropy")
                            .setPartition(3)
                            .setOffset(4)
                            .setGenerator(Ids.generatorId(8))
                            .setSequence(Ids.sequenceId(8, 9))
                            .setToken(10)
                            .build());
        }
    }

    @Test
    void ofAnUnreadableRecordTheFirst256BytesAreToldAndNoMoreKept() {
        byte[] record = new byte[1 << 20];
        for (int i = 0; i < record.length; i++) {
            record[i] = (byte) i;
        }
        ByteBuffer payload = records.unreadable(new Origin(3, 4), RejectReason.UNREADABLE, "why", record)
                .getPayload();
        assertThat(payload.remaining()).isEqualTo(256);
        assertThat(payload.capacity()).isEqualTo(256);
        assertThat(payload).isEqualTo(ByteBuffer.wrap(record, 0, 256));

        Rejected small = records.unreadable(new Origin(3, 4), RejectReason.UNREADABLE, "why", new byte[] {9});
        assertThat(small.getPayload()).isEqualTo(ByteBuffer.wrap(new byte[] {9}));
        assertThat(small.getGenerator()).isNull();
    }

    private static Arguments act(Act act, Action action, Consumer<Command> fields) {
        return Arguments.of(act, action, fields);
    }
}
