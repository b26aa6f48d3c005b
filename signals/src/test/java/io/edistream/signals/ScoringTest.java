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

    /** Whoever changes this list changes the number in the text that {@link Scoring#id} hashes: ids say what is stored. */
    @Test
    void whatScoring1Means() {
        assertThat(new Catalogue(new Scoring(4, 0.5, 0.25, "")).signals())
                .extracting(Object::toString)
                .containsExactly(
                        "Edis[burst=Burst[windowTokens=4, thresholdNats=0.5], rebound=Rebound[thresholdNats=0.25]]",
                        "Burst[windowTokens=4, thresholdNats=0.5]",
                        "Rebound[thresholdNats=0.25]",
                        "EntropyVariance[]",
                        "MeanEntropy[]",
                        "SequenceEntropy[]",
                        "SpikeCount[thresholdNats=0.7]",
                        "LargestWindowedEntropy[windowTokens=8]",
                        "EntropyGap[]",
                        "Perplexity[]",
                        "TokenConfidence[]",
                        "LowestGroupConfidence[groupTokens=32]",
                        "TailConfidence[groupTokens=32]");
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
        assertThat(Scoring.read(in(stored(scoring)))).isEqualTo(scoring);
    }

    private static byte[] stored(Scoring scoring) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        scoring.write(new StateOutput(new DataOutputStream(bytes)));
        return bytes.toByteArray();
    }

    private static StateInput in(byte[] bytes) {
        return new StateInput(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
