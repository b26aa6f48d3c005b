package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.sequences.Logged;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.kafka.KafkaSender.Fate;
import io.edistream.sequences.kafka.KafkaSender.Outgoing;
import io.edistream.sequences.kafka.KafkaSender.Queued;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of starts and ends when steps are dropped and records fail. */
class EntropyEncoderTest {

    private static final StepEvents START = Samples.lifecycle(8, true, false);
    private static final StepEvents END = Samples.lifecycle(8, false, true);

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final EntropyEncoder encoder =
            new EntropyEncoder("topic", 5, new AvroEvents(5, EventOptions.numbersOnly()), metrics);

    @Test
    void aLostStartComesWithTheNextRecord() {
        made(START).settled().accept(Fate.FAILED);
        TokenEntropyBatch next = read(made(Samples.token(1)));
        assertThat(next.getStarts()).extracting(SequenceStart::getSequence).containsExactly(8L);
        assertThat(next.getRuns()).hasSize(1);
        assertThat(read(made(Samples.token(2))).getStarts()).as("once").isEmpty();
    }

    @Test
    void whatIsSentAgainIsSentAgainAsOftenAsItIsLost() {
        made(START).settled().accept(Fate.FAILED);
        made(Samples.token(1)).settled().accept(Fate.FAILED);
        assertThat(read(made(Samples.token(2))).getStarts()).hasSize(1);
    }

    @Test
    void aLostEndIsLeftOverAsSoonAsNothingIsUnderWay() {
        made(START).settled().accept(Fate.THROUGH);
        Outgoing end = made(END);
        Outgoing other = made(Samples.token(1));
        end.settled().accept(Fate.FAILED);
        assertThat(encoder.leftOver()).as("one is still under way").isEmpty();
        other.settled().accept(Fate.THROUGH);
        TokenEntropyBatch last = read(made(encoder.leftOver().orElseThrow()));
        assertThat(last.getFinishes()).extracting(SequenceFinish::getSequence).containsExactly(8L);
        assertThat(last.getDecodedAtMicros()).isEqualTo(END.decodedAtMicros());
        assertThat(encoder.leftOver()).isEmpty();
    }

    @Test
    void aStartAndAnEndThatAreBothLostAnnihilateInAnyOrder() {
        Outgoing start = made(START);
        Outgoing end = made(END);
        start.settled().accept(Fate.FAILED);
        end.settled().accept(Fate.FAILED);
        assertThat(encoder.leftOver()).isEmpty();

        start = made(START);
        end = made(END);
        end.settled().accept(Fate.FAILED);
        start.settled().accept(Fate.FAILED);
        assertThat(encoder.leftOver()).isEmpty();

        made(Samples.lifecycle(8, true, true)).settled().accept(Fate.FAILED);
        assertThat(encoder.leftOver()).as("in one record").isEmpty();
    }

    @Test
    void sequencesWhoseStartIsNeverSentAreCounted() {
        made(START).settled().accept(Fate.FAILED);
        made(END).settled().accept(Fate.FAILED);
        assertThat(unwatched()).as("both were lost").isEqualTo(1);
        encoder.dropped(Samples.lifecycle(9, true, false));
        encoder.dropped(Samples.lifecycle(9, false, true));
        assertThat(unwatched()).as("both were dropped").isEqualTo(2);
        Outgoing start = made(Samples.lifecycle(10, true, false));
        Outgoing end = made(Samples.lifecycle(10, false, true));
        start.settled().accept(Fate.FAILED);
        end.settled().accept(Fate.THROUGH);
        assertThat(unwatched()).as("its end was sent already").isEqualTo(3);
        made(Samples.lifecycle(11, true, false)).settled().accept(Fate.FAILED);
        encoder.dropped(Samples.lifecycle(12, true, false));
        encoder.dropped(Samples.lifecycle(13, false, true));
        assertThat(unwatched()).as("they may still be sent").isEqualTo(3);
        encoder.closed();
        assertThat(unwatched())
                .as("no more, but the end of one that was told of")
                .isEqualTo(5);
    }

    private double unwatched() {
        return Metrics.value(metrics, "edistream_generator_unwatched_sequences");
    }

    @Test
    void aStartIsNotSentBehindItsEnd() {
        Outgoing start = made(START);
        Outgoing end = made(END);
        start.settled().accept(Fate.FAILED);
        end.settled().accept(Fate.THROUGH);
        assertThat(encoder.leftOver()).isEmpty();
    }

