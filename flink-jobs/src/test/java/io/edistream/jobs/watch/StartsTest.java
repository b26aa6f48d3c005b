package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.SequenceStart;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.SequenceInfo;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each bound of a start, on both sides of it. */
class StartsTest {

    private static final String LONGEST = "m".repeat(256);
    private static final String NAME = " name of %s characters in the start: must be 1 to 256 characters";
    private static final String VOCABULARY =
            "vocabulary of %s tokens in the start: must be 0, for unknown, or 2 to 16777216";
    private static final String FORK = "fork token %s in the start: must be 0 to 16777214";

    private static SequenceStart start(Consumer<SequenceStart> change) {
        SequenceStart start = Batches.newStart(1);
        change.accept(start);
        return start;
    }

    private static void fork(SequenceStart start, Integer token) {
        start.setParent(9L);
        start.setForkToken(token);
    }

    private static Arguments possible(Consumer<SequenceStart> change) {
        return Arguments.of(change, null);
    }

    private static Arguments impossible(Consumer<SequenceStart> change, String problem) {
        return Arguments.of(change, problem);
    }

    static Stream<Arguments> starts() {
        return Stream.of(
                possible(start -> {}),
                possible(start -> start.setModel(LONGEST)),
                impossible(start -> start.setModel(LONGEST + "m"), "model" + NAME.formatted(257)),
                impossible(start -> start.setModel(" "), "model" + NAME.formatted(0)),
                possible(start -> start.setRoute(LONGEST)),
                impossible(start -> start.setRoute(LONGEST + "m"), "route" + NAME.formatted(257)),
                impossible(start -> start.setRoute(""), "route" + NAME.formatted(0)),
                possible(start -> start.setRequest(LONGEST)),
                impossible(
                        start -> start.setRequest(LONGEST + "m"),
                        "request name of 257 characters in the start: must be at most 256"),
                possible(start -> start.setVocabularySize(0)),
                possible(start -> start.setVocabularySize(2)),
                possible(start -> start.setVocabularySize(1 << 24)),
                impossible(start -> start.setVocabularySize(1), VOCABULARY.formatted(1)),
                impossible(start -> start.setVocabularySize(-1), VOCABULARY.formatted(-1)),
                impossible(start -> start.setVocabularySize((1 << 24) + 1), VOCABULARY.formatted(16_777_217)),
                possible(start -> start.setTokenClasses(Collections.nCopies(128, "c"))),
                impossible(
                        start -> start.setTokenClasses(Collections.nCopies(129, "c")),
                        "129 token classes in the start: must be at most 128"),
                possible(start -> fork(start, 0)),
                possible(start -> fork(start, Starts.MAX_TOKEN - 1)),
                impossible(start -> fork(start, -1), FORK.formatted(-1)),
                impossible(start -> fork(start, Starts.MAX_TOKEN), FORK.formatted(Starts.MAX_TOKEN)),
                impossible(
                        start -> start.setForkToken(3),
                        "fork token 3 with parent null in the start: must be both there or both absent"),
                impossible(
                        start -> start.setParent(3L),
                        "fork token null with parent 3 in the start: must be both there or both absent"));
    }

    @ParameterizedTest
    @MethodSource("starts")
    void isWatchedIfItMakesSense(Consumer<SequenceStart> change, String problem) {
        assertThat(Starts.problem(start(change))).isEqualTo(problem);
    }

    @Test
    void alternativesGoWithABoundedEntropyAlone() {
        EntropyKind impossible = new EntropyKind(Distribution.RAW, Measurement.EXACT, 20);
        assertThat(Starts.problem(start(start -> start.setEntropyKind(impossible))))
                .contains("20");
    }

    @Test
    void whatIsWatchedIsWhatTheStartSays() {
        Catalogue catalogue = new Catalogue(Scoring.DEFAULT.withTrackedClass("b"));
        SequenceInfo bare = Starts.monitor(
                        start(start -> {
                            start.setTokenClasses(List.of());
                            start.setVocabularySize(0);
                        }),
                        catalogue)
                .info();
        assertThat(bare.request()).isEmpty();
        assertThat(bare.tokenClasses()).isEqualTo(1);
        assertThat(bare.firstJudgedToken()).isZero();
        assertThat(bare.maxEntropyNats()).isEqualTo(Double.POSITIVE_INFINITY);

        var full = Starts.monitor(
                start(start -> {
                    fork(start, 3);
                    start.setGroup(70);
                    start.setRequest("ask-7");
                    start.setVocabularySize(2);
                    start.setTokenClasses(List.of("a", "b"));
                }),
                catalogue);
        assertThat(full.info().group()).isEqualTo(70);
        assertThat(full.info().request()).isEqualTo("ask-7");
        assertThat(full.info().tokenClasses()).isEqualTo(2);
        assertThat(full.info().vocabularySize()).isEqualTo(2);
        // Tokens up to the fork are the parent's.
        assertThat(full.info().firstJudgedToken()).isEqualTo(4);
        // ln 2 and the tolerance.
        assertThat(full.info().maxEntropyNats()).isBetween(0.6941, 0.6942);
        assertThat(full.signals().hasClass()).isTrue();
    }
}
