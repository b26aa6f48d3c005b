package io.edistream.jobs.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class TroublesTest {

    private final RuntimeException thrown = new TimeoutException("waited");
    private final TestClock clock = new TestClock();
    private final List<String> begins = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();
    private final Troubles troubles = new Troubles("t", clock, begins::add, ends::add);

    @Test
    void oneLineWhenItBeginsAndOneWhenItIsOver() {
        troubles.failed(Failure.MISSING, thrown);
        troubles.report(true);
        for (int i = 0; i < 12_345; i++) {
            troubles.full(RecordKind.RUNNING);
        }
        clock.advance(22_000);
        troubles.failed(Failure.MISSING, thrown);
        troubles.report(false);
        troubles.succeeded();
        clock.advance(999);
        troubles.report(true);
        assertThat(ends).as("not quiet for long").isEmpty();
        clock.advance(1);
        troubles.report(false);
        assertThat(ends).as("much waits").isEmpty();
        troubles.report(true);
        troubles.report(true);

        assertThat(begins).containsExactly("topic t is missing; create it with: edistream topics --create");
        assertThat(ends)
                .containsExactly("topic t: 12,345 running scores dropped within 22 s, records get through again");
    }

    @Test
    void whatFillsUpWithoutAnotherReasonIsSaid() {
        troubles.full(RecordKind.SPIKE);
        troubles.full(RecordKind.SPIKE);
        troubles.report(false);
        troubles.report(false);

        assertThat(begins).containsExactly("topic t: more records come than Kafka takes, so the oldest are dropped");
    }

    @Test
    void finalScoresThatAreDroppedAreSaidAndCounted() {
        troubles.failed(Failure.UNREACHABLE, thrown);
        troubles.report(false);
        troubles.full(RecordKind.FINAL);
        troubles.full(RecordKind.FINAL);
        troubles.report(false);
        troubles.report(false);
        troubles.succeeded();
        clock.advance(1_000);
        troubles.report(true);

        assertThat(begins)
                .containsExactly(
                        "topic t gets no answer from its brokers in time: are they there, and have they room on their"
                                + " disks? (TimeoutException: waited)",
                        "topic t: final scores are dropped, since no more of them may wait");
        assertThat(ends).containsExactly("topic t: 2 final scores dropped within 0 s, records get through again");
    }

    @Test
    void anotherReasonIsSaidOnceAndEverythingAgainNextTime() {
        for (int time = 0; time < 2; time++) {
            troubles.failed(Failure.FORBIDDEN, thrown);
            troubles.report(true);
            troubles.failed(Failure.MISSING, thrown);
            troubles.report(true);
            troubles.failed(Failure.FORBIDDEN, thrown);
            troubles.report(true);
            assertThat(begins).hasSize(2 * time + 2);
            troubles.succeeded();
            clock.advance(1_000);
            troubles.report(true);
            assertThat(ends).hasSize(time + 1);
        }
        assertThat(ends).containsOnly("topic t: nothing dropped within 0 s, records get through again");
    }

    @Test
    void anAcknowledgementBeforeTheLastTroubleEndsNothing() {
        troubles.failed(Failure.MISSING, thrown);
        troubles.succeeded();
        troubles.dropped(RecordKind.RUNNING);
        clock.advance(60_000);
        troubles.report(true);

        assertThat(ends).isEmpty();
    }

    @Test
    void allGoesWellWithoutAWord() {
        troubles.succeeded();
        clock.advance(60_000);
        troubles.report(true);

        assertThat(begins).isEmpty();
        assertThat(ends).isEmpty();
    }
}
