package io.edistream.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    static final ScoringId SCORING = new ScoringId(HexFormat.of().parseHex("a1a2a3a4a5a6a7a8"));
    private static final CommandId COMMAND = new CommandId(HexFormat.of().parseHex("00112233445566778899aabbccddeeff"));
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static final Map<Class<? extends SpecificRecordBase>, RecordCodec<?>> CODECS = new ConcurrentHashMap<>();

    private Records() {}

    /** Samples by the name of the record's class. */
    static Map<String, SpecificRecordBase> samples() {
        List<SpecificRecordBase> all =
                new ArrayList<>(List.of(batch(), score(), spike(), command(), heartbeat(), outcome(), rejected()));
        all.addAll(ProvisionalRecords.all());
        Map<String, SpecificRecordBase> samples = new TreeMap<>();
        for (SpecificRecordBase sample : all) {
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

    /** Three tokens in two runs, the second one without an entropy, and every column there is. */
    static TokenEntropyBatch batch() {
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(GENERATOR))
                .setRecordNumber(5_000_000_000L)
                .setDecodedAtMicros(1_767_225_600_000_001L)
                .setStarts(List.of(start()))
                .setSamplingChanges(List.of(new SamplingChange(100_004L, 71, sampling(0.5f))))
                .setRuns(List.of(new TokenRun(100_001L, 17, 2), new TokenRun(100_003L, 200, 3)))
                .setEntropies(List.of(1.5f, Float.NaN, 0.25f, 0.125f, 0.0625f))
                .setLogprobs(List.of(-0.75f, -0.5f, -0.375f, -0.25f, -0.125f))
                .setConfidences(List.of(8.5f, 9f, 9.5f, 10f, 10.5f))
                .setUnmeasured(List.of(new UnmeasuredTokens(1, 2, UnmeasuredReason.SPECULATED)))
                .setTokenClasses(List.of(new TokenClass(2, 1), new TokenClass(4, 127)))
                .setForced(List.of(new ForcedTokens(3, 2)))
                .setUpperBounds(List.of(1.75f, 2f, 0.5f, Float.NaN, 0.1875f))
                .setRestMasses(List.of(0.03125f, 0.015625f, Float.NaN, 0f, 1f))
                .setRanks(List.of(0, 1, -1, 19, 171))
                .setSelfCertainties(List.of(3.5f, 4.5f, 5.5f, 6.5f, 7.5f))
                .setVarentropies(List.of(0.875f, 0.8125f, 0.78125f, 0.765625f, 0f))
                .setProbes(List.of(-3f, -2f, Float.NaN, 2f, 3f))
                .setImportances(List.of(0.1f, 0.2f, 0.3f, 0.4f, 0.5f))
                .setPhases(List.of(Phase.THINKING, Phase.ANSWERING, Phase.TOOL_CALL, Phase.OTHER, Phase.UNKNOWN))
                .setTokenIds(List.of(1001, 1002, -1, 151_935, 1004))
                .setTexts(List.of(new RunText(1, " 42 ☺")))
                .setFinishes(List.of(finish()))
                .setLabels(List.of(new LateLabel(99_999L, label("checker"))))
                .build();
    }

    static SequenceStart start() {
        return SequenceStart.newBuilder()
                .setSequence(100_001)
                .setGroup(100_000)
                .setModel("reasoner-s")
                .setRoute("default")
                .setEngine("djl")
                .setEntropyKind(kind(Distribution.TEMPERED, 20))
                .setVocabularySize(172)
                .setPromptTokens(41)
                .setPrefillTokens(5)
                .setParent(100_002L)
                .setForkToken(17)
                .setContinues(new Continuation(99_998L, ContinuationCause.RETRY, ContinuationMethod.BY_TEXT, 16))
                .setSampling(sampling(0.75f))
                .setTokenClasses(List.of("other", "digit"))
                .setPlannedSamples(8)
                .setStartedAtMicros(1_767_225_599_000_000L)
                .setRequest("request ü")
                .setTraceContext(TRACE)
                .setPrompt("How many pears? 梨 🍐")
                .build();
    }

    static SequenceFinish finish() {
        return SequenceFinish.newBuilder()
                .setSequence(100_003L)
                .setTokens(203)
                .setReason(FinishReason.STOP_STRING)
                .setThinkingOpen(true)
                .setTokensDelivered(198)
                .setTokensHeldBack(6)
                .setTokensDiscarded(7)
                .setFinishedAtMicros(1_767_225_600_000_000L)
                .setAnswerClass(2)
                .setAnswer("42")
                .setLabel(label("gold"))
                .setText("so there are 42 ☺")
                .build();
    }

    static Sampling sampling(float temperature) {
        return Sampling.newBuilder()
                .setTemperature(temperature)
                .setTopK(20)
                .setTopP(0.95f)
                .setMinP(0.05f)
                .setSeed(-7_777_777_777L)
                .setFurther(Map.of("repetition_penalty", 1.1))
                .build();
    }

    static EntropyKind kind(Distribution distribution, int alternatives) {
        return new EntropyKind(distribution, Measurement.BOUNDED, alternatives);
    }

    private static Label label(String source) {
        return new Label(false, 0.625, source);
    }

    static Signals signals(double edis) {
        return Signals.newBuilder()
                .setEdis(edis)
                .setBurst(3)
                .setRebound(2)
                .setEntropyVariance(0.25)
                .setMeanEntropy(0.625)
                .setSequenceEntropy(73.75)
                .setSpikeCount(9)
                .setLargestWindowedEntropy(1.125)
                .setPerplexity(1.5)
                .setTokenConfidence(11.5)
                .setLowestGroupConfidence(7.25)
                .setTailConfidence(10.75)
                .setEntropyGap(0.078125)
                .build();
    }

    static Score score() {
        return Score.newBuilder()
                .setSequence(SEQUENCE)
                .setGroup(100_000)
                .setModel("reasoner-l")
                .setRoute("hard")
                .setRequest("request 7")
                .setEntropyKind(kind(Distribution.RAW, 10))
                .setScoring(SCORING)
                .setLastToken(119)
                .setTokens(118)
                .setUnmeasured(3)
                .setMissing(2)
                .setFinal$(true)
                .setFinishReason(FinishReason.ABANDONED)
                .setThinkingOpen(true)
                .setClosedByClock(true)
                .setAnswerClass(1)
                .setLabel(label("person"))
                .setDecodedAtMicros(1_767_225_600_000_002L)
                .setDecisions(4)
                .setCutBy(List.of(Bound.COMMANDS))
                .setSignals(signals(2.5))
                .setClassSignals(List.of(new ClassSignals("digit", signals(3.5))))
                .build();
    }

    static Spike spike() {
        return Spike.newBuilder()
                .setSequence(SEQUENCE)
                .setModel("reasoner-s")
                .setRoute("default")
                .setRequest("request 8")
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
                .setRevision(4)
                .setModel("reasoner-m")
                .setRoute("easy")
                .setRequest("request 9")
                .setDecidedAtToken(65)
                .setDecodedAtMicros(1_767_225_600_000_004L)
                .setSentAtToken(81)
                .setSentTokenAtMicros(1_767_225_600_000_005L)
                .setTimeToLiveMillis(3_000)
                .setReason("edis 2.5 above 2.0")
                .setSpareLast(false)
                .setBranchAtToken(61)
                .setBranchWidth(5)
                .setMaxLeaves(16)
                .setSamples(3)
                .setTargetRoute("large")
                .setFromPrompt(true)
                .setSampling(sampling(0.625f))
                .setForcedText("</think>")
                .setForcedIds(List.of(151_668, 198))
                .setParameters(Map.of("length", "short"))
                .build();
    }

    static Heartbeat heartbeat() {
        return Heartbeat.newBuilder()
                .setJobId("7d1f0c9a")
                .setJobName("sequences")
                .setRelease("0.1.0")
                .setTask(1)
                .setTasks(4)
                .setSentAtMicros(1_767_225_600_000_006L)
                .setScoring(SCORING)
                .setKillSwitch(true)
                .setModes(List.of(new RuleInForce("abort-unstable", 3, Mode.ARMED)))
                .setPositions(List.of(new ReadPosition(2, 12_345_678_902L)))
                .build();
    }

    static CommandOutcome outcome() {
        return CommandOutcome.newBuilder()
                .setCommandId(COMMAND)
                .setSequence(SEQUENCE)
                .setAction(Action.CONCLUDE)
                .setMode(CommandMode.ARMED)
                .setRule("conclude-when-sure")
                .setRevision(12)
                .setModel("reasoner-s")
                .setRoute("default")
                .setRequest("request 10")
                .setKind(OutcomeKind.WITHDRAWN)
                .setRefusal(RefusalReason.NOT_EXACT)
                .setEffect(Effect.HIDDEN)
                .setDecidedAtToken(66)
                .setAppliedAtToken(68)
                .setDecidedTokenAtMicros(1_767_225_600_000_005L)
                .setReceivedAtMicros(1_767_225_600_000_006L)
                .setAppliedAtMicros(1_767_225_600_000_007L)
                .setTokensDiscarded(2)
                .setContinuedBy(100_006L)
                .setStarted(List.of(100_004L, 100_005L))
                .setCount(17)
                .setDetail("the last of its group")
                .setTraceContext(TRACE)
                .build();
    }

    static Rejected rejected() {
        return Rejected.newBuilder()
                .setReason(RejectReason.COLUMN_MISMATCH)
                .setDetail("2 values in column entropies")
                .setCount(1_000)
                .setTopic("edistream.token-entropy.v1")
                .setPartition(3)
                .setOffset(12_345_678_901L)
                .setGenerator(Ids.generatorId(GENERATOR))
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
}
