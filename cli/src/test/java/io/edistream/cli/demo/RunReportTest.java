package io.edistream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.Style;
import io.edistream.cli.problems.WordProblem;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.RunText;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.ToldSampling;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** Two problems, two samples each: sample 0 of problem 1 is cut off, and so is a branch of it. */
class RunReportTest {

    private static final String EVIL = "<script>alert('x')</script>\u001b]8;;\u202e";

    private final RunRecord record = new RunRecord(
            new DemoOptions(2, 2, 1, 0.8, 11, 1),
            List.of(new WordProblem("Sam " + EVIL, 66, "easy", 2), new WordProblem("Ann", 5, "easy", 1)));

    @Test
    void stoppedSequencesAreJudgedByTheirTwins() {
        ask(false);
        Verdict verdict = Verdict.of(record);
        // Problem 1 is answered by its second sample alone with control, wrongly; by both without.
        assertThat(verdict.rightWith().count()).isEqualTo(1);
        assertThat(verdict.rightWithout().count()).isEqualTo(2);
        assertThat(verdict.gained()).isZero();
        assertThat(verdict.lost()).isEqualTo(1);
        assertThat(verdict.stopped()).isEqualTo(2);
        assertThat(verdict.stoppedBranches()).isEqualTo(1);
        assertThat(verdict.stoppedRight()).isEqualTo(Interval.wilson(1, 1));
        assertThat(verdict.keptRight()).isEqualTo(Interval.wilson(2, 3));
        // 3 + 3 + 3 + 3 of the samples and one of the branch; the stopped one would have had 6.
        assertThat(verdict.tokensWith()).isEqualTo(13);
        assertThat(verdict.tokensWithout()).isEqualTo(15);
        assertThat(verdict.savedByStops()).isEqualTo(3);
        assertThat(verdict.spentOnBranches()).isEqualTo(1);
        assertThat(verdict.compared()).isEqualTo(4);
        assertThat(verdict.equal()).isEqualTo(4);
        assertThat(verdict.sentences())
                .anyMatch(sentence -> sentence.contains("0 gained, 1 lost: too few to conclude"))
                .anyMatch(sentence -> sentence.contains("too few to conclude that stopping chose well"))
                .anyMatch(sentence -> sentence.startsWith("Equal seeds gave equal text in all 4 samples"));
    }

    @Test
    void armsThatWentApartAreSaidToBe() {
        ask(true);
        assertThat(Verdict.of(record).equal()).isEqualTo(3);
        assertThat(Verdict.of(record).sentences())
                .anyMatch(sentence -> sentence.startsWith("NOT EXACT: equal seeds gave equal text in only 3 of 4"));
    }

    @Test
    void theDataCanBeReadBack() throws Exception {
        ask(false);
        record.completes();
        JsonNode read =
                new JsonMapper().readTree(RunReport.of(record, "complete").json());
        assertThat(read.path("state").textValue()).isEqualTo("complete");
        assertThat(read.at("/options/seed").longValue()).isEqualTo(1);
        assertThat(read.at("/problems/0/prompt").textValue()).isEqualTo("Sam " + EVIL);
        assertThat(read.at("/sequences/0/outcome").textValue()).isEqualTo("aborted");
        assertThat(read.at("/sequences/0/right_without_control").booleanValue()).isTrue();
        assertThat(read.at("/sequences/0/tokens_without_control").intValue()).isEqualTo(6);
        assertThat(read.at("/sequences/0/entropies")).hasSize(3);
        assertThat(read.at("/sequences/0/commands/0/outcome").textValue()).isEqualTo("APPLIED");
        assertThat(read.at("/sequences/0/commands/0/before").textValue()).isEqualTo("a");
        assertThat(read.at("/sequences/0/commands/0/token").textValue()).isEqualTo(" b");
        assertThat(read.at("/sequences/0/commands/0/after").textValue()).isEqualTo(" c");
        assertThat(read.at("/sequences/4/right_without_control").isNull())
                .as("a branch")
                .isTrue();
        assertThat(read.at("/free")).hasSize(4);
        assertThat(read.at("/verdict/stopped_right/count").intValue()).isEqualTo(1);
        assertThat(read.at("/said")).isNotEmpty();
        assertThat(read.at("/machine/processors").intValue()).isPositive();
    }

    @Test
    void thePageIsWellFormedAndLetsNothingIn() throws Exception {
        ask(false);
        record.completes();
        String html = HtmlReport.of(RunReport.of(record, "complete"));
        assertThat(html)
                .contains("Sam &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\uFFFD]8;;\uFFFD")
                .contains("a<mark> b</mark><s> c</s>")
                .contains("it would have been right")
                .contains("default-src 'none'");
        Document page = parsed(html);
        assertThat(page.getElementsByTagName("script").getLength()).isZero();
        assertThat(page.getElementsByTagName("article").getLength()).isEqualTo(5 + 4);
        for (String attribute : List.of(" style=", " onload=", " src=", " href=", "http://", "https://")) {
            assertThat(html).doesNotContain(attribute);
        }
    }

