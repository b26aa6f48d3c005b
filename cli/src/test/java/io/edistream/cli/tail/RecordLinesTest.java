package io.edistream.cli.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.cli.UserError;
import io.edistream.schemas.Action;
import io.edistream.schemas.AuditEntry;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.FleetWindow;
import io.edistream.schemas.ForcedTokens;
import io.edistream.schemas.GroupSummary;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.Panes;
import io.edistream.schemas.Phase;
import io.edistream.schemas.Profile;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Rule;
import io.edistream.schemas.RuleMode;
import io.edistream.schemas.RunText;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Signals;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnmeasuredReason;
import io.edistream.schemas.UnmeasuredTokens;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordLinesTest {

    private static final long SOURCE = 0x0123_4567_89ab_cdefL;
    private static final Filter ALL = new Filter(null, null, null, null);

    @Test
    void aStepIsCutIntoItsRuns() throws Exception {
        JsonNode line = read(lines("token-entropy", ALL, false).line(record(step())));

        assertThat(line.at("/kafka/topic").asText()).isEqualTo("t");
        assertThat(line.at("/kafka/partition").asInt()).isEqualTo(3);
        assertThat(line.at("/kafka/offset").asLong()).isEqualTo(77);
        assertThat(line.path("type").asText()).isEqualTo("TokenEntropyBatch");
        assertThat(line.path("generator").asText()).isEqualTo("0123456789abcdef");
        // 2026-01-01T00:00:00Z is 1767225600 s after 1970, by date -u -d.
        assertThat(line.path("decoded_at_micros").asLong()).isEqualTo(1_767_225_600_000_001L);
        assertThat(line.path("decoded_at").asText()).isEqualTo("2026-01-01T00:00:00.000001Z");
        assertThat(line.at("/starts/0/sequence").asText()).isEqualTo("0123456789abcdef-8");
        assertThat(line.at("/starts/0/entropy_kind/distribution").asText()).isEqualTo("RAW");
        assertThat(line.at("/starts/0").has("started_at_micros"))
                .as("0 is unknown")
                .isFalse();

        assertThat(line.path("runs").toString())
                .isEqualTo("[{\"sequence\":\"0123456789abcdef-7\",\"first_token\":17,\"tokens\":2,"
                        + "\"entropies\":[1.5,null],\"phases\":[\"THINKING\",\"ANSWERING\"],"
                        + "\"unmeasured\":[{\"token\":18,\"count\":1,\"reason\":\"SPECULATED\"}]},"
                        + "{\"sequence\":\"0123456789abcdef-8\",\"first_token\":200,\"tokens\":3,"
                        + "\"entropies\":[0.25,0.125,0.0625],\"phases\":[\"TOOL_CALL\",\"OTHER\",\"UNKNOWN\"],"
                        + "\"unmeasured\":[{\"token\":200,\"count\":1,\"reason\":\"SPECULATED\"}],"
                        + "\"token_classes\":[{\"token\":202,\"token_class\":1}],"
                        + "\"forced\":[{\"token\":201,\"count\":2}]}]");
        assertThat(line.at("/finishes/0/reason").asText()).isEqualTo("STOP_STRING");
    }

    @Test
    void textIsShownOnlyToWhomAskedForIt() {
        String hidden = lines("token-entropy", ALL, false).line(record(step())).orElseThrow();
        assertThat(hidden).doesNotContain("pears").doesNotContain("forty").doesNotContain("4242");

        String shown = lines("token-entropy", ALL, true).line(record(step())).orElseThrow();
        assertThat(shown)
                .contains("\"prompt\":\"pears?\"")
                .contains("\"text\":\"run of forty\"")
                .contains("\"answer\":\"forty two\"")
                .contains("\"text\":\"whole forty\"")
                .contains("\"token_ids\":[4242,4243,4244]");

        Rejected rejected = Rejected.newBuilder()
                .setReason(RejectReason.UNREADABLE)
                .setDetail("why")
                .setPayload(ByteBuffer.wrap(new byte[] {1, (byte) 0xfe}))
                .build();
        assertThat(lines("rejected", ALL, false).line(record(rejected)).orElseThrow())
                .doesNotContain("payload");
        assertThat(lines("rejected", ALL, true).line(record(rejected)).orElseThrow())
                .contains("\"payload\":\"01fe\"");
    }

    /** A new field of text must be put on one side or the other. */
    @Test
    void everyTextOfTheContractIsEitherANameOrHidden() {
        Set<String> fields = new TreeSet<>();
        List.of(
                        TokenEntropyBatch.getClassSchema(),
                        Score.getClassSchema(),
                        Spike.getClassSchema(),
                        Command.getClassSchema(),
                        Heartbeat.getClassSchema(),
                        CommandOutcome.getClassSchema(),
                        Rejected.getClassSchema(),
                        Rule.getClassSchema(),
                        RuleMode.getClassSchema(),
                        AuditEntry.getClassSchema(),
                        Profile.getClassSchema(),
                        GroupSummary.getClassSchema(),
                        Panes.getClassSchema(),
                        FleetWindow.getClassSchema())
                .forEach(schema -> collectTexts("", schema, fields, new HashSet<>()));
        fields.removeAll(RecordJson.TEXT_FIELDS);
        assertThat(fields)
                .containsExactlyInAnyOrder(
                        "detail",
                        "engine",
                        "job_id",
                        "job_name",
                        "model",
                        "models",
                        "note",
                        "parameters",
                        "reason",
                        "release",
                        "request",
                        "route",
                        "routes",
                        "rule",
                        "set_by",
                        "signal",
                        "source",
                        "target_route",
                        "token_class",
                        "token_classes",
                        "topic",
                        "trace_context",
                        "who");
    }

    private static void collectTexts(String field, Schema schema, Set<String> found, Set<String> seen) {
        switch (schema.getType()) {
            case STRING, BYTES -> found.add(field);
            case UNION -> schema.getTypes().forEach(type -> collectTexts(field, type, found, seen));
            case ARRAY -> collectTexts(field, schema.getElementType(), found, seen);
            case MAP -> collectTexts(field, schema.getValueType(), found, seen);
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    schema.getFields().forEach(one -> collectTexts(one.name(), one.schema(), found, seen));
                }
            }
            default -> {
                // Holds no text.
            }
        }
    }

    @Test
    void signalsThatASequenceLacksAreAbsentAndNumbersThatAreNoneAreNull() throws Exception {
        Signals signals = Signals.newBuilder().setEdis(Double.NaN).setBurst(3).build();
        JsonNode line = read(lines("scores", ALL, false).line(record(score("m", signals))));
        assertThat(line.path("signals").toString()).isEqualTo("{\"edis\":null,\"burst\":3}");
        assertThat(line.path("sequence").asText()).isEqualTo("0123456789abcdef-7");
        assertThat(line.path("group").asText()).isEqualTo("0123456789abcdef-6");
        assertThat(line.path("scoring").asText()).isEqualTo("a1a2a3a4a5a6a7a8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0000", "\u001b", "\u007f", "\u0080", "\u009b", "\u009f", "\u202a", "\u202e", "\u2066", "\u2069"
            })
    void whatATerminalWouldObeyIsEscaped(String evil) throws Exception {
        String name = "a" + evil + "b";
        String line = lines("scores", ALL, false)
                .line(record(score(name, Signals.newBuilder().build())))
                .orElseThrow();
        assertThat(line).doesNotContain(evil).containsIgnoringCase(String.format("a\\u%04xb", (int) evil.charAt(0)));
        assertThat(new ObjectMapper().readTree(line).path("model").asText()).isEqualTo(name);
    }

    @Test
    void whatOthersWriteInTheirOwnScriptStaysAsItIs() {
        assertThat(lines("scores", ALL, false)
                        .line(record(score("梨 🍐 ü", Signals.newBuilder().build())))
                        .orElseThrow())
                .contains("\"model\":\"梨 🍐 ü\"");
    }

    @Test
    void whatCannotBeReadIsALineThatSaysWhy() throws Exception {
        JsonNode damaged = read(lines("scores", ALL, false).line(record("none".getBytes(StandardCharsets.UTF_8))));
        assertThat(damaged.path("type").asText()).isEqualTo("unreadable");
        assertThat(damaged.at("/kafka/offset").asLong()).isEqualTo(77);
        assertThat(damaged.path("reason").asText()).isEqualTo("UNREADABLE");
        assertThat(damaged.path("detail").asText()).contains("4 bytes do not begin with C3 01");
        assertThat(damaged.path("bytes").asInt()).isEqualTo(4);

        byte[] later = HexFormat.of().parseHex("c301efcdab896745230100");
        JsonNode unknown = read(lines("control", ALL, false).line(record(later)));
        assertThat(unknown.path("reason").asText()).isEqualTo("UNKNOWN_SCHEMA");
        assertThat(unknown.path("detail").asText())
                .contains("fingerprint 123456789abcdef; a later release wrote it, or it is not Edistream's");
    }

    @Test
    void aDeletedKeyIsALine() throws Exception {
        ConsumerRecord<byte[], byte[]> deletion =
                new ConsumerRecord<>("t", 0, 1L, "rule-1:2".getBytes(StandardCharsets.UTF_8), null);
        JsonNode line = read(lines("rules", ALL, false).line(deletion));
        assertThat(line.path("type").asText()).isEqualTo("deleted");
        assertThat(line.path("key").asText()).isEqualTo("rule-1:2");
    }

    @Test
    void bothKindsOfControlAreRead() throws Exception {
        JsonNode command = read(lines("control", ALL, false).line(record(command("req"))));
        assertThat(command.path("type").asText()).isEqualTo("Command");
        assertThat(command.path("command_id").asText()).isEqualTo("00112233445566778899aabbccddeeff");
        assertThat(command.path("action").asText()).isEqualTo("ABORT");
        assertThat(command.has("forced_text")).isFalse();
        JsonNode heartbeat = read(lines("control", ALL, false).line(record(heartbeat())));
        assertThat(heartbeat.path("type").asText()).isEqualTo("Heartbeat");
        assertThat(heartbeat.path("job_name").asText()).isEqualTo("prod");
    }

    @Test
    void filtersTakeWhatMatchesAllOfThem() {
        Filter sequence = new Filter("0123456789abcdef-7", null, null, "req");
        assertThat(lines("control", sequence, false).line(record(command("req"))))
                .isPresent();
        assertThat(lines("control", sequence, false).line(record(command("other"))))
                .isEmpty();
        assertThat(lines("control", sequence, false).line(record(heartbeat()))).isEmpty();
        assertThat(lines("control", new Filter("0123456789abcdef0000000000000007", null, null, null), false)
                        .line(record(command("req"))))
                .isPresent();
        assertThat(lines("control", new Filter("0123456789abcdef-8", null, null, null), false)
                        .line(record(command("req"))))
                .isEmpty();
        assertThat(lines("control", new Filter(null, "0123456789abcdef", null, null), false)
                        .line(record(command("req"))))
                .isPresent();
        assertThat(lines("control", new Filter(null, "0123456789abcdee", null, null), false)
                        .line(record(command("req"))))
                .isEmpty();
    }

    @Test
    void aFilteredStepShowsOnlyWhatMatches() throws Exception {
        JsonNode line = read(lines("token-entropy", new Filter("0123456789abcdef-8", null, null, null), false)
                .line(record(step())));
        assertThat(line.path("runs")).hasSize(1);
        assertThat(line.at("/runs/0/entropies").toString()).isEqualTo("[0.25,0.125,0.0625]");

        // The start of sequence 8 names model m; that of 7 was not read.
        JsonNode model = read(
                lines("token-entropy", new Filter(null, null, "m", null), false).line(record(step())));
        assertThat(model.path("runs")).hasSize(1);
        assertThat(model.at("/runs/0/sequence").asText()).isEqualTo("0123456789abcdef-8");
        assertThat(lines("token-entropy", new Filter(null, null, "other", null), false)
                        .line(record(step())))
                .isEmpty();
        assertThat(lines("token-entropy", new Filter(null, "0000000000000001", null, null), false)
                        .line(record(step())))
                .isEmpty();
    }

    /** The start that is forgotten first is the oldest one. */
    @Test
    void noMoreStartsAreRememberedThanTheBound() {
        Filter filter = new Filter(null, null, "m", null);
        for (long counter = 0; counter <= Filter.MAX_STARTS; counter++) {
            boolean unused = filter.sequencesOf(starting(counter)).test(counter);
        }
        TokenEntropyBatch later =
                TokenEntropyBatch.newBuilder(step()).setStarts(List.of()).build();
        assertThat(filter.sequencesOf(later).test(0)).isFalse();
        assertThat(filter.sequencesOf(later).test(1)).isTrue();
        assertThat(filter.sequencesOf(later).test(Filter.MAX_STARTS)).isTrue();
    }

    @Test
    void aFilterThatNothingCanMatchIsRefused() {
        assertThatThrownBy(() -> new Filter("0123456789abcdef-7", null, null, null).requireSense(topic("rules")))
                .isInstanceOf(UserError.class)
                .hasMessage("--sequence: the records of rules name no sequence, so that none would match");
        new Filter("0123456789abcdef-7", null, "m", "r").requireSense(topic("token-entropy"));
        new Filter("0123456789abcdef-7", "0123456789abcdef", "m", "r").requireSense(topic("control"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "0123456789abcdef", "0123456789abcdef-", "0123456789abcdef-x", "zz"})
    void anIdThatIsNoneIsRefused(String id) {
        assertThatThrownBy(() -> new Filter(id, null, null, null))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("--sequence '" + id + "': must be the source's 16 hexadecimal digits");
    }

    private static TokenEntropyBatch starting(long counter) {
        SequenceStart start = SequenceStart.newBuilder(step().getStarts().get(0))
                .setSequence(counter)
                .build();
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(SOURCE))
                .setRecordNumber(counter)
                .setDecodedAtMicros(1)
                .setStarts(List.of(start))
                .build();
    }

    private static TokenEntropyBatch step() {
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(SOURCE))
                .setRecordNumber(5)
                .setDecodedAtMicros(1_767_225_600_000_001L)
                .setStarts(List.of(SequenceStart.newBuilder()
                        .setSequence(8)
                        .setGroup(8)
                        .setModel("m")
                        .setRoute("default")
                        .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                        .setSampling(Sampling.newBuilder().build())
                        .setPrompt("pears?")
                        .build()))
                .setRuns(List.of(new TokenRun(7L, 17, 2), new TokenRun(8L, 200, 3)))
                .setEntropies(List.of(1.5f, Float.NaN, 0.25f, 0.125f, 0.0625f))
                .setUnmeasured(List.of(new UnmeasuredTokens(1, 2, UnmeasuredReason.SPECULATED)))
                .setTokenClasses(List.of(new TokenClass(4, 1)))
                .setForced(List.of(new ForcedTokens(3, 2)))
                .setPhases(List.of(Phase.THINKING, Phase.ANSWERING, Phase.TOOL_CALL, Phase.OTHER, Phase.UNKNOWN))
                .setTokenIds(List.of(1, 2, 4242, 4243, 4244))
                .setTexts(List.of(new RunText(1, "run of forty")))
                .setFinishes(List.of(SequenceFinish.newBuilder()
                        .setSequence(8)
                        .setTokens(203)
                        .setReason(FinishReason.STOP_STRING)
                        .setAnswer("forty two")
                        .setText("whole forty")
                        .build()))
                .build();
    }

    private static Score score(String model, Signals signals) {
        return Score.newBuilder()
                .setSequence(Ids.sequenceId(SOURCE, 7))
                .setGroup(6)
                .setModel(model)
                .setRoute("default")
                .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                .setScoring(new ScoringId(HexFormat.of().parseHex("a1a2a3a4a5a6a7a8")))
                .setLastToken(3)
                .setTokens(4)
                .setSignals(signals)
                .build();
    }

    private static Command command(String request) {
        return Command.newBuilder()
                .setCommandId(new CommandId(HexFormat.of().parseHex("00112233445566778899aabbccddeeff")))
                .setSequence(Ids.sequenceId(SOURCE, 7))
                .setAction(Action.ABORT)
                .setMode(CommandMode.ARMED)
                .setRule("abort-above")
                .setRevision(1)
                .setModel("m")
                .setRoute("default")
                .setRequest(request)
                .setDecidedAtToken(40)
                .setDecodedAtMicros(1)
                .setSentAtToken(40)
                .setSentTokenAtMicros(1)
                .setReason("edis 2 is above 1")
                .setForcedText("so it is forty")
                .build();
    }

    private static Heartbeat heartbeat() {
        return Heartbeat.newBuilder()
                .setJobId("id")
                .setJobName("prod")
                .setTask(0)
                .setTasks(1)
                .setSentAtMicros(1)
                .setScoring(new ScoringId(new byte[8]))
                .build();
    }

    private static TopicKind topic(String name) {
        return TopicKind.of(name, Topics.DEFAULT);
    }

    private static RecordLines lines(String topic, Filter filter, boolean showText) {
        return new RecordLines(topic(topic), filter, showText);
    }

    @SuppressWarnings("unchecked") // The class of a record is the class of its codec.
    private static ConsumerRecord<byte[], byte[]> record(SpecificRecordBase value) {
        RecordCodec<SpecificRecordBase> codec = RecordCodec.of((Class<SpecificRecordBase>) value.getClass());
        return record(codec.encode(value));
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] value) {
        return new ConsumerRecord<>("t", 3, 77L, new byte[0], value);
    }

    private static JsonNode read(Optional<String> line) throws Exception {
        return new ObjectMapper().readTree(line.orElseThrow());
    }
}
