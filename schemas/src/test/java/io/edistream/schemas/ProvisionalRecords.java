package io.edistream.schemas;

import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;

/** Samples of the records that nothing produces yet, made like those of {@link Records}. */
final class ProvisionalRecords {

    private ProvisionalRecords() {}

    static List<SpecificRecordBase> all() {
        return List.of(rule(), ruleMode(), audit(), profile(), group(), panes(), fleet());
    }

    private static Rule rule() {
        return Rule.newBuilder()
                .setRule("abort-unstable")
                .setRevision(3)
                .setEffectiveFromMicros(1_767_225_600_000_008L)
                .setModels(List.of("reasoner-s"))
                .setRoutes(List.of("default"))
                .setEntropyKinds(List.of(Records.kind(Distribution.RAW, 20)))
                .setSignal("edis")
                .setComparison(Comparison.BELOW)
                .setLimit(2.75)
                .setProfileAlpha(0.05)
                .setMinTokens(32)
                .setMaxFirings(2)
                .setMaxUnmeasuredShare(0.25)
                .setMaxEntropyGap(0.125)
                .setAction(Action.ABORT)
                .setSpareLast(false)
                .setBranchWidth(5)
                .setMaxLeaves(16)
                .setSamples(4)
                .setTargetRoute("large")
                .setSampling(Records.sampling(0.375f))
                .setForcedText("</think>")
                .setTimeToLiveMillis(5_000)
                .setNote("from the calibration of May")
                .build();
    }

    private static RuleMode ruleMode() {
        return RuleMode.newBuilder()
                .setRule("abort-unstable")
                .setMode(Mode.OFF)
                .setSetAtMicros(1_767_225_600_000_009L)
                .setSetBy("ada")
                .setNote("too eager")
                .build();
    }

    private static AuditEntry audit() {
        return AuditEntry.newBuilder()
                .setAtMicros(1_767_225_600_000_010L)
                .setWho("grace")
                .setRule("branch-on-burst")
                .setChange(AuditedChange.SET_MODE)
                .setRevision(6)
                .setMode(Mode.ARMED)
                .setNote("shadow for a week")
                .build();
    }

    private static Profile profile() {
        return Profile.newBuilder()
                .setModel("reasoner-s")
                .setRoute("default")
                .setEntropyKind(Records.kind(Distribution.PROCESSED, 5))
                .setTemperature(0.875f)
                .setScoring(Records.SCORING)
                .setRevision(7)
                .setEffectiveFromMicros(1_767_225_600_000_011L)
                .setSequences(1_559)
                .setQuantiles(List.of(new PositionQuantile("edis", 48, 16, 0.9, 3.25)))
                .setLimits(List.of(new ConformalLimit("mean_entropy", 0.95, 0.05, 1.75, 0.04)))
                .build();
    }

    private static GroupSummary group() {
        return GroupSummary.newBuilder()
                .setGroup(Records.SEQUENCE)
                .setModel("reasoner-s")
                .setRoute("default")
                .setRequest("request 11")
                .setFinal$(true)
                .setPlannedSamples(8)
                .setStarted(10)
                .setFinished(9)
                .setVotes(List.of(new AnswerVotes(1, 6, 4.5)))
                .setAgreement(0.75)
                .setPredictiveEntropy(0.5625)
                .setSelected(100_003L)
                .setWeights(List.of(new CurationWeight(100_004L, 1.25)))
                .setDecodedAtMicros(1_767_225_600_000_012L)
                .build();
    }

    private static Panes panes() {
        return Panes.newBuilder()
                .setGenerator(Ids.generatorId(Records.GENERATOR))
                .setSecondAtMicros(1_767_225_601_000_000L)
                .setPanes(List.of(
                        new Pane("reasoner-s", "default", Records.kind(Distribution.RAW, 3), "digit", traffic())))
                .build();
    }

    private static FleetWindow fleet() {
        return FleetWindow.newBuilder()
                .setModel("reasoner-s")
                .setRoute("default")
                .setEntropyKind(Records.kind(Distribution.TEMPERED, 4))
                .setBeginsAtMicros(1_767_225_660_000_000L)
                .setSeconds(60)
                .setRevision(2)
                .setSources(13)
                .setTraffic(traffic())
                .build();
    }

    private static TrafficSummary traffic() {
        return TrafficSummary.newBuilder()
                .setStarts(11)
                .setFinishes(Map.of("LENGTH", 12L))
                .setTokens(1_500)
                .setUnmeasured(14)
                .setBursts(15)
                .setRebounds(16)
                .setCommands(Map.of("ABORT.ARMED", 17L))
                .setEntropies(sketch(1_486))
                .setFinalEdis(sketch(18))
                .setSequenceTokens(sketch(19))
                .build();
    }

    private static DistributionSketch sketch(long count) {
        return new DistributionSketch(count, 930.5, 0.03125, 4.5, List.of(new SketchBucket(-7, 21L)));
    }
}