    @Test
    void ofARunThatWasInterruptedWhatIsKnownIsTold() throws Exception {
        JsonNode nothing =
                new JsonMapper().readTree(RunReport.of(record, "interrupted").json());
        assertThat(nothing.path("state").textValue()).isEqualTo("interrupted");
        assertThat(nothing.path("verdict").isNull()).isTrue();
        record.controlled().onStep(LoopRecords.asked(1, 1, "1", 7));
        record.controlled().onScore(LoopRecords.finalScore(9, 1, Map.of("edis", 0.5), 0));
        RunReport some = RunReport.of(record, "interrupted");
        assertThat(some.sequences()).hasSize(1).first().extracting("outcome").isEqualTo("unfinished");
        assertThat(parsed(HtmlReport.of(some)).getElementsByTagName("article").getLength())
                .isEqualTo(1);
        assertThat(HtmlReport.of(some)).contains("This run is interrupted").contains("There is no verdict");
    }

    @Test
    void theScreenShowsTheWordsTheTokenAndTheRightAnswer() {
        StringWriter out = new StringWriter();
        DemoScreen screen = new DemoScreen(
                new java.io.PrintWriter(out, true),
                false,
                100,
                24,
                new ScreenLines(100, new Style(false), record.problems(), 11));
        screen.onStep(LoopRecords.asked(1, 1, "1", 7));
        screen.onOutcome(LoopRecords.outcome(1, OutcomeKind.APPLIED, 1, 3, 2_000));
        screen.onCommand(LoopRecords.abort(1, 1));
        assertThat(out.toString()).as("its words have not come").isEmpty();
        screen.onStep(words(1));
        assertThat(out.toString())
                .contains("ABORT  #1    +1 token, 2 ms: edis 12.00")
                .contains("\"a [b] c\" and is cut off");
        screen.onStep(LoopRecords.asked(2, 1, "1", 8));
        screen.onStep(words(2));
        screen.onStep(LoopRecords.ended(2, 3, FinishReason.END_OF_SEQUENCE, "7" + EVIL, false));
        screen.onScore(LoopRecords.finalScore(2, 3, Map.of("edis", 0.5), 0));
        assertThat(out.toString())
                .contains("1/2    wrong       3")
                .contains("0.5/11")
                .contains(", right: 66")
                .doesNotContain("\u001b")
                .doesNotContain("\u202e");
        assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    private void ask(boolean apart) {
        RecordedRun run = record.controlled();
        sequence(1, 1, "1", 7, FinishReason.ABORTED, null, null);
        run.onCommand(LoopRecords.abort(1, 1));
        run.onOutcome(LoopRecords.outcome(1, OutcomeKind.APPLIED, 1, 3, 2_000));
        sequence(2, 1, "1", 8, FinishReason.END_OF_SEQUENCE, "7", false);
        sequence(3, 3, "2", 9, FinishReason.END_OF_SEQUENCE, "5", true);
        sequence(4, 3, "2", 10, FinishReason.END_OF_SEQUENCE, "5", true);
        run.onStep(LoopRecords.branched(5, 1, 2));
        run.onStep(LoopRecords.decoded(5, 0, 0.1, 0.2, 0.3));
        run.onStep(LoopRecords.ended(5, 3, FinishReason.ABORTED, null, null));
        free("1", List.of(free(7, 6, "a b c d e f", "66", true), free(8, 3, apart ? "a b x" : "a b c", "7", false)), 1);
        free("2", List.of(free(9, 3, "a b c", "5", true), free(10, 3, "a b c", "5", true)), 2);
    }

    private void sequence(
            long counter,
            long group,
            String problem,
            long seed,
            FinishReason reason,
            @Nullable String answer,
            @Nullable Boolean right) {
        record.controlled().onStep(LoopRecords.asked(counter, group, problem, seed));
        record.controlled().onStep(words(counter));
        record.controlled().onStep(LoopRecords.ended(counter, 3, reason, answer, right));
    }

    private static TokenEntropyBatch words(long sequence) {
        TokenEntropyBatch step = LoopRecords.step();
        step.setRuns(List.of(
                new io.edistream.schemas.TokenRun(sequence, 0, 1),
                new io.edistream.schemas.TokenRun(sequence, 1, 1),
                new io.edistream.schemas.TokenRun(sequence, 2, 1)));
        step.setEntropies(LoopRecords.floats(0.1, 1.9, 0.2));
        step.setTexts(List.of(new RunText(0, "a"), new RunText(1, " b"), new RunText(2, " c")));
        return step;
    }

    private record Free(long seed, int tokens, String text, String answer, boolean right) {}

    private static Free free(long seed, int tokens, String text, String answer, boolean right) {
        return new Free(seed, tokens, text, answer, right);
    }

    private void free(String problem, List<Free> samples, long id) {
        PromptGroup group = new PromptGroup(id, samples.size(), () -> {});
        long counter = id;
        for (Free sample : samples) {
            group.sampleWaits();
            group.waitingStarts();
            group.stopsRunning(EndReason.END_OF_SEQUENCE);
            group.settles(new GeneratedSequence(
                    counter++,
                    id,
                    "default",
                    "reasoner-s",
                    problem,
                    ToldSampling.of(Sampling.of(1, sample.seed())),
                    null,
                    null,
                    null,
                    List.of(),
                    java.util.Collections.nCopies(sample.tokens(), TOKEN),
                    EndReason.END_OF_SEQUENCE,
                    false,
                    sample.text(),
                    sample.answer(),
                    0,
                    sample.right()));
        }
        record.ended(group);
    }

    private static final DecodedToken TOKEN =
            DecodedToken.drawn(new io.edistream.sequences.TokenStats(1, 0.5f, -0.5f, 3, 0, 0, 1), 0);

    private static Document parsed(String html) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        // Written so that a strict parser takes it, too.
        return factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader(html.replaceFirst("<!DOCTYPE html>", ""))));
    }
}
