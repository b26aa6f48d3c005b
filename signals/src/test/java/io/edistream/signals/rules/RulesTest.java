package io.edistream.signals.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.edistream.signals.rules.Threshold.Side;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bound of what a rule may say is crossed, and the message says what is allowed. */
class RulesTest {

    private static final RuleKey KEY = new RuleKey("test-rule", 1);
    private static final LimitScope SCOPE = LimitScope.ofModels("reasoner-s");

    static Stream<Arguments> outside() {
        return Stream.of(
                bad("empty id", () -> new RuleKey("", 1), "rule id '': must be 1 to 64 lower-case letters"),
                bad("id of 65", () -> new RuleKey("a".repeat(65), 1), "1 to 64"),
                bad("id with a space", () -> new RuleKey("a b", 1), "dashes"),
                bad("id with a capital", () -> new RuleKey("A", 1), "lower-case"),
                bad("id with a new line", () -> new RuleKey("a\n", 1), "lower-case"),
                bad("revision 0", () -> new RuleKey("a", 0), "revision 0 of rule a: must be at least 1"),
                bad("NaN limit", () -> rule(Double.NaN, 0, 1, 0, 0), "rule test-rule: limit NaN must be a finite"),
                bad("infinite limit", () -> rule(Double.NEGATIVE_INFINITY, 0, 1, 0, 0), "finite"),
                bad("negative minimum", () -> rule(1, -1, 1, 0, 0), "minimum tokens -1 must be at least 0"),
                bad(
                        "negative last token",
                        () -> rule(1, 0, 1, 0, 0).until(-1),
                        "rule test-rule: last token -1 must be at least 0, the first at which it can fire with a"
                                + " minimum of 0 tokens"),
                bad("last token before the minimum", () -> rule(1, 5, 1, 0, 0).until(3), "must be at least 4"),
                bad(
                        "minimum behind the last token",
                        () -> rule(1, 0, 1, 0, 0).until(3).from(5),
                        "at least 4"),
                bad("no firings", () -> rule(1, 0, 0, 0, 0), "firings 0 must be at least 1"),
                bad("negative share", () -> rule(1, 0, 1, -0.1, 0), "unmeasured share -0.1 must be 0 to 1"),
                bad("share above 1", () -> rule(1, 0, 1, 1.1, 0), "0 to 1"),
                bad("NaN share", () -> rule(1, 0, 1, Double.NaN, 0), "0 to 1"),
                bad("negative gap", () -> rule(1, 0, 1, 0, -0.1), "entropy gap -0.1 must be at least 0 nats"),
                bad("width 0", () -> new Act.Branch(0, 1), "width 0: must be 1 to 16"),
                bad("width 17", () -> new Act.Branch(17, 1), "1 to 16"),
                bad("negative leaves", () -> new Act.Branch(1, -1), "leaves -1: must be at least 0"),
                bad("samples 0", () -> new Act.Start(0), "samples 0: must be 1 to 16"),
                bad("samples 17", () -> new Act.Start(17), "1 to 16"),
                bad(
                        "long text",
                        () -> new Act.Conclude("a".repeat(1_001)),
                        "1001 characters to force: must be at most"),
                bad("no route", () -> new Act.Reroute(" ", true), "name ' ' of a route: must be 1 to 256"),
                bad("long route", () -> new Act.Reroute("a".repeat(257), true), "1 to 256"),
                bad(
                        "no change",
                        () -> new Act.SetSampling(Map.of()),
                        "change of 0 values of sampling: must be 1 to 16"),
                bad("17 changes", () -> new Act.SetSampling(changes(17)), "1 to 16"),
                bad(
                        "NaN",
                        () -> new Act.SetSampling(Map.of("min_p", Double.NaN)),
                        "min_p NaN: must be a finite number"),
                bad("infinite", () -> new Act.SetSampling(Map.of("x", Double.POSITIVE_INFINITY)), "finite"),
                bad(
                        "half a token",
                        () -> new Act.SetSampling(Map.of("top_k", 2.5)),
                        "top_k 2.5: must be a whole number"),
                bad("top_k beyond int", () -> new Act.SetSampling(Map.of("top_k", 3e9)), "whole number"),
                bad("negative top_k", () -> new Act.SetSampling(Map.of("top_k", -1.0)), "at least 0"),
                bad("nameless change", () -> new Act.SetSampling(Map.of("", 1.0)), "of a sampling: must be 1 to 256"),
                bad("same id", () -> new Rules(List.of(setting(1), setting(2))), "two rules have the same id"));
    }

    @ParameterizedTest
    @MethodSource("outside")
    void isRefusedWithTheBound(Runnable refused, String message) {
        assertThatIllegalArgumentException().isThrownBy(refused::run).withMessageContaining(message);
    }

