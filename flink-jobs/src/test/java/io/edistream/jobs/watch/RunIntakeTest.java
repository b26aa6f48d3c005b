package io.edistream.jobs.watch;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.random;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import org.junit.jupiter.api.Test;

/** What of a run is taken in, counted and told. */
class RunIntakeTest {

    private final WatchHarness job = new WatchHarness(WatchSettings.DEFAULT).feed(batch(0).start(1));

    @Test
    void aRunOfUnmeasuredTokensGivesOneScoreIfItCrossesAnInterval() {
        job.feed(batch(1).bareRun(1, 0, 15));
        assertThat(job.told.scores).isEmpty();
        job.feed(batch(2).bareRun(1, 15, 1));
        assertThat(job.told.scores).extracting(Score::getLastToken).containsExactly(15);
        job.feed(batch(3).bareRun(1, 16, 40));
        assertThat(job.told.scores).extracting(Score::getLastToken).containsExactly(15, 55);
        assertThat(job.counts.runningScores).isEqualTo(2);
        job.feed(batch(4).bareRun(1, 56, 7));
        assertThat(job.counts.runningScores).isEqualTo(2);
    }

    @Test
    void measuredTokensGiveAScoreAtEachInterval() {
        job.feed(batch(1).run(1, 0, random(1, 40)));
        assertThat(job.told.scores).extracting(Score::getLastToken).containsExactly(15, 31);
        assertThat(job.counts.runningScores).isEqualTo(2);
    }

    @Test
    void ofUnmeasuredTokensThatComeAgainOnlyTheNewOnesAreTaken() {
        job.feed(batch(1).bareRun(1, 0, 10)).feed(batch(2).bareRun(1, 5, 8)).feed(batch(3).bareRun(1, 2, 3));
        job.feed(batch(4).bareRun(1, 15, 2));
        assertThat(job.counts.tokens).isEqualTo(15);
        assertThat(job.counts.unmeasured).isEqualTo(15);
        assertThat(job.counts.repeatedTokens).isEqualTo(5 + 3);
        assertThat(job.counts.missingTokens).isEqualTo(2);
        assertThat(job.told.rejected)
                .extracting(Rejected::getReason)
                .containsExactly(RejectReason.REPEATED_TOKENS, RejectReason.REPEATED_TOKENS);
        assertThat(job.told.rejected.get(0).getDetail())
                .startsWith("5 of the tokens 5 to 12 lie at or before token 9, which was taken already");
    }

    @Test
    void aForkIsScoredFromTheFirstTokenOfItsOwn() {
        var child = newStart(2);
        child.setParent(1L);
        child.setForkToken(15);
        job.feed(batch(1).start(child).run(2, 0, random(1, 16)));
        assertThat(job.told.scores).isEmpty();
        job.feed(batch(2).run(2, 16, random(2, 16)));
        assertThat(job.told.scores).extracting(Score::getLastToken).containsExactly(31);
    }

    @Test
    void impossibleTokensOfARunAreOneRejectionThatSaysHowMany() {
        job.feed(batch(1).run(1, 0, token(1), token(-1), token(1)));
        job.feed(batch(2).run(1, 3, token(1), token(-1), token(-2), token(-3)));
        assertThat(job.told.rejected)
                .extracting(Rejected::getToken, rejected -> rejected.getDetail().replaceAll(".*; it", "it"))
                .containsExactly(tuple(1, "it was left out"), tuple(4, "it was left out, as were 2 more of its run"));
        assertThat(job.counts.tokens).isEqualTo(3);
        // The one between two others is missed; those at the end may still come.
        assertThat(job.counts.missingTokens).isEqualTo(1);
    }
}
