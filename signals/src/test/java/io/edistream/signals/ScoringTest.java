package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoringTest {

    /** The expected ids were computed in Python, by the two lines of the Javadoc. */
    @ParameterizedTest
    @CsvSource({
        "8, 1.36, 1.33, '', 8440042658259165463",
        "64, 0, 2.5, Result_digit-2, -7091179767501417329",
        "64, -0.0, 2.5, Result_digit-2, -7091179767501417329",
        "8, 1, 0.5, result, -988059299194875903"
    })
    void idIsTheBeginningOfAHash(int window, double burst, double rebound, String trackedClass, long id) {
        assertThat(new Scoring(window, burst, rebound, trackedClass).id()).isEqualTo(id);
    }

    @Test
    void defaultsAreThePapersAndOurWindow() {
        assertThat(Scoring.DEFAULT).isEqualTo(new Scoring(8, 1.36, 1.33, ""));
        assertThat(Scoring.DEFAULT.tracksClass()).isFalse();
        assertThat(Scoring.DEFAULT.withTrackedClass("result").tracksClass()).isTrue();
    }

    @Test
    void everyOptionIsStored() throws IOException {
        Scoring scoring = new Scoring(3, 0.25, 0.75, "result");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        scoring.write(new StateOutput(new DataOutputStream(bytes)));
        assertThat(Scoring.read(new StateInput(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())))))
                .isEqualTo(scoring);
    }
}
