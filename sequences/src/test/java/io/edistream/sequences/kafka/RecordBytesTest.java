package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Step;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceEnded.Delivery;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.kafka.KafkaSender.Fate;
import io.edistream.sequences.kafka.KafkaSender.Outgoing;
import io.edistream.sequences.kafka.KafkaSender.Queued;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No record is larger than what sources may send, whatever a step holds, and what could not succeed is not tried. */
@Timeout(60)
class RecordBytesTest {

    private static final int MOST_BYTES = 900_000;
    private static final TokenStats STATS = new TokenStats(1_000_000, .5f, -.25f, 3f, 4f, 5f, 2);

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final EntropyEncoder encoder =
            new EntropyEncoder("topic", 5, new AvroEvents(5, EventOptions.everything()), metrics);

    @Test
    void eightEndsWithLongTextsInOneStepBecomeTwoRecordsAndLoseNothing() {
        String text = "a".repeat(150_000);
        List<TokenEntropyBatch> records = sent(step(
                List.of(),
                List.of(),
                LongStream.range(0, 8).mapToObj(i -> end(i, text, null)).toList()));
        assertThat(records).hasSize(2);
        assertThat(records).extracting(TokenEntropyBatch::getRecordNumber).containsExactly(0L, 1L);
        assertThat(records.stream().flatMap(record -> record.getFinishes().stream()))
                .extracting(SequenceFinish::getSequence)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(records.stream().flatMap(record -> record.getFinishes().stream()))
                .allSatisfy(end -> assertThat(end.getText()).isEqualTo(text));
        assertThat(textsLeftOut()).isZero();
    }

    @Test
    void aNameOfAMegabyteIsCutAndItsSequenceIsWatched() {
        SequenceStarted start = start(3, "x".repeat(1_100_000), "prompt", List.of("other"));
        List<TokenEntropyBatch> records =
                sent(step(List.of(start), List.of(run(3, 0, 2)), List.of(end(3, "text", null))));
        assertThat(records).hasSize(1);
        SequenceStart read = records.get(0).getStarts().get(0);
        assertThat(read.getRequest()).isEqualTo("x".repeat(256));
        assertThat(read.getPrompt()).isEqualTo("prompt");
    }

    @Test
    void promptsAndTextsAreCutAtTheirBoundAndNotWithinACharacter() {
        String bound = "y".repeat((1 << 18) - 1);
        List<TokenEntropyBatch> records = sent(step(
                List.of(start(1, "name", bound + "\uD83D\uDE00", List.of())),
                List.of(),
                List.of(end(1, "z".repeat(1 << 18), null), end(2, "z".repeat((1 << 18) + 1), "a".repeat(1 << 19)))));
        assertThat(records.get(0).getStarts().get(0).getPrompt()).isEqualTo(bound);
        assertThat(records.stream().flatMap(record -> record.getFinishes().stream()))
                .allSatisfy(end -> assertThat(end.getText()).hasSize(1 << 18));
    }

    @Test
    void aLifecycleTooLargeForARecordGoesWithoutItsTextAndIsCounted() {
        // Three bytes each in UTF-8: text and answer together are more than a record holds.
        String euros = "\u20AC".repeat(1 << 18);
        List<TokenEntropyBatch> records = sent(step(List.of(), List.of(), List.of(end(4, euros, euros))));
        assertThat(records).hasSize(1);
        SequenceFinish end = records.get(0).getFinishes().get(0);
        assertThat(end.getSequence()).isEqualTo(4);
        assertThat(end.getText()).isNull();
        assertThat(end.getAnswer()).isEqualTo(euros);
        assertThat(textsLeftOut()).isEqualTo(1);
    }

