package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.random;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.edistream.jobs.Batches;
import io.edistream.jobs.events.BatchReader;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Token;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of nonsense, one at a time: it is rejected with its reason, and nothing else changes. */
class BadInputTest {

    private static final long BYSTANDER = 2;
    private static final long VICTIM = 1;
    private static final long NEWCOMER = 9;
    private static final List<Token> BYSTANDER_TOKENS = random(3, 40);
    private static final List<Token> VICTIM_TOKENS = random(4, 20);
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    static Stream<Arguments> badTokens() {
        return Stream.of(
                bad("infinite entropy", token(INFINITY), "entropy Infinity of token 10: must be 0 to 5.14"),
                bad("negative entropy", token(-0.01), "entropy -0.01 of token 10"),
                bad("entropy above ln V", token(5.1490), "entropy 5.149 of token 10"),
                bad("logprob above 0", token(1, 0.1, 4, 0), "logprob 0.1 of token 10: must be at most 0"),
                bad("infinite logprob", token(1, INFINITY, 4, 0), "logprob Infinity of token 10"),
                bad("infinite confidence", token(1, -1, INFINITY, 0), "confidence Infinity of token 10"),
                bad("negative confidence", token(1, -1, -2, 0), "confidence -2.0 of token 10: must be at least 0"),
                bad("negative class", token(1, -1, 4, -1), "token class -1 of token 10: must be 0 to 2"),
                bad("unknown class", token(1, -1, 4, 3), "token class 3 of token 10: must be 0 to 2"));
    }

    private static Arguments bad(String name, Token token, String detail) {
        return arguments(named(name, token), detail);
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void aBadTokenIsLeftOutAndCountsAsMissing(Token bad, String detail) throws Exception {
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
            assertThat(run.victim.getMissingTokens()).isEqualTo(1);
        }
    }

    static Stream<Arguments> badEvents() {
        return Stream.of(
                event("negative index", b -> b.run(VICTIM, -1, token(1)), RejectReason.BAD_VALUE, "token index -1"),
                event(
                        "index out of range",
                        b -> b.run(VICTIM, Integer.MAX_VALUE, token(1)),
                        RejectReason.BAD_VALUE,
                        "must be 0 to " + BatchReader.MAX_TOKEN),
                event("empty run", b -> b.run(VICTIM, 10), RejectReason.EMPTY_RUN, "run of 0 tokens at token 10"),
                event(
                        "details mismatch",
                        b -> b.details(3),
                        RejectReason.DETAILS_MISMATCH,
                        "3 details in record 1: must be none or one for each of its 21 tokens"),
                event("second start", b -> b.start(VICTIM), RejectReason.SECOND_START, "that runs: must come once"),
                event(
                        "repeated tokens",
                        b -> b.run(VICTIM, 8, token(3), token(3)),
                        RejectReason.REPEATED_TOKENS,
                        "2 of the tokens 8 to 9 lie at or before token 9, which"),
                event(
                        "tokens without start",
                        b -> b.run(NEWCOMER, 4, token(1), token(1)),
                        RejectReason.UNKNOWN_SEQUENCE,
                        "tokens 4 to 5 of a sequence without a start"),
                event(
                        "finish without start",
                        b -> b.finish(NEWCOMER, 1),
                        RejectReason.UNKNOWN_SEQUENCE,
                        "finish of a sequence without a start"),
                start("no model", s -> s.setModel(" "), "model name of 0 characters"),
                start("long model", s -> s.setModel("m".repeat(257)), "model name of 257 characters in the start"),
                start("no route", s -> s.setRoute(""), "route name of 0 characters"),
                start("no vocabulary", s -> s.setVocabularySize(1), "vocabulary of 1 tokens in the start"),
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
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).run(1, 0, VICTIM_TOKENS).finish(1, tokens));

            assertThat(job.finals(1)).hasSize(1);
            assertThat(job.finals(1).get(0).getMissingTokens()).isZero();
            assertThat(job.rejected()).hasSize(1);
            assertThat(job.rejected().get(0).getReason()).isEqualTo(RejectReason.BAD_VALUE);
            assertThat(job.rejected().get(0).getDetail())
                    .contains("tokens " + tokens + " in the finish: must be 20 to");
        }
    }

    static Stream<Integer> badCounts() {
        return Stream.of(-1, 19, BatchReader.MAX_TOKEN + 2, Integer.MAX_VALUE);
    }

    @Test
    void anEntropyWithinTheToleranceOfTheLargestIsTaken() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).run(1, 0, token(Math.log(Batches.VOCABULARY) + 0.0005)));

            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void manyBadTokensOfARunAreOneRejection() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1)
                    .run(1, 0, token(1), token(INFINITY), token(1), token(-1))
                    .finish(1, 4));

            assertThat(job.rejected()).hasSize(1);
            assertThat(job.rejected().get(0).getDetail())
                    .contains("of token 1: ")
                    .endsWith("as were 1 more of its run");
            assertThat(job.finals(1).get(0).getTokens()).isEqualTo(2);
            assertThat(job.finals(1).get(0).getMissingTokens()).isEqualTo(2);
        }
    }

    /** Feeds both sequences, with what the victim gets in the middle. */
    private static Run run(Consumer<Batches> middle) throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
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

    private static List<Token> withFirst(Token first, List<Token> others) {
        return Stream.concat(Stream.of(first), others.stream()).toList();
    }

    private record Run(List<Rejected> rejected, Score victim, List<Score> bystander) {}
}
