package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.measured;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.token;
import static io.edistream.jobs.Batches.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.edistream.jobs.Batches;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.source.SourceRecord.Refused;
import io.edistream.jobs.watch.Origin;
import io.edistream.jobs.watch.Records;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of nonsense, one at a time: it is rejected with its reason, and nothing else changes. */
class BadInputTest extends OperatorTest {

    private static final long BYSTANDER = 2;
    private static final long VICTIM = 1;
    private static final long NEWCOMER = 9;
    private static final List<Sample> BYSTANDER_TOKENS = measured(3, 40);
    private static final List<Sample> VICTIM_TOKENS = measured(4, 20);
    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    static Stream<Arguments> badTokens() {
        return Stream.of(
                bad("NaN entropy", token(NAN), "token 10 has the value NaN"),
                bad("infinite entropy", token(INFINITY), "entropy Infinity of token 10: must be at most 5.14"),
                bad("negative entropy", token(-0.01), "entropy -0.01: must be finite and at least 0 nats"),
                bad("entropy above ln V", token(5.1490), "entropy 5.149 of token 10"),
                bad("logprob above 0", token(1, 0.1, 4, 0), "logprob 0.1"),
                bad("NaN logprob", token(1, NAN, 4, 0), "token 10 has the value NaN"),
                bad("NaN confidence", token(1, -1, NAN, 0), "token 10 has the value NaN"),
                bad("infinite confidence", token(1, -1, INFINITY, 0), "confidence Infinity"),
                bad("sentinel in a confidence", token(1, -1, 400, 0), "confidence 400.0"),
                bad("negative confidence", token(1, -1, -2, 0), "confidence -2.0"),
                bad("upper bound below the lower", upper(1, 0.9), "upper bound 0.9"),
                bad("unknown class", token(1, -1, 4, 3), "token class 3 of token 10: must be 0 to 2"));
    }

    private static Sample upper(double entropy, double upper) {
        return new Sample((float) entropy, (float) upper, -1, 4, 0, null);
    }

