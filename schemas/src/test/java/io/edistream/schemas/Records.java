package io.edistream.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * One sample of each record that crosses Kafka, every field of it different from its default and from its neighbours.
 */
final class Records {

    static final long GENERATOR = 0x0123_4567_89AB_CDEFL;
    static final SequenceId SEQUENCE = Ids.sequenceId(GENERATOR, 100_001);
    private static final CommandId COMMAND = new CommandId(HexFormat.of().parseHex("00112233445566778899aabbccddeeff"));

    private static final Map<Class<? extends SpecificRecordBase>, RecordCodec<?>> CODECS = new ConcurrentHashMap<>();

    private Records() {}

    /** Samples by the name of the record's class. */
    static Map<String, SpecificRecordBase> samples() {
        Map<String, SpecificRecordBase> samples = new TreeMap<>();
        for (SpecificRecordBase sample : List.of(batch(), score(), spike(), command(), outcome(), rejected())) {
            samples.put(sample.getClass().getSimpleName(), sample);
        }
        return samples;
    }

    static SpecificRecordBase sample(String name) {
        return samples().get(name);
    }

    /** A codec for the records of a sample's class. */
    @SuppressWarnings("unchecked") // A sample's class is the class of its records.
    static RecordCodec<SpecificRecordBase> codec(SpecificRecordBase sample) {
        return (RecordCodec<SpecificRecordBase>) CODECS.computeIfAbsent(sample.getClass(), RecordCodec::of);
    }

    static TokenEntropyBatch batch() {
        SequenceStart start = SequenceStart.newBuilder()
                .setSequence(100_001)
                .setGroup(100_000)
                .setModel("reasoner-s")
                .setRoute("default")
                .setEntropyKind(EntropyKind.FULL_VOCAB_TEMPERED)
                .setVocabularySize(172)
                .setPromptTokens(41)
                .setParent(100_002L)
                .setForkToken(17)
                .setTemperature(0.75f)
                .setTopK(20)
                .setTopP(0.95f)
                .setMinP(0.05f)
                .setSeed(-7_777_777_777L)
                .setTokenClasses(List.of("other", "digit"))
                .setRequest("request ü")
                .setPrompt("How many pears? 梨 🍐")
                .build();
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(GENERATOR))
                .setRecordNumber(5_000_000_000L)
                .setDecodedAtMicros(1_767_225_600_000_001L)
                .setStarts(List.of(start))
                .setRuns(List.of(
                        new TokenRun(100_001L, 17, List.of(token(1.5f, 1), token(0.25f, 2))),
                        new TokenRun(100_003L, 200, List.of(token(0.125f, 3)))))
                .setDetails(List.of(detail(1), detail(2), detail(3)))
                .setFinishes(List.of(
                        new SequenceFinish(100_003L, 201, FinishReason.ABORTED, "42", true, "so there are 42 ☺")))
                .build();
    }

    static Score score() {
        Map<String, Double> signals = new TreeMap<>(Map.of("edis", 2.5, "mean_entropy", 0.625));
        return Score.newBuilder()
                .setSequence(SEQUENCE)
                .setGroup(100_000)
                .setModel("reasoner-l")
                .setRoute("hard")
                .setEntropyKind(EntropyKind.TOP_K_ESTIMATE)
                .setLastToken(119)
                .setTokens(118)
                .setSignals(signals)
                .setFinal$(true)
                .setFinishReason(FinishReason.LENGTH)
                .setMissingTokens(2)
                .setCorrect(true)
                .setDecodedAtMicros(1_767_225_600_000_002L)
                .setCommands(3)
                .build();
    }

    static Spike spike() {
        return Spike.newBuilder()
                .setSequence(SEQUENCE)
                .setModel("reasoner-s")
                .setRoute("default")
                .setKind(SpikeKind.REBOUND)
                .setToken(64)
                .setEntropy(2.25)
                .setBaseline(0.375)
                .setThreshold(1.36)
                .setDecodedAtMicros(1_767_225_600_000_003L)
                .build();
    }

    static Command command() {
        return Command.newBuilder()
                .setCommandId(COMMAND)
                .setSequence(SEQUENCE)
                .setAction(Action.BRANCH)
                .setMode(CommandMode.ARMED)
                .setRule("branch-on-burst")
                .setRuleVersion(4)
                .setDecidedAtToken(65)
                .setDecodedAtMicros(1_767_225_600_000_004L)
                .setReason("edis 2.5 above 2.0")
                .setBranchAtToken(61)
                .setBranchWidth(5)
                .setMaxLeaves(16)
                .setSpareLast(false)
                .build();
    }

    static CommandOutcome outcome() {
        return CommandOutcome.newBuilder()
                .setCommandId(COMMAND)
                .setSequence(SEQUENCE)
                .setAction(Action.CONCLUDE)
                .setRule("conclude-when-sure")
                .setKind(OutcomeKind.REFUSED)
                .setDecidedAtToken(66)
                .setAppliedAtToken(68)
                .setDecidedTokenAtMicros(1_767_225_600_000_005L)
                .setReceivedAtMicros(1_767_225_600_000_006L)
                .setAppliedAtMicros(1_767_225_600_000_007L)
                .setChildren(List.of(100_004L, 100_005L))
                .setDetail("the last of its group")
                .build();
    }

    static Rejected rejected() {
        return Rejected.newBuilder()
                .setReason(RejectReason.BAD_VALUE)
                .setDetail("entropy NaN, finite and at least 0 is allowed")
                .setTopic("edistream.token-entropy.v1")
                .setPartition(3)
                .setOffset(12_345_678_901L)
                .setSequence(SEQUENCE)
                .setToken(67)
                .setPayload(ByteBuffer.wrap(new byte[] {(byte) 0xFF, 0, 1}))
                .build();
    }

    /** Puts what a person is to look at, and then to copy into the sources, under {@code target}. */
    static Path candidate(String path, String content) {
        Path file = Path.of("target", "candidates").resolve(path);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content, StandardCharsets.UTF_8);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Token token(float entropy, int tokenClass) {
        return new Token(entropy, -entropy / 2, 8 + entropy, tokenClass);
    }

    private static TokenDetail detail(int token) {
        return new TokenDetail(3.5f + token, 0.5f / token, 1000 + token);
    }
}
