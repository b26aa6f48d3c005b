package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The summary over answers of which everything is known by hand. */
class SummaryTest {

    @TempDir
    private Path folder;

    private final CommandRun run = new CommandRun();
    private final List<String> lines = new ArrayList<>();

    /**
     * Ten wrong and ten right answers. Wrong ones are longer, 6 to 15 tokens against 3 to 12. Their first three tokens have
     * the larger entropy (1 against .5) in all but two; the rest of each answer is certain. Their confidences are lower.
     */
    @BeforeEach
    void write() {
        for (int i = 0; i < 10; i++) {
            lines.add(line(i, false, i < 2 ? 0.25 : 1, 6 + i, 5));
            lines.add(line(10 + i, true, 0.5, 3 + i, 9));
        }
    }

    private static String line(int id, boolean correct, double entropy, int tokens, double confidence) {
        List<Double> entropies = new ArrayList<>();
        List<Double> confidences = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            entropies.add(i < 3 ? entropy : 0.0);
            confidences.add(confidence);
        }
        return "{\"id\": " + id + ", \"correct\": " + correct + ", \"entropies\": " + entropies + ", \"confidences\": "
                + confidences + "}";
    }

    @Test
    void tellsTheShareOfRightOnesAndTheAurocOfEverySignalWithItsControls() throws IOException {
        lines.add("{\"id\": \"unlabelled\", \"entropies\": [9, 9, 9, 9]}");
        lines.add("{\"id\": \"unknown\", \"correct\": null, \"entropies\": [9, 9, 9, 9]}");
        assertThat(summary("--prefix", "3")).isZero();
        assertThat(run.err()).startsWith("sequences: 22, labelled: 20, right: 10 (50.0 %)\n\n");
        // Of the 100 pairs of lengths the wrong one is longer in 72 and as long in 7: for 6 to 15 tokens there are 3,
        // 4,
        // 5, 6, 7, 8, 9, and three times 10 right ones that are shorter (with 13 tokens and more all are), so 72; those
        // of
        // 6 to 12 tokens have one of their own length.
        assertRow("tokens", "high 0.755 10 / 10");
        // Eight of ten wrong answers have larger sums than any right one, whatever the length.
        assertRow("sequence_entropy", "high 0.800 10 / 10 0.800 10 / 10");
        // None has a burst: half.
        assertRow("burst", "high 0.500 10 / 10 0.500 10 / 10");
        // Low is unstable here, and wrong answers are lower throughout.
        assertRow("token_confidence", "low 1.000 10 / 10 1.000 10 / 10");
        assertRow("lowest_group_confidence", "low 1.000 10 / 10 1.000 10 / 10");
        assertRow("tail_confidence", "low 1.000 10 / 10 1.000 10 / 10");
        assertRow("perplexity", "high too few 0 / 0 too few 0 / 0");
        assertRow("entropy_gap", "high too few 0 / 0 too few 0 / 0");
    }

    @Test
    void prefixesAreOfThoseAnswersThatAreLongEnough() throws IOException {
        summary("--prefix", "4");
        assertThat(run.err()).contains("first 4");
        assertRow("sequence_entropy", "high 0.800 10 / 10 too few 10 / 9");
    }

    @Test
    void aPrefixIsCountedInTokensAndHas64IfNothingIsSaid() throws IOException {
        lines.clear();
        for (int i = 0; i < 20; i++) {
            lines.add(line(i, i < 10, i, 64, 5));
            lines.add(line(i, i < 10, i, 63, 5));
        }
        summary();
        assertRow("sequence_entropy", "high 1.000 20 / 20 1.000 10 / 10");
    }

    @Test
    void scoresStandOnStandardOutputAsWithoutIt() throws IOException {
        run.execute("score", file().toString());
        String scores = run.out();
        CommandRun summarised = new CommandRun();
        summarised.execute("score", "--summary", file().toString());
        assertThat(summarised.out()).isEqualTo(scores).hasLineCount(20);
    }

    @Test
    void withoutLabelsItSaysSo() throws IOException {
        lines.clear();
        lines.add("{\"id\": 1, \"entropies\": [1]}");
        assertThat(summary()).isZero();
        assertThat(run.err()).isEqualTo("sequences: 1, none labelled by \"correct\": true or false\n");
    }

    @Test
    void aBadLineIsNoPartOfIt() throws IOException {
        lines.add("{\"id\": 1, \"correct\": true, \"entropies\": [1, -1]}");
        assertThat(summary()).isEqualTo(1);
        assertThat(run.err()).contains("line 21: ").contains("sequences: 20, labelled: 20, right: 10");
    }

    private int summary(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("score", "--summary"));
        arguments.addAll(List.of(options));
        arguments.add(file().toString());
        return run.execute(arguments.toArray(String[]::new));
    }

    private Path file() throws IOException {
        return Files.write(folder.resolve("input.jsonl"), lines);
    }

    private void assertRow(String name, String expected) {
        String row = run.err()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.replaceAll(" +", " "))
                .findFirst()
                .orElse("no row " + name);
        assertThat(row).isEqualTo(name + " " + expected);
    }
}