    private static Arguments bad(String name, Sample token, String detail) {
        return arguments(named(name, token), detail);
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void aBadTokenIsLeftOutAndCountsAsMissing(Sample bad, String detail) throws Exception {
        Run without = run(job -> job.run(VICTIM, 11, VICTIM_TOKENS.subList(11, 20)));
        Run with = run(job -> job.run(VICTIM, 10, bad).run(VICTIM, 11, VICTIM_TOKENS.subList(11, 20)));
        Run inOneRun = run(job -> job.run(VICTIM, 10, withFirst(bad, VICTIM_TOKENS.subList(11, 20))));

        for (Run run : List.of(with, inOneRun)) {
            assertThat(run.rejected).hasSize(1);
            Rejected rejected = run.rejected.get(0);
            assertThat(rejected.getReason()).isEqualTo(RejectReason.BAD_VALUE);
            assertThat(rejected.getDetail()).contains(detail);
            assertThat(rejected.getToken()).isEqualTo(10);
            assertThat(rejected.getSequence()).isEqualTo(Ids.sequenceId(Batches.GENERATOR, VICTIM));
            assertThat(run.bystander).isEqualTo(without.bystander);
            assertThat(run.victim).isEqualTo(without.victim);
            assertThat(run.victim.getMissing()).isEqualTo(1);
        }
    }

    static Stream<Arguments> badEvents() {
        return Stream.of(
                event("negative index", b -> b.run(VICTIM, -1, token(1)), RejectReason.BAD_VALUE, "token index -1"),
                event(
                        "index out of range",
                        b -> b.run(VICTIM, Integer.MAX_VALUE, token(1)),
                        RejectReason.BAD_VALUE,
                        "must be 0 to 16777215"),
                event("empty run", b -> b.run(VICTIM, 10), RejectReason.EMPTY_RUN, "run of 0 tokens at token 10"),
                event(
                        "second start",
                        b -> b.start(VICTIM),
                        RejectReason.SECOND_START,
                        "start of a sequence that had one: must come once"),
                event(
                        "repeated tokens",
                        b -> b.run(VICTIM, 8, token(3), token(3)),
                        RejectReason.REPEATED_TOKENS,
                        "2 of the tokens 8 to 9 lie at or before token 9, which"),
                event(
                        "tokens without start",
                        b -> b.run(NEWCOMER, 4, token(1), token(1)),
                        RejectReason.UNKNOWN_SEQUENCE,
                        "tokens from 4 on of a sequence without a start"),
                event(
                        "finish without start",
                        b -> b.finish(NEWCOMER, 1),
                        RejectReason.UNKNOWN_SEQUENCE,
                        "finish of a sequence without a start"),
                start("no model", s -> s.setModel(" "), "model name of 0 characters"),
                start("long model", s -> s.setModel("m".repeat(257)), "model name of 257 characters in the start"),
                start("no route", s -> s.setRoute(""), "route name of 0 characters"),
                start("long request", s -> s.setRequest("r".repeat(257)), "request name of 257 characters"),
                start("vocabulary of one", s -> s.setVocabularySize(1), "vocabulary of 1 tokens in the start"),
                start("negative vocabulary", s -> s.setVocabularySize(-2), "vocabulary of -2 tokens in the start"),
                start(
                        "exact with alternatives",
                        s -> s.setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 20)),
                        "20 alternatives of an exact entropy"),
                event(
                        "negative counter",
                        b -> b.start(newStart(-1)),
                        RejectReason.BAD_VALUE,
                        "sequence counter -1 in the start"),
                event(
                        "a counter too far ahead",
                        b -> b.start(newStart((1L << 31) + 3)),
                        RejectReason.COUNTER_JUMP,
                        "start of sequence 2147483651 after that of sequence 2: must be at most 2147483648 ahead"),
                start(
                        "too many classes",
                        s -> s.setTokenClasses(Collections.nCopies(129, "c")),
                        "129 token classes in the start: must be at most 128"),
                start("fork token without parent", s -> s.setForkToken(3), "fork token 3 with parent null"),
                start("parent without fork token", s -> s.setParent(1L), "fork token null with parent 1"),
                start("negative fork token", s -> fork(s, -1), "fork token -1 in the start: must be 0 to"),
                start("large fork token", s -> fork(s, 1 << 24), "fork token 16777216 in the start"));
    }

    private static void fork(SequenceStart start, int token) {
        start.setParent(1L);
        start.setForkToken(token);
    }

    private static Arguments event(String name, Consumer<Batches> event, RejectReason reason, String detail) {
        return arguments(named(name, event), reason, detail);
    }

    private static Arguments start(String name, Consumer<SequenceStart> spoil, String detail) {
        return event(
                name,
                batch -> {
                    SequenceStart start = newStart(NEWCOMER);
                    spoil.accept(start);
                    batch.start(start);
                },
                RejectReason.BAD_VALUE,
                detail);
    }

    @ParameterizedTest
    @MethodSource("badEvents")
    void aBadEventIsRejectedAndChangesNothing(Consumer<Batches> event, RejectReason reason, String detail)
            throws Exception {
        Run without = run(job -> job.run(VICTIM, 10, VICTIM_TOKENS.subList(10, 20)));
        Run with = run(job -> {
            event.accept(job);
            job.run(VICTIM, 10, VICTIM_TOKENS.subList(10, 20));
        });

        assertThat(without.rejected).isEmpty();
        assertThat(with.rejected).hasSize(1);
        assertThat(with.rejected.get(0).getReason()).isEqualTo(reason);
        assertThat(with.rejected.get(0).getDetail()).contains(detail);
        assertThat(with.rejected.get(0).getTopic()).isEqualTo(SequenceHarness.TOPIC);
        assertThat(with.rejected.get(0).getOffset()).isEqualTo(1);
        assertThat(with.victim).isEqualTo(without.victim);
        assertThat(with.bystander).isEqualTo(without.bystander);
    }

    @ParameterizedTest
    @MethodSource("badCounts")
    void aFinishWithAnImpossibleCountStillEndsTheSequence(int tokens) throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).run(1, 0, VICTIM_TOKENS).finish(1, tokens));

            assertThat(job.finals(1)).hasSize(1);
            assertThat(job.finals(1).get(0).getMissing()).isZero();
            assertThat(job.rejected()).hasSize(1);
            assertThat(job.rejected().get(0).getReason()).isEqualTo(RejectReason.BAD_VALUE);
            assertThat(job.rejected().get(0).getDetail())
                    .contains("tokens " + tokens + " in the finish: must be 20 to");
        }
    }

    static Stream<Integer> badCounts() {
        return Stream.of(-1, 19, (1 << 24) + 1, Integer.MAX_VALUE);
    }

    @Test
    void anEntropyWithinTheToleranceOfTheLargestIsTaken() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).run(1, 0, token(Math.log(Batches.VOCABULARY) + 0.0005)));

            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void manyBadTokensOfARunAreOneRejection() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1)
                    .run(1, 0, token(1), token(NAN), token(1), token(-1))
                    .finish(1, 4));

            assertThat(job.rejected()).hasSize(1);
            assertThat(job.rejected().get(0).getDetail())
                    .contains("token 1 has the value NaN")
                    .endsWith("as were 1 more of its run");
            assertThat(job.finals(1).get(0).getTokens()).isEqualTo(2);
            assertThat(job.finals(1).get(0).getMissing()).isEqualTo(2);
        }
    }

    @Test
    void repeatedTokensAreDroppedAndRejectedOncePerRun() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).run(1, 0, VICTIM_TOKENS.subList(0, 15)));
            job.feed(batch(1).run(1, 10, VICTIM_TOKENS.subList(10, 20)).finish(1, 20));

            assertThat(job.rejected()).hasSize(1);
            Rejected rejected = job.rejected().get(0);
            assertThat(rejected.getReason()).isEqualTo(RejectReason.REPEATED_TOKENS);
            assertThat(rejected.getToken()).isEqualTo(10);
            assertThat(rejected.getDetail()).contains("5 of the tokens 10 to 19 lie at or before token 14");
            assertThat(rejected.getPartition()).isEqualTo(3);
            assertThat(rejected.getOffset()).isEqualTo(1);
            assertThat(rejected.getTopic()).isEqualTo(SequenceHarness.TOPIC);
            assertThat(rejected.getGenerator()).isEqualTo(Ids.generatorId(Batches.GENERATOR));
            assertThat(job.finals(1).get(0).getTokens()).isEqualTo(20);
            assertThat(job.finals(1).get(0).getMissing()).isZero();
        }
    }

    /** They never came before, but scores have gone past them. */
    @Test
    void tokensThatFillAGapLateAreRejectedForWhatTheyAre() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).run(1, 0, tokens(0, 0)).run(1, 5, tokens(0)));
            job.feed(batch(1).run(1, 2, tokens(0, 0, 0)));

            assertThat(job.rejected()).hasSize(1);
            assertThat(job.rejected().get(0).getReason()).isEqualTo(RejectReason.REPEATED_TOKENS);
            assertThat(job.rejected().get(0).getDetail())
                    .isEqualTo("3 of the tokens 2 to 4 lie at or before token 5, which was taken already: an index"
                            + " must be above every earlier one; ignored");
        }
    }

    @Test
    void aColumnThatDoesNotFitCostsTheTokensOfItsRecordAndNoStart() throws Exception {
        TokenEntropyBatch spoilt = batch(1).start(NEWCOMER)
                .run(VICTIM, 0, VICTIM_TOKENS)
                .finish(BYSTANDER, 0)
                .build();
        spoilt.setLogprobs(List.of(-1f));
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(VICTIM).start(BYSTANDER));
            job.feed(spoilt);
            job.feed(batch(2).finish(VICTIM, 20).finish(NEWCOMER, 0));

            assertThat(job.rejected()).extracting(Rejected::getReason).containsExactly(RejectReason.COLUMN_MISMATCH);
            assertThat(job.rejected().get(0).getDetail())
                    .isEqualTo("1 values in column logprobs: must be none or one for each of the 20 tokens of the"
                            + " record; no token of the record was used");
            assertThat(job.finals()).hasSize(3);
            assertThat(job.finals(VICTIM).get(0).getMissing()).isEqualTo(20);
        }
    }

    /** NaN in every token, empty runs, a topic that comes twice: told of 16 times a minute, and then in sum. */
    @Test
    void rejectionsOfASourceAndReasonHaveABudget() throws Exception {
        try (SequenceHarness job = open()) {
            job.at(0).feed(batch(0).start(1).start(2));
            for (int i = 0; i < 1_000; i++) {
                job.feed(batch(1 + i).run(1, i, token(NAN)).run(2, 0));
            }
            job.feed(batch(7, 0).start(1)).feed(batch(7, 1).run(1, 0, token(NAN)));
            assertThat(job.rejected()).hasSize(16 + 16 + 1);
            assertThat(job.metric("rejected_total reason=bad_value")).isEqualTo(1_001);

            job.pass(62_000);
            assertThat(job.rejected()).hasSize(16 + 16 + 1 + 2);
            Rejected summary = job.rejected().get(33);
            assertThat(summary.getCount()).isEqualTo(1_000 - 16);
            assertThat(summary.getDetail()).startsWith("984 more like this within a minute; the last one: ");

            job.feed(batch(1_001).run(2, 0));
            assertThat(job.rejected()).as("a new minute").hasSize(16 + 16 + 1 + 2 + 1);
        }
    }

    @Test
    void whatIsRefusedBeforeTheShuffleHasABudgetPerPartition() throws Exception {
        try (SequenceHarness job = open()) {
            for (int i = 0; i < 1_000; i++) {
                job.feed(new Refused(new Records(SequenceHarness.TOPIC)
                        .unreadable(new Origin(i % 2, i), RejectReason.UNREADABLE, "noise", new byte[300])));
            }
            assertThat(job.rejected()).hasSize(32);
            assertThat(job.rejected().get(0).getPayload().remaining()).isEqualTo(256);
            assertThat(job.statesLeft()).isZero();
        }
    }

    @Test
    void aSourceWithoutAStartMakesNoState() throws Exception {
        try (SequenceHarness job = open()) {
            for (int source = 0; source < 100; source++) {
                job.feed(batch(source, 0).run(1, 0, tokens(1)).finish(1, 1));
            }
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
            assertThat(job.rejected()).hasSize(200);
        }
    }

    @Test
    void liveSequencesAreBoundedPerSourceAndPerTask() throws Exception {
        try (SequenceHarness job = open(WatchSettings.DEFAULT.withBounds(3, 5, 10))) {
            job.feed(batch(1, 0).start(1).start(2).start(3));
            assertThat(job.rejected()).isEmpty();
            job.feed(batch(1, 1).start(4));
            assertThat(job.rejected())
                    .extracting(Rejected::getDetail)
                    .containsExactly(
                            "start of a sequence beyond the 3 that one source may have live: it is not watched");
            job.feed(batch(1, 2).run(4, 0, tokens(1)));
            assertThat(job.rejected())
                    .extracting(Rejected::getReason)
                    .containsExactly(RejectReason.LIVE_LIMIT, RejectReason.AFTER_FINISH);

            job.feed(batch(2, 0).start(1).start(2).start(3));
            assertThat(job.rejected())
                    .last()
                    .extracting(Rejected::getDetail)
                    .isEqualTo("start of a sequence beyond the 5 that one task watches: it is not watched");
            job.feed(batch(1, 3).finish(1, 0));
            job.feed(batch(2, 1).start(4).run(4, 0, tokens(1)).finish(4, 1));
            assertThat(job.finals(4)).as("there is room again").hasSize(1);
        }
    }

    @Test
    void sourcesAreBoundedPerTask() throws Exception {
        try (SequenceHarness job = open(WatchSettings.DEFAULT.withBounds(3, 5, 2))) {
            job.feed(batch(1, 0).start(1)).feed(batch(2, 0).start(1));
            job.feed(batch(3, 0).start(1));
            assertThat(job.rejected()).extracting(Rejected::getReason).containsExactly(RejectReason.GENERATOR_LIMIT);
            assertThat(job.metric("generators")).isEqualTo(2);
        }
    }

    /** Feeds both sequences, with what the victim gets in the middle. */
    private Run run(Consumer<Batches> middle) throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(VICTIM)
                    .start(BYSTANDER)
                    .run(VICTIM, 0, VICTIM_TOKENS.subList(0, 10))
                    .run(BYSTANDER, 0, BYSTANDER_TOKENS.subList(0, 15)));
            Batches between = batch(1);
            middle.accept(between);
            between.run(BYSTANDER, 15, BYSTANDER_TOKENS.subList(15, 26));
            job.feed(between);
            job.feed(batch(2).run(BYSTANDER, 26, BYSTANDER_TOKENS.subList(26, 40)));
            job.feed(batch(3).finish(VICTIM, 20).finish(BYSTANDER, 40));
            return new Run(job.rejected(), job.finals(VICTIM).get(0), job.scores(BYSTANDER));
        }
    }

    private static List<Sample> withFirst(Sample first, List<Sample> others) {
        return Stream.concat(Stream.of(first), others.stream()).toList();
    }

    private record Run(List<Rejected> rejected, Score victim, List<Score> bystander) {}
}
