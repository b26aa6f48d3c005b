package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Token;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Sequences whose start was lost, comes late or never, and events behind a finish. */
class HomelessTest {

    private static final long IDLE = SequenceSettings.DEFAULT_IDLE_TIMEOUT.toMillis();
    private static final long MEMORY = SequenceSettings.DEFAULT_FINISHED_MEMORY.toMillis();
    private static final SequenceSettings SETTINGS = SequenceSettings.of(SequenceHarness.POLICY);
    private static final String REJECTED_AGAIN = "rejected_again_total reason=unknown_sequence";
    private static final List<Token> TOKENS = random(3, 1_000);

    @Test
    void aThousandTokensWithoutAStartAreOneRejection() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            feed(job, 0, 1_000);
            job.feed(batch(1_000).finish(1, 1_000));

            assertThat(job.rejected()).hasSize(1);
            Rejected rejected = job.rejected().get(0);
            assertThat(rejected.getReason()).isEqualTo(RejectReason.UNKNOWN_SEQUENCE);
            assertThat(rejected.getToken()).isZero();
            assertThat(rejected.getDetail())
                    .isEqualTo("tokens 0 to 0 of a sequence without a start: must come after its start; ignored, and"
                            + " what else comes of it is only counted");
            assertThat(job.metric(REJECTED_AGAIN)).isEqualTo(1_000);
            assertThat(job.metric("rejected_total reason=unknown_sequence")).isEqualTo(1);
            assertThat(job.timersLeft()).isEqualTo(1);
        }
    }

    @Test
    void everySequenceWithoutAStartIsRejectedOnce() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).run(1, 5, TOKENS.get(0)).run(2, 7, TOKENS.get(0)));
            job.feed(batch(1).run(1, 6, TOKENS.get(0)).run(2, 8, TOKENS.get(0)));

            assertThat(job.rejected()).extracting(Rejected::getToken).containsExactly(5, 7);
        }
    }

    @Test
    void aStartThatComesLateOpensTheSequenceAndTheRestIsAGap() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            feed(job, 3, 10);
            job.feed(batch(10).start(1));
            feed(job, 10, 30);
            job.feed(batch(30).finish(1, 30));

            assertThat(job.rejected()).hasSize(1);
            Score last = job.finals(1).get(0);
            assertThat(last.getTokens()).isEqualTo(20);
            assertThat(last.getMissingTokens()).isEqualTo(10);
            assertThat(job.metric("gaps_total")).isEqualTo(1);
            assertThat(job.metric("missing_tokens_total")).isEqualTo(10);
            assertThat(job.statesLeft()).as("the ended sequence").isEqualTo(1);
            assertThat(job.timersLeft()).isEqualTo(1);

            job.at(MEMORY);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }

    @Test
    void oneWithoutAStartIsForgottenAfterTheIdleTimeoutOfSilence() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.at(0);
            feed(job, 0, 10);
            job.at(100);
            feed(job, 10, 20);

            job.at(IDLE);
            assertThat(job.statesLeft()).as("heard of since").isEqualTo(1);
            assertThat(job.timersLeft()).isEqualTo(1);
            feed(job, 20, 21);
            assertThat(job.rejected()).hasSize(1);

            job.pass(2 * IDLE);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
            assertThat(job.scores()).isEmpty();

            feed(job, 21, 22);
            assertThat(job.rejected()).hasSize(2);
        }
    }

    @Test
    void whatComesBehindAFinishIsOneRejection() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.at(0).feed(batch(0).start(1).finish(1, 0));
            feed(job, 0, 100);

            assertThat(job.rejected()).extracting(Rejected::getReason).containsExactly(RejectReason.AFTER_FINISH);
            assertThat(job.metric("rejected_again_total reason=after_finish")).isEqualTo(99);
            assertThat(job.timersLeft()).isEqualTo(1);

            job.at(MEMORY);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }

    @Test
    void aRestoreRemembersWhatWasRejected() throws Exception {
        OperatorSubtaskState state;
        try (SequenceHarness job = SequenceHarness.open()) {
            job.at(0);
            feed(job, 0, 10);
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(SETTINGS, state, 5)) {
            feed(job, 10, 20);
            assertThat(job.rejected()).isEmpty();
            assertThat(job.metric(REJECTED_AGAIN)).isEqualTo(10);

            job.at(IDLE).at(IDLE + 5);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }

    private static void feed(SequenceHarness job, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            job.feed(batch(i).run(1, i, TOKENS.get(i)));
        }
    }
}
