package io.edistream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {

    /** Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3. */
    @ParameterizedTest
    @CsvSource({"81, 263, .2553, .3662", "15, 148, .0624, .1605", "0, 20, .0000, .1611", "1, 29, .0061, .1718"})
    void isTheOneOfNewcombesTable(int count, int of, double low, double high) {
        Interval interval = Interval.wilson(count, of);
        assertThat(interval.low()).isCloseTo(low, within(5e-5));
        assertThat(interval.high()).isCloseTo(high, within(5e-5));
    }

    @Test
    void ofNothingNothingIsKnown() {
        assertThat(Interval.wilson(0, 0)).isEqualTo(new Interval(0, 0, 0, 1));
        assertThat(Interval.wilson(0, 0).text()).isEqualTo("0 of 0");
        assertThatThrownBy(() -> Interval.wilson(2, 1)).hasMessage("count must be 0 to 1, not 2");
        assertThatThrownBy(() -> Interval.wilson(-1, 1)).hasMessage("count must be 0 to 1, not -1");
    }

    @Test
    void isApartOnlyFromOnesWithoutAValueInCommon() {
        Interval low = new Interval(1, 4, 0.1, 0.3);
        assertThat(low.isApartFrom(new Interval(1, 4, 0.31, 0.5))).isTrue();
        assertThat(new Interval(1, 4, 0.31, 0.5).isApartFrom(low)).isTrue();
        assertThat(low.isApartFrom(new Interval(1, 4, 0.3, 0.5))).isFalse();
    }

    /** By hand: the binomial tails 1/32, (1 + 6)/64 and (1 + 5)/32, each twice. */
    @Test
    void theSignTestIsExact() {
        assertThat(Verdict.signTest(0, 0)).isEqualTo(1);
        assertThat(Verdict.signTest(5, 0)).isEqualTo(2 / 32.0);
        assertThat(Verdict.signTest(0, 6)).isEqualTo(2 / 64.0);
        assertThat(Verdict.signTest(5, 1)).isEqualTo(14 / 64.0);
        assertThat(Verdict.signTest(1, 4)).isEqualTo(12 / 32.0);
        assertThat(Verdict.signTest(3, 3)).isEqualTo(1);
    }
}
