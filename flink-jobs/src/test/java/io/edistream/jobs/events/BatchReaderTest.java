package io.edistream.jobs.events;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.events.SequenceEvent.Origin;
import io.edistream.jobs.events.SequenceEvent.Start;
import io.edistream.jobs.events.SequenceEvent.Unusable;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.SequenceStart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each bound, on both of its sides. */
class BatchReaderTest {

    private static final int MAX_TOKEN = 16_777_215;

    @ParameterizedTest
    @CsvSource({"0, 1", "16777215, 1", "16777214, 2", "16777206, 10"})
    void aRunMayEndWithTheLargestIndex(int first, int tokens) {
        assertThat(read(batch(0).run(1, first, random(1, tokens))))
                .singleElement()
                .isInstanceOfSatisfying(Run.class, run -> assertThat(run.firstToken() + run.tokens() - 1)
                        .isLessThanOrEqualTo(MAX_TOKEN));
    }

    @ParameterizedTest
    @CsvSource({"-1, 1", "-1, 2", "16777216, 1", "16777215, 2", "16777207, 10", "2147483647, 2"})
    void aRunThatCrossesABoundOfTheIndexIsUnusableAsAWhole(int first, int tokens) {
        Unusable unusable = unusable(batch(0).run(1, first, random(1, tokens)));

        assertThat(unusable.reason()).isEqualTo(RejectReason.BAD_VALUE);
        assertThat(unusable.detail())
                .isEqualTo("token index " + first + " of a run of " + tokens
                        + " tokens: every index must be 0 to 16777215");
        assertThat(unusable.token()).isEqualTo(first);
    }

    @Test
    void namesHaveUpTo256Characters() {
        Start start = start(s -> {
            s.setModel("m".repeat(256));
            s.setRoute("r".repeat(256));
        });
        assertThat(start.model()).hasSize(256);
        assertThat(start.route()).hasSize(256);
        assertThat(badStart(s -> s.setModel("m".repeat(257)))).contains("model name of 257 characters");
        assertThat(badStart(s -> s.setRoute("r".repeat(257)))).contains("route name of 257 characters");
    }

    @Test
    void thereAreUpTo128TokenClasses() {
        assertThat(start(s -> s.setTokenClasses(Collections.nCopies(128, "c"))).tokenClasses())
                .hasSize(128);
        assertThat(start(s -> s.setTokenClasses(List.of())).tokenClasses()).hasSize(1);
        assertThat(badStart(s -> s.setTokenClasses(Collections.nCopies(129, "c"))))
                .contains("129 token classes in the start: must be at most 128");
    }

    @Test
    void aVocabularyHasTwoTokens() {
        assertThat(start(s -> s.setVocabularySize(2)).vocabularySize()).isEqualTo(2);
        assertThat(badStart(s -> s.setVocabularySize(1))).contains("vocabulary of 1 tokens");
    }

    @Test
    void aForkLeavesRoomForATokenBehindIt() {
        assertThat(start(s -> fork(s, MAX_TOKEN - 1)).firstJudgedToken()).isEqualTo(MAX_TOKEN);
        assertThat(badStart(s -> fork(s, MAX_TOKEN))).contains("must be 0 to 16777214");
    }

    private static void fork(SequenceStart start, int token) {
        start.setParent(1L);
        start.setForkToken(token);
    }

    private static Start start(Consumer<SequenceStart> change) {
        return (Start) read(batch(0).start(changed(change))).get(0);
    }

    private static String badStart(Consumer<SequenceStart> change) {
        return unusable(batch(0).start(changed(change))).detail();
    }

    private static SequenceStart changed(Consumer<SequenceStart> change) {
        SequenceStart start = newStart(1);
        change.accept(start);
        return start;
    }

    private static Unusable unusable(Batches batch) {
        List<SequenceEvent> events = read(batch);
        assertThat(events).hasSize(1);
        return (Unusable) events.get(0);
    }

    private static List<SequenceEvent> read(Batches batch) {
        List<SequenceEvent> events = new ArrayList<>();
        BatchReader.read(batch.build(), new Origin(0, 0), events::add);
        return events;
    }
}