    @Test
    void aStartThatIsTooLargeByItselfIsNeverSentNorIsItsSequence() {
        List<String> names =
                IntStream.range(0, 128).mapToObj(i -> "c".repeat(10_000)).toList();
        StepEvents step = step(
                List.of(start(1, "name", "prompt", List.of("other")), start(2, "name", "prompt", names)),
                List.of(run(1, 0, 3), run(2, 0, 3)),
                List.of(end(2, "text", null)));
        List<Outgoing> records = records(step);
        List<TokenEntropyBatch> read = records.stream().map(this::read).toList();
        assertThat(read.stream().flatMap(record -> record.getStarts().stream()))
                .extracting(SequenceStart::getSequence)
                .containsExactly(1L);
        assertThat(read.stream().flatMap(record -> record.getRuns().stream()))
                .extracting(io.edistream.schemas.TokenRun::getSequence)
                .containsExactly(1L);
        assertThat(read.stream().flatMap(record -> record.getFinishes().stream()))
                .isEmpty();
        assertThat(Metrics.value(metrics, "edistream_generator_unwatched_sequences"))
                .isEqualTo(1);
        records.forEach(record -> record.settled().accept(Fate.THROUGH));
        assertThat(encoder.leftOver()).as("nothing is tried again").isEmpty();
        assertThat(sent(Samples.lifecycle(2, false, true)))
                .as("with its end it is forgotten")
                .hasSize(1);
    }

