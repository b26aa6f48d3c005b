package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.CLASSES;
import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Score;
import io.edistream.schemas.Token;
import io.edistream.signals.Scoring;
import io.edistream.signals.batch.BatchScores;
import io.edistream.signals.monitor.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchEqualityTest {

    private static final Scoring OPTIONS = Scoring.DEFAULT.withTrackedClass("result");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void finalScoresAreTheDefinitionsOverWhatArrived(long seed) throws Exception {
        Random random = new Random(seed);
        List<Token> sent = random(seed, 1 + random.nextInt(300));
        List<io.edistream.signals.Token> arrived = new ArrayList<>();
        try (SequenceHarness job = SequenceHarness.open(SequenceSettings.of(new Policy(OPTIONS, List.of())))) {
            job.feed(batch(0).start(seed));
            int next = 0;
            while (next < sent.size()) {
                int end = Math.min(sent.size(), next + 1 + random.nextInt(6));
                if (random.nextInt(5) > 0) {
                    job.feed(batch(1).run(seed, next, sent.subList(next, end)));
                    sent.subList(next, end).forEach(token -> arrived.add(core(token)));
                }
                next = end;
            }
            job.feed(batch(2).finish(seed, sent.size()));

            Score last = job.finals(seed).get(0);
            assertThat(last.getSignals()).isEqualTo(BatchScores.of(arrived, OPTIONS, CLASSES.indexOf("result")));
            assertThat(last.getTokens()).isEqualTo(arrived.size());
            assertThat(last.getMissingTokens()).isEqualTo(sent.size() - arrived.size());
        }
    }

    private static io.edistream.signals.Token core(Token token) {
        return new io.edistream.signals.Token(
                token.getEntropy(),
                io.edistream.signals.Token.UNMEASURED,
                token.getLogprob(),
                token.getConfidence(),
                token.getTokenClass());
    }
}
