package io.edistream.signals.rules;

import static io.edistream.signals.rules.JudgedSequence.CATALOGUE;
import static io.edistream.signals.rules.JudgedSequence.SCOPE;
import static io.edistream.signals.rules.JudgedSequence.judge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.signals.rules.Rules.Setting;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiringsTest {

    private static final Act BRANCH = new Act.Branch(1, 0);

    private static Threshold rule(String id, int revision, Act act) {
        return Threshold.above(new RuleKey(id, revision), SCOPE, Threshold.NEWEST_ENTROPY, 1, act);
    }

    @Test
    void nothingHappenedTakesOneByte() throws IOException {
        JudgedSequence sequence = new JudgedSequence().add(judge(rule("r", 1, BRANCH), Mode.ARMED), 0.5);
        assertThat(sequence.stored()).containsExactly(0);
        assertThat(JudgedSequence.read(sequence.stored()).decisions()).isZero();
    }

    @Test
    void isReadAsItWasWritten() throws IOException {
        Judge judge = new Judge(
                new Rules(List.of(
                        new Setting(rule("shadow", 1, BRANCH), Mode.SHADOW),
                        new Setting(rule("armed", 2, new Act.Prune()), Mode.ARMED))),
                CATALOGUE);
        JudgedSequence sequence =
                new JudgedSequence().add(judge, 2).add(judge, 0).at(300).add(judge, 2);
        byte[] stored = sequence.stored();
        assertThat(sequence.restored().stored()).isEqualTo(stored);
        assertThat(sequence.firings().decisions()).isEqualTo(2);
        assertThat(sequence.firings().isCut()).isFalse();
    }

    @Test
    void theBoundKeepsFurtherDecisionsBackAndSaysSo() throws IOException {
        Judge judge = judge(rule("r", 1, BRANCH).atMost(1_000), Mode.ARMED);
        JudgedSequence sequence = new JudgedSequence();
        for (int i = 0; i < Judge.MAX_POINTS; i++) {
            sequence.add(judge, 2).add(judge, 0);
        }
        assertThat(sequence.decisions).hasSize(Judge.MAX_POINTS);
        assertThat(sequence.firings().isCut()).isFalse();
        assertThat(sequence.restored().firings().isCut()).isFalse();

        sequence.add(judge, 2).add(judge, 0);
        assertThat(sequence.decisions).hasSize(Judge.MAX_POINTS);
        assertThat(sequence.firings().isCut()).isTrue();
        assertThat(sequence.restored().firings().isCut()).isTrue();
        assertThat(sequence.add(judge, 2).decisions).hasSize(Judge.MAX_POINTS);
        assertThat(sequence.firings().decisions()).isEqualTo(Judge.MAX_POINTS);
    }

    @Test
    void theBoundCountsRepeatsOfAllRulesWhateverTheirMode() {
        List<Setting> settings = IntStream.range(0, 16)
                .mapToObj(i -> new Setting(rule("r" + i, 1, new Act.Abort(true)), i % 2 == 0 ? Mode.OFF : Mode.ARMED))
                .toList();
        Judge judge = new Judge(new Rules(settings), CATALOGUE);
        JudgedSequence sequence = new JudgedSequence();
        // At the tokens 0, 16, 32 and 64: 64 points, of which every other one is told.
        for (int i = 0; i < 128; i++) {
            sequence.add(judge, 2);
        }
        assertThat(sequence.decisions).hasSize(Judge.MAX_POINTS / 2);
        assertThat(sequence.firings().isCut()).isFalse();
        sequence.add(judge, 2);
        assertThat(sequence.decisions).hasSize(Judge.MAX_POINTS / 2);
        assertThat(sequence.firings().isCut()).isTrue();
        assertThat(sequence.firings().decisions()).isEqualTo(16);
    }

    /** Rules come and go while a sequence runs; what is remembered of it stays small and can be read. */
    @Test
    void rulesWithoutEndLeaveBoundedStateThatCanBeRead() throws IOException {
        JudgedSequence sequence = new JudgedSequence();
        for (int revision = 1; revision <= 5_000; revision++) {
            sequence.add(judge(rule("r", revision, revision % 2 == 0 ? BRANCH : new Act.Prune()), Mode.ARMED), 2);
        }
        assertThat(sequence.decisions).hasSize(Judge.MAX_POINTS);
        assertThat(sequence.restored().firings().isCut()).isTrue();
        assertThat(sequence.stored()).hasSizeLessThan(2_000);
    }

    @Test
    void damageIsSaid() {
        assertThatThrownBy(() -> JudgedSequence.read(new byte[] {65, 0, 0}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged: 65 rules");
        assertThatThrownBy(() -> JudgedSequence.read(new byte[] {1, 1, 1, 0})).isInstanceOf(IOException.class);
    }
}