    @Test
    void theBoundsThemselvesAreAllowed() {
        assertThatNoException().isThrownBy(() -> {
            var unused = new Object[] {
                new RuleKey("a".repeat(64), Integer.MAX_VALUE),
                new RuleKey("0-z", 1),
                rule(-Double.MAX_VALUE, 0, 1, 0, 0),
                rule(0, Integer.MAX_VALUE, Integer.MAX_VALUE, 1, Double.POSITIVE_INFINITY),
                rule(0, 0, 1, 0, Double.NaN),
                rule(0, 0, 1, 0, 0).until(0),
                rule(0, 1, 1, 0, 0).until(0),
                rule(0, 5, 1, 0, 0).until(4),
                new Act.Branch(1, 0),
                new Act.Branch(16, Integer.MAX_VALUE),
                new Act.Start(1),
                new Act.Start(16),
                new Act.Conclude("a".repeat(1_000)),
                new Act.Reroute("a".repeat(256), false),
                new Act.SetSampling(changes(16)),
                new Act.SetSampling(Map.of("top_k", 0.0)),
            };
        });
    }

    @Test
    void theShortFormsChangeWhatTheySay() {
        Act act = new Act.Prune();
        assertThat(Threshold.above(KEY, SCOPE, "edis", 3, act).from(5).until(9).atMost(7))
                .isEqualTo(new Threshold(KEY, SCOPE, "edis", Side.ABOVE, 3, 5, 9, 7, 0.1, 0.5, act));
        assertThat(Threshold.above(KEY, SCOPE, "edis", 3, act))
                .isEqualTo(new Threshold(KEY, SCOPE, "edis", Side.ABOVE, 3, 0, Integer.MAX_VALUE, 1, 0.1, 0.5, act));
        assertThat(Threshold.of(KEY, SCOPE, "edis", Side.BELOW, 3, act))
                .isEqualTo(new Threshold(KEY, SCOPE, "edis", Side.BELOW, 3, 0, Integer.MAX_VALUE, 1, 0.1, 0.5, act));
        assertThat(Rules.of(rule(1, 0, 1, 0, 0), Mode.SHADOW).settings()).containsExactly(setting(1));
        assertThat(Rules.NONE.settings()).isEmpty();
        assertThat(KEY).hasToString("test-rule:1");
    }

    @Test
    void endingsEndAndTheOthersDoNot() {
        assertThat(List.of(new Act.Abort(true), new Act.Prune(), new Act.Conclude(""), new Act.Reroute("r", true)))
                .allMatch(Act::ends);
        assertThat(List.of(new Act.Branch(1, 0), new Act.Start(1), new Act.SetSampling(Map.of("a", 1.0))))
                .noneMatch(Act::ends);
    }

    @Test
    void onlyARerouteToItsOwnRouteLeavesASequenceAsItIs() {
        assertThat(new Act.Reroute("large", false).concerns("large")).isFalse();
        assertThat(new Act.Reroute("large", true).concerns("larg")).isTrue();
        assertThat(List.of(
                        new Act.Abort(true),
                        new Act.Prune(),
                        new Act.Conclude("large"),
                        new Act.Branch(1, 0),
                        new Act.Start(1),
                        new Act.SetSampling(Map.of("large", 1.0))))
                .allMatch(act -> act.concerns("large"));
    }

    @Test
    void whatIsHandedOverIsCopied() {
        Map<String, Double> changes = new HashMap<>(Map.of("temperature", 1.0));
        List<Rules.Setting> settings = new ArrayList<>(List.of(setting(1)));
        Act.SetSampling act = new Act.SetSampling(changes);
        Rules rules = new Rules(settings);
        changes.clear();
        settings.clear();
        assertThat(act.changes()).containsEntry("temperature", 1.0);
        assertThat(rules.settings()).hasSize(1);
    }

    /** FNV-1a as its authors define it, in arbitrary precision. The first value is of their published test vectors. */
    @Test
    void theFingerprintIsFnv1a() {
        assertThat(fnv("a")).isEqualTo(0xaf63dc4c8601ec8cL);
        for (RuleKey key : List.of(KEY, new RuleKey("abort-above", 300), new RuleKey("z".repeat(64), 1))) {
            assertThat(key.fingerprint()).isEqualTo(fnv(key.id() + ":" + key.revision()));
        }
    }

    private static long fnv(String text) {
        BigInteger hash = new BigInteger("14695981039346656037");
        for (byte character : text.getBytes(StandardCharsets.US_ASCII)) {
            hash = hash.xor(BigInteger.valueOf(character))
                    .multiply(new BigInteger("1099511628211"))
                    .mod(BigInteger.ONE.shiftLeft(64));
        }
        return hash.longValue();
    }

    private static Threshold rule(double limit, int minTokens, int firings, double share, double gap) {
        return new Threshold(
                KEY,
                SCOPE,
                "edis",
                Side.ABOVE,
                limit,
                minTokens,
                Threshold.ANY_TOKEN,
                firings,
                share,
                gap,
                new Act.Abort(true));
    }

    private static Rules.Setting setting(int limit) {
        return new Rules.Setting(rule(limit, 0, 1, 0, 0), Mode.SHADOW);
    }

    private static Map<String, Double> changes(int count) {
        return IntStream.range(0, count).boxed().collect(Collectors.toMap(i -> "v" + i, i -> 1.0));
    }

    private static Arguments bad(String what, Runnable refused, String message) {
        return Arguments.of(Named.of(what, refused), message);
    }
}
