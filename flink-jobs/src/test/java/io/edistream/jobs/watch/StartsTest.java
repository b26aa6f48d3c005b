package io.edistream.jobs.watch;

import static io.edistream.jobs.Batches.newStart;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.SequenceStart;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StartsTest {

    private static final Catalogue CATALOGUE = new Catalogue(Scoring.DEFAULT.withTrackedClass("digit"));

    static Stream<Arguments> bad() {
        return Stream.of(
                start("no model", start -> start.setModel(" "), "model name of 0 characters"),
                start(
                        "long model",
                        start -> start.setModel("m".repeat(257)),
                        "257 characters in the start: must be 1 to"),
                start("no route", start -> start.setRoute(""), "route name of 0 characters"),
                start("long route", start -> start.setRoute("r".repeat(257)), "route name of 257 characters"),
                start("long request", start -> start.setRequest("q".repeat(257)), "must be at most 256"),
                start(
                        "vocabulary of 1",
                        start -> start.setVocabularySize(1),
                        "must be 0, for unknown, or 2 to 16777216"),
                start("negative vocabulary", start -> start.setVocabularySize(-1), "vocabulary of -1 tokens"),
                start("vast vocabulary", start -> start.setVocabularySize((1 << 24) + 1), "16777217 tokens"),
                start(
                        "129 classes",
                        start -> start.setTokenClasses(Collections.nCopies(129, "c")),
                        "must be at most 128"),
                start("exact of 20", start -> start.setEntropyKind(kind(Measurement.EXACT, 20)), "20 alternatives"),
                start("bounded of -1", start -> start.setEntropyKind(kind(Measurement.BOUNDED, -1)), "at least 0"),
                start("fork alone", start -> start.setForkToken(3), "fork token 3 with parent null"),
                start("parent alone", start -> start.setParent(3L), "must be both there or both absent"),
                start("fork of -1", start -> fork(start, -1), "fork token -1 in the start: must be 0 to 16777214"),
                start("fork at the end", start -> fork(start, Starts.MAX_TOKEN), "fork token 16777215"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void isRefusedWithTheBound(Consumer<SequenceStart> change, String problem) {
        SequenceStart start = newStart(1);
        assertThat(Starts.problem(start)).isNull();
        change.accept(start);
        assertThat(Starts.problem(start)).contains(problem);
    }

    static Stream<Arguments> good() {
        return Stream.of(
                start("names of 256", start -> start.setModel("m".repeat(256)), ""),
                start("request of 256", start -> start.setRequest("q".repeat(256)), ""),
                start("vocabulary unknown", start -> start.setVocabularySize(0), ""),
                start("vocabulary of 2", start -> start.setVocabularySize(2), ""),
                start("vocabulary of 2^24", start -> start.setVocabularySize(1 << 24), ""),
                start("128 classes", start -> start.setTokenClasses(Collections.nCopies(128, "c")), ""),
                start("no classes", start -> start.setTokenClasses(List.of()), ""),
                start("bounded of 20", start -> start.setEntropyKind(kind(Measurement.BOUNDED, 20)), ""),
                start("any group", start -> start.setGroup(Long.MIN_VALUE), ""),
                start("fork of 0", start -> fork(start, 0), ""),
                start("last fork", start -> fork(start, Starts.MAX_TOKEN - 1), ""));
    }

    @ParameterizedTest
    @MethodSource("good")
    void theBoundsThemselvesAreAllowed(Consumer<SequenceStart> change, String none) {
        SequenceStart start = newStart(1);
        change.accept(start);
        assertThat(Starts.problem(start)).isNull();
        assertThat(Starts.monitor(start, CATALOGUE).info().model()).isNotEmpty();
    }

    @Test
    void aMonitorKnowsWhatTheStartSays() {
        SequenceStart start = newStart(9);
        start.setGroup(4);
        start.setRequest("ticket");
        start.setVocabularySize(8);
        start.setEntropyKind(kind(Measurement.BOUNDED, 20));
        fork(start, 6);
        SequenceMonitor monitor = Starts.monitor(start, CATALOGUE);
        assertThat(monitor.info())
                .isEqualTo(new SequenceInfo(
                        4,
                        "reasoner-s",
                        "default",
                        "ticket",
                        io.edistream.signals.EntropyKind.parse("raw-bounded-20"),
                        8,
                        TokenCheck.maxEntropyNats(8),
                        3,
                        7));
        assertThat(monitor.signals().hasClass()).isTrue();
    }

    @Test
    void aRootIsJudgedFromItsFirstTokenAndASequenceWithoutClassesHasOne() {
        SequenceStart start = newStart(9);
        start.setTokenClasses(List.of());
        SequenceMonitor monitor = Starts.monitor(start, CATALOGUE);
        assertThat(monitor.info().firstJudgedToken()).isZero();
        assertThat(monitor.info().request()).isEmpty();
        assertThat(monitor.info().tokenClasses()).isEqualTo(1);
        assertThat(monitor.signals().hasClass()).isFalse();
    }

    private static void fork(SequenceStart start, int token) {
        start.setParent(1L);
        start.setForkToken(token);
    }

    private static EntropyKind kind(Measurement measurement, int alternatives) {
        return new EntropyKind(Distribution.RAW, measurement, alternatives);
    }

    private static Arguments start(String what, Consumer<SequenceStart> change, String problem) {
        return Arguments.of(Named.of(what, change), problem);
    }
}