    @Test
    void manyRowsWithDetailsMergedOverManyStepsAreReadByAJobWithoutAGap() throws Exception {
        int rows = 1_024;
        int steps = 256;
        List<Queued<StepEvents>> waiting = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            int token = step;
            waiting.add(new Queued<>(
                    step(
                            List.of(),
                            IntStream.range(0, rows)
                                    .mapToObj(row -> run(row, token, 1))
                                    .toList(),
                            List.of()),
                    0));
        }
        Map<Long, Integer> next = new HashMap<>();
        Step step = new Step();
        StepDecoder decoder = new StepDecoder();
        long number = 0;
        int records = 0;
        while (!waiting.isEmpty()) {
            int count = encoder.inOneRecord(waiting);
            List<Outgoing> made = encoder.records(waiting.subList(0, count));
            assertThat(made)
                    .as("merging knows the bound, so that nothing is encoded in vain")
                    .hasSize(1);
            byte[] value = made.get(0).record().value();
            assertThat(value).hasSizeLessThanOrEqualTo(MOST_BYTES);
            decoder.decode(value, step);
            assertThat(read(made.get(0)).getRecordNumber()).isEqualTo(number++);
            for (io.edistream.schemas.TokenRun run : read(made.get(0)).getRuns()) {
                assertThat(run.getFirstToken()).isEqualTo(next.getOrDefault(run.getSequence(), 0));
                next.merge(run.getSequence(), run.getTokens(), Integer::sum);
            }
            waiting = waiting.subList(count, waiting.size());
            records++;
        }
        assertThat(next).hasSize(rows).allSatisfy((row, tokens) -> assertThat(tokens)
                .isEqualTo(steps));
        // 28 bytes and more for each of 262,144 tokens; half empty records would be twice as many.
        assertThat(records).isBetween(8, 16);
    }

    @Test
    void oneRunThatIsTooLargeIsCutIntoRuns() {
        List<TokenEntropyBatch> records =
                sent(step(List.of(start(1, "n", "p", List.of())), List.of(run(1, 0, 100_000)), List.of()));
        assertThat(records.size()).isGreaterThan(3);
        assertThat(tokensInOrder(records)).isEqualTo(100_000);
        assertThat(records.get(0).getStarts()).hasSize(1);
    }

    @Test
    void tokensThatTakeNoBytesAreBoundedByTheirNumber() {
        TokenStats none = new TokenStats(-1, Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN, -1);
        DecodedToken unmeasured = new DecodedToken(none, 0, UnmeasuredReason.HIDDEN, false, Phase.UNKNOWN);
        int most = 1 << 18;
        List<DecodedToken> tokens = java.util.Collections.nCopies(most, unmeasured);
        assertThat(sent(step(List.of(), List.of(new TokenRun(1, 0, tokens, null)), List.of())))
                .hasSize(1);
        List<TokenEntropyBatch> two = sent(step(
                List.of(),
                List.of(new TokenRun(2, 0, tokens, null), new TokenRun(3, 0, tokens.subList(0, 1), null)),
                List.of()));
        assertThat(two).hasSize(2);
    }

    @Test
    void aBrokerThatTakesLessIsSentLess() {
        String text = "a".repeat(100_000);
        StepEvents step = step(
                List.of(start(9, "n", "p", List.of())),
                List.of(),
                LongStream.range(0, 8).mapToObj(i -> end(i, text, null)).toList());
        int brokersMost = 300_000;
        List<Outgoing> tries = records(step);
        List<SequenceFinish> arrived = new ArrayList<>();
        List<SequenceStart> started = new ArrayList<>();
        int refused = 0;
        while (!tries.isEmpty()) {
            for (Outgoing record : tries) {
                boolean fits = record.record().value().length <= brokersMost;
                refused += fits ? 0 : 1;
                if (fits) {
                    arrived.addAll(read(record).getFinishes());
                    started.addAll(read(record).getStarts());
                }
                record.settled().accept(fits ? Fate.THROUGH : Fate.TOO_LARGE);
            }
            tries = encoder.leftOver().map(this::records).orElse(List.of());
        }
        assertThat(started).hasSize(1);
        assertThat(arrived)
                .extracting(SequenceFinish::getSequence)
                .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(arrived).allSatisfy(end -> assertThat(end.getText()).isEqualTo(text));
        assertThat(refused).isBetween(1, 3);
    }

    @Test
    void aBrokerThatTakesNothingIsNotAskedForEver() {
        List<Outgoing> tries = records(Samples.lifecycle(9, true, false));
        int asked = 0;
        while (!tries.isEmpty() && asked < 100) {
            asked += tries.size();
            tries.forEach(record -> record.settled().accept(Fate.TOO_LARGE));
            tries = encoder.leftOver().map(this::records).orElse(List.of());
        }
        assertThat(asked).isEqualTo(1);
        assertThat(Metrics.value(metrics, "edistream_generator_unwatched_sequences"))
                .isEqualTo(1);
    }

    @Test
    void textsThatWaitForKafkaAreBounded() {
        String text = "t".repeat(1 << 18);
        // 128 texts are the bound of 2^25 characters; the 129th goes without.
        for (int sequence = 0; sequence < 129; sequence++) {
            encoder.dropped(step(List.of(), List.of(), List.of(end(sequence, text, null))));
        }
        assertThat(textsLeftOut()).isEqualTo(1);
        List<SequenceEnded> kept =
                encoder.withDropped(step(List.of(), List.of(), List.of())).ends();
        assertThat(kept).hasSize(129);
        assertThat(kept.stream().filter(end -> end.text() == null)).hasSize(1);
        encoder.dropped(step(List.of(), List.of(), List.of(end(500, text, null))));
        assertThat(textsLeftOut()).as("there is room again").isEqualTo(1);
    }

    private int tokensInOrder(List<TokenEntropyBatch> records) {
        int next = 0;
        for (TokenEntropyBatch record : records) {
            for (io.edistream.schemas.TokenRun run : record.getRuns()) {
                assertThat(run.getFirstToken()).isEqualTo(next);
                next += run.getTokens();
            }
        }
        return next;
    }

    private List<TokenEntropyBatch> sent(StepEvents step) {
        List<Outgoing> records = records(step);
        records.forEach(record -> record.settled().accept(Fate.THROUGH));
        return records.stream().map(this::read).toList();
    }

    private List<Outgoing> records(StepEvents step) {
        return encoder.records(List.of(new Queued<>(step, 0)));
    }

    private TokenEntropyBatch read(Outgoing outgoing) {
        assertThat(outgoing.record().value()).hasSizeLessThanOrEqualTo(MOST_BYTES);
        try {
            return RecordCodec.of(TokenEntropyBatch.class)
                    .decode(outgoing.record().value());
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
    }

    private double textsLeftOut() {
        return Metrics.value(metrics, "edistream_generator_texts_left_out");
    }

    private static StepEvents step(List<SequenceStarted> starts, List<TokenRun> runs, List<SequenceEnded> ends) {
        return new StepEvents(1_000, starts, runs, ends);
    }

    private static TokenRun run(long sequence, int first, int tokens) {
        return new TokenRun(sequence, first, java.util.Collections.nCopies(tokens, DecodedToken.drawn(STATS, 0)), null);
    }

    private static SequenceEnded end(long sequence, String text, String answer) {
        return new SequenceEnded(
                sequence, 3, EndReason.LENGTH, false, Delivery.all(3), 2_000, null, answer, null, text);
    }

    private static SequenceStarted start(long sequence, String request, String prompt, List<String> classes) {
        return new SequenceStarted(
                sequence,
                sequence,
                "reasoner-s",
                "default",
                "djl",
                EntropyKind.RAW_EXACT,
                162,
                30,
                null,
                null,
                null,
                ToldSampling.of(new Sampling(.8, 20, .9, .05, 42)),
                classes,
                1,
                4,
                request,
                null,
                prompt);
    }
}
