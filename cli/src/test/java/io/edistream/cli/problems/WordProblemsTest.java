package io.edistream.cli.problems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordProblemsTest {

    private static final Path MODELS = Path.of("..", "models");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    @Test
    void equalSeedsDrawEqualProblems() {
        assertThat(problems(7, 50)).isEqualTo(problems(7, 50)).isNotEqualTo(problems(8, 50));
    }

    @Test
    void theAnswerFollowsFromTheWords() {
        for (WordProblem problem : problems(3, 2_000)) {
            assertThat(solve(problem.prompt())).as(problem.prompt()).isEqualTo(problem.answer());
        }
    }

    @Test
    void noPlaceholderIsLeftAndEveryStepHasItsMonth() {
        for (WordProblem problem : problems(4, 2_000)) {
            assertThat(problem.prompt()).doesNotContain("{").doesNotContain("}").endsWith("?");
            assertThat(problem.steps()).isBetween(2, 8);
            assertThat(Pattern.compile("In [A-Z]").matcher(problem.prompt()).results())
                    .hasSize(problem.steps());
            assertThat(problem.answer()).isBetween(1, 999);
        }
    }

    @Test
    void drawsTheLevelsInTheirShares() {
        List<WordProblem> problems = problems(5, 10_000);
        assertThat(share(problems, "easy")).isBetween(0.32, 0.36);
        assertThat(share(problems, "hard")).isBetween(0.145, 0.175);
    }

    @Test
    void aFileOfAnotherFormatIsRefused(@TempDir Path folder) throws IOException {
        String file = "problem-templates.json";
        Files.writeString(
                folder.resolve(file), Files.readString(MODELS.resolve(file)).replace("\"format\": 1", "\"format\": 2"));
        assertThatThrownBy(() -> WordProblems.fromModels(folder, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is of format 2: this release reads format 1");
    }

    private static double share(List<WordProblem> problems, String level) {
        return problems.stream().filter(p -> p.level().equals(level)).count() / (double) problems.size();
    }

    private static List<WordProblem> problems(long seed, int count) {
        WordProblems problems = WordProblems.fromModels(MODELS, seed);
        return Stream.generate(problems::next).limit(count).toList();
    }

    /** Reads the words as a person would, knowing nothing of how they were put together. */
    private static int solve(String prompt) {
        int value = 0;
        for (String sentence : prompt.split("(?<=[.?]) ")) {
            Matcher matcher = NUMBER.matcher(sentence);
            int number = matcher.find() ? Integer.parseInt(matcher.group()) : 0;
            if (sentence.matches("(?!In ).*(has|starts with|There are).*")) {
                value = number;
            } else if (sentence.matches("In .*(buys|finds|gives (him|her)|more arrive).*")) {
                value += number;
            } else if (sentence.matches("In .*(loses|gives \\d+ to|sells|takes).*")) {
                value -= number;
            } else if (sentence.matches("In .*(doubles|twice).*")) {
                value *= 2;
            } else if (sentence.matches("In .*half of.*")) {
                value /= 2;
            } else if (sentence.matches("In .*three times.*")) {
                value *= 3;
            } else if (sentence.matches("In .*(friends and keeps one part|equal piles).*")) {
                value /= number;
            }
        }
        return value;
    }
}
