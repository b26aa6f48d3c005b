package io.edistream.signals.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.groups.Votes.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VotesTest {

    static Votes of(int... answerClasses) {
        Votes votes = Votes.NONE;
        for (int answerClass : answerClasses) {
            votes = votes.plus(answerClass);
        }
        return votes;
    }

    @Test
    void beforeTheFirstVoteNothingLeads() {
        for (Votes votes : List.of(Votes.NONE, of(Votes.NO_ANSWER, Votes.NO_ANSWER))) {
            assertThat(votes.leading()).isEmpty();
            assertThat(votes.most()).isZero();
            assertThat(votes.lead()).isZero();
            assertThat(votes.cast()).isZero();
            assertThat(votes.agreement()).isNaN();
        }
        assertThat(of(Votes.NO_ANSWER, Votes.NO_ANSWER).ended()).isEqualTo(2);
    }

    @Test
    void answersAreKeptByFirstAppearanceAndThoseWithoutOneCountButDoNotVote() {
        Votes votes = of(7, 3, -1, 3, 7, 7, 0);
        assertThat(votes.answers()).containsExactly(new Answer(7, 3), new Answer(3, 2), new Answer(0, 1));
        assertThat(votes.ended()).isEqualTo(7);
        assertThat(votes.cast()).isEqualTo(6);
        assertThat(votes.leading()).hasValue(7);
        assertThat(votes.most()).isEqualTo(3);
        assertThat(votes.lead()).isEqualTo(1);
        assertThat(votes.agreement()).isEqualTo(0.5);
    }

    @Test
    void ofEquallyFrequentAnswersTheFirstLeads() {
        assertThat(of(5, 2, 2, 5).leading()).hasValue(5);
        assertThat(of(5, 2, 2, 5).lead()).isZero();
        assertThat(of(5, 2, 2).leading()).hasValue(2);
        assertThat(of(4).lead()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "-2, answer class -2: must be at least 0, or -1 for no answer",
        "-2147483648, must be at least 0",
    })
    void anImpossibleClassIsRefused(int answerClass, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Votes.NONE.plus(answerClass))
                .withMessageContaining(message);
    }

    @Test
    void soManySamplesAndNoMoreMayEnd() {
        Votes votes = Votes.NONE;
        for (int i = 0; i < Votes.MAX_SAMPLES; i++) {
            votes = votes.plus(i % 3 == 0 ? Votes.NO_ANSWER : i);
        }
        Votes full = votes;
        assertThat(full.ended()).isEqualTo(1_024);
        assertThat(full.answers()).hasSize(682);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> full.plus(1))
                .withMessageContaining("1025 samples ended: must be 683, one for every vote, to 1024");
        assertThatIllegalArgumentException().isThrownBy(() -> full.plus(Votes.NO_ANSWER));
    }

    @Test
    void whatDoesNotAddUpIsRefused() {
        List<Answer> two = List.of(new Answer(1, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Votes(two, 1))
                .withMessageContaining("1 samples ended: must be 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Votes(List.of(new Answer(1, 1), new Answer(1, 1)), 2))
                .withMessageContaining("answer class 1 is there twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Answer(1, 0))
                .withMessageContaining("0 votes for answer class 1: must be at least 1");
        assertThat(new Votes(two, 2)).isEqualTo(of(1, 1));
    }
}
