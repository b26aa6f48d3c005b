package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.ScoreValues;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Score;
import io.edistream.signals.Scoring;
import io.edistream.signals.Token;
import io.edistream.signals.batch.BatchScores;
import io.edistream.signals.rules.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchEqualityTest extends OperatorTest {

    private static final String CLASS = "digit";
    private static final Scoring SCORING = Scoring.DEFAULT.withTrackedClass(CLASS);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void finalScoresAreTheDefinitionsOverWhatArrived(long seed) throws Exception {
        Random random = new Random(seed);
        List<Sample> sent = random(seed, 1 + random.nextInt(300));
        List<Token> arrived = new ArrayList<>();
        try (SequenceHarness job = open(WatchSettings.of(SCORING, Rules.NONE))) {
            job.feed(batch(0).start(seed));
            int next = 0;
            while (next < sent.size()) {
                int end = Math.min(sent.size(), next + 1 + random.nextInt(6));
                if (random.nextInt(5) > 0) {
                    job.feed(batch(1).run(seed, next, sent.subList(next, end)));
                    sent.subList(next, end).forEach(token -> arrived.add(token.core()));
                }
                next = end;
            }
            job.feed(batch(2).finish(seed, sent.size()));

            Score last = job.finals(seed).get(0);
            assertThat(ScoreValues.of(last)).isEqualTo(new TreeMap<>(BatchScores.of(arrived, SCORING, 1)));
            assertThat(last.getTokens()).isEqualTo(arrived.size());
            assertThat(last.getUnmeasured()).isEqualTo((int)
                    arrived.stream().filter(token -> !token.hasEntropy()).count());
            assertThat(last.getMissing()).isEqualTo(sent.size() - arrived.size());
        }
    }
}
