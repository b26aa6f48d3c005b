package io.edistream.cli.problems;

import io.edistream.cli.UserError;
import io.edistream.cli.problems.ProblemTemplates.Distractor;
import io.edistream.cli.problems.ProblemTemplates.Distribution;
import io.edistream.cli.problems.ProblemTemplates.Level;
import io.edistream.cli.problems.ProblemTemplates.Operation;
import io.edistream.cli.problems.ProblemTemplates.Person;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Draws problems from the distribution that the shipped models are evaluated on; the algorithm is written out in {@code
 * models/README.md}. Equal seeds draw equal problems.
 */
public final class WordProblems {

    private static final String DISTRIBUTION = "evaluation";

    private final ProblemTemplates templates;
    private final SplittableRandom random;

    private WordProblems(ProblemTemplates templates, SplittableRandom random) {
        this.templates = templates;
        this.random = random;
    }

    /**
     * Problems drawn from the templates in the folder of the models.
     *
     * @throws UserError if they cannot be read
     */
    public static WordProblems fromModels(Path models, long seed) {
        try {
            ProblemTemplates templates = ProblemTemplates.read(models.resolve("problem-templates.json"));
            return new WordProblems(templates, new SplittableRandom(seed));
        } catch (IOException e) {
            throw UserError.wrongRequest("problem templates cannot be read: " + e.getMessage()
                    + "; --models must name the folder models of the repository");
        }
    }

    /** Draws the next problem. */
    public WordProblem next() {
        Distribution distribution = templates.distributions().get(DISTRIBUTION);
        String levelName = weighted(distribution.levels());
        int steps = weighted(distribution.steps());
        Level level = templates.levels().get(levelName);
        Map<String, String> words = words();
        int value = between(level.operandRanges().get(0));
        words.put("start", String.valueOf(value));
        List<String> sentences = new ArrayList<>();
        sentences.add(fill(any(templates.startSentences()), words));
        OptionalInt distractorAt = random.nextDouble() < distribution.distractorRate()
                ? OptionalInt.of(random.nextInt(steps))
                : OptionalInt.empty();
        for (int step = 0; step < steps; step++) {
            if (distractorAt.equals(OptionalInt.of(step))) {
                sentences.add(distractor(words));
            }
            Applied applied = apply(value, level, step);
            words.put("operand", String.valueOf(applied.operand()));
            words.put("month", templates.months().get(step));
            words.put(
                    "clause",
                    fill(any(templates.operations().get(applied.operation()).clauses()), words));
            sentences.add(fill(templates.stepSentence(), words));
            value = applied.value();
        }
        sentences.add(fill(any(templates.questions()), words));
        return new WordProblem(String.join(" ", sentences), value, levelName, steps);
    }

    private Map<String, String> words() {
        List<Person> people = new ArrayList<>(templates.people());
        Person person = people.remove(random.nextInt(people.size()));
        Map<String, String> words = new LinkedHashMap<>();
        words.put("name", person.name());
        words.put("subject", person.subject());
        words.put("object", person.object());
        words.put("friend", any(people).name());
        words.put("things", any(templates.things()));
        return words;
    }

    private String distractor(Map<String, String> words) {
        Distractor distractor = any(templates.distractorSentences());
        words.put("number", String.valueOf(between(List.of(distractor.low(), distractor.high()))));
        return fill(distractor.text(), words);
    }

    private record Applied(String operation, int operand, int value) {}

    private Applied apply(int value, Level level, int step) {
        List<List<Integer>> ranges = level.operandRanges();
        List<Integer> range = ranges.get(Math.min(step, ranges.size() - 1));
        int low = range.get(0);
        int high = range.get(1);
        int largest = level.largestValue();
        String operation = weighted(feasible(value, low, largest));
        return switch (operation) {
            case "add" -> {
                int operand = between(List.of(low, Math.min(high, largest - value)));
                yield new Applied(operation, operand, value + operand);
            }
            case "subtract" -> {
                int operand = between(List.of(low, Math.min(high, value - 1)));
                yield new Applied(operation, operand, value - operand);
            }
            case "share" -> {
                int operand = any(divisors(value));
                yield new Applied(operation, operand, value / operand);
            }
            case "double" -> new Applied(operation, 0, 2 * value);
            case "halve" -> new Applied(operation, 0, value / 2);
            case "triple" -> new Applied(operation, 0, 3 * value);
            default -> throw new IllegalStateException("no such operation: " + operation);
        };
    }

    /** The operations that keep the value within 1 and the level's largest, with their weights. */
    private Map<String, Double> feasible(int value, int low, int largest) {
        Map<String, Double> weights = new LinkedHashMap<>();
        for (Map.Entry<String, Operation> operation : templates.operations().entrySet()) {
            boolean possible =
                    switch (operation.getKey()) {
                        case "add" -> value + low <= largest;
                        case "subtract" -> value - low >= 1;
                        case "double" -> 2 * value <= largest;
                        case "halve" -> value % 2 == 0 && value >= 4;
                        case "triple" -> 3 * value <= largest;
                        case "share" -> !divisors(value).isEmpty();
                        default -> false;
                    };
            if (possible) {
                weights.put(operation.getKey(), operation.getValue().weight());
            }
        }
        return weights;
    }

    private List<Integer> divisors(int value) {
        return templates.operations().get("share").divisors().stream()
                .filter(divisor -> value % divisor == 0 && value >= 2 * divisor)
                .toList();
    }

    private <T> T weighted(Map<T, Double> weights) {
        double left = random.nextDouble()
                * weights.values().stream().mapToDouble(weight -> weight).sum();
        T drawn = weights.keySet().iterator().next();
        for (Map.Entry<T, Double> entry : weights.entrySet()) {
            drawn = entry.getKey();
            left -= entry.getValue();
            if (left < 0) {
                break;
            }
        }
        return drawn;
    }

    private <T> T any(List<T> options) {
        return options.get(random.nextInt(options.size()));
    }

    private int between(List<Integer> range) {
        return random.nextInt(range.get(0), range.get(1) + 1);
    }

    private static String fill(String template, Map<String, String> words) {
        String filled = template;
        for (Map.Entry<String, String> word : words.entrySet()) {
            filled = filled.replace("{" + word.getKey() + "}", word.getValue());
        }
        return filled;
    }
}