    @Test
    void nothingPilesUpInALongOutage() {
        made(START).settled().accept(Fate.THROUGH);
        for (int sequence = 100; sequence < 1100; sequence++) {
            made(Samples.lifecycle(sequence, true, false)).settled().accept(Fate.FAILED);
            made(Samples.lifecycle(sequence, false, true)).settled().accept(Fate.FAILED);
        }
        made(END).settled().accept(Fate.FAILED);
        TokenEntropyBatch left = read(made(encoder.leftOver().orElseThrow()));
        assertThat(left.getStarts()).hasSizeLessThanOrEqualTo(1);
        assertThat(left.getFinishes()).extracting(SequenceFinish::getSequence).contains(8L);
        assertThat(left.getFinishes()).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void droppedStepsHandTheirStartsAndEndsToTheNextOne() {
        encoder.dropped(START);
        encoder.dropped(Samples.lifecycle(9, false, true));
        encoder.dropped(Samples.lifecycle(10, true, false));
        encoder.dropped(Samples.lifecycle(10, false, true));
        StepEvents next = encoder.withDropped(Samples.token(3));
        assertThat(next.starts()).extracting(start -> start.sequence()).containsExactly(8L);
        assertThat(next.ends()).extracting(end -> end.sequence()).containsExactly(9L);
        assertThat(next.runs()).isEqualTo(Samples.token(3).runs());
        assertThat(encoder.withDropped(Samples.token(4))).isEqualTo(Samples.token(4));
    }

    @Test
    void droppedStepsAreLeftOverWhenNoneFollows() {
        Outgoing other = made(Samples.token(1));
        encoder.dropped(END);
        assertThat(encoder.leftOver().orElseThrow().ends()).hasSize(1);
        other.settled().accept(Fate.THROUGH);
        assertThat(encoder.leftOver()).isEmpty();
    }

    @Test
    void whatCannotBeEncodedDoesNotPoisonWhatFollows() {
        List<Queued<StepEvents>> broken =
                List.of(new Queued<>(START, 0), new Queued<>(Samples.token(1), 0), new Queued<>(Samples.token(5), 0));
        assertThatThrownBy(() -> encoder.records(broken)).isInstanceOf(IllegalArgumentException.class);
        TokenEntropyBatch next = read(made(Samples.token(6)));
        assertThat(next.getStarts()).isEmpty();
        assertThat(next.getRecordNumber()).isEqualTo(1);
    }

    @Test
    void aStartTooFarBehindTheHighestOnePublishedIsDroppedAndCounted() {
        Outgoing lost = made(Samples.lifecycle(8, true, false));
        Outgoing other = made(Samples.lifecycle(9, true, false));
        made(Samples.lifecycle(8 + 65_536, true, false)).settled().accept(Fate.THROUGH);
        lost.settled().accept(Fate.FAILED);
        other.settled().accept(Fate.FAILED);
        try (Logged log = Logged.by(StartWindow.class)) {
            TokenEntropyBatch next = read(made(Samples.token(1)));
            assertThat(next.getStarts())
                    .as("65,535 behind is near enough")
                    .extracting(SequenceStart::getSequence)
                    .containsExactly(9L);
            assertThat(next.getRuns()).as("tokens of sequence 8").isEmpty();
            assertThat(log.lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("Sequence 8 ")
                    .contains("65536");
        }
        assertThat(Metrics.value(metrics, "edistream_generator_unwatched_sequences"))
                .isEqualTo(1);
        assertThat(read(made(END)).getFinishes()).isEmpty();
        assertThat(read(made(END)).getFinishes())
                .as("with its end it is forgotten")
                .hasSize(1);
    }

    @Test
    void startsOfOneRecordAreJudgedInTheirOrder() {
        StepEvents oldFirst =
                StepEvents.merged(List.of(Samples.lifecycle(0, true, false), Samples.lifecycle(65_536, true, false)));
        assertThat(read(made(oldFirst)).getStarts()).hasSize(2);
        StepEvents newFirst = StepEvents.merged(
                List.of(Samples.lifecycle(200_000, true, false), Samples.lifecycle(134_464, true, false)));
        assertThat(read(made(newFirst)).getStarts())
                .extracting(SequenceStart::getSequence)
                .containsExactly(200_000L);
    }

    private Outgoing made(StepEvents step) {
        return encoder.records(List.of(new Queued<>(step, 0))).get(0);
    }

    private static TokenEntropyBatch read(Outgoing outgoing) {
        try {
            return RecordCodec.of(TokenEntropyBatch.class)
                    .decode(outgoing.record().value());
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
    }
}
