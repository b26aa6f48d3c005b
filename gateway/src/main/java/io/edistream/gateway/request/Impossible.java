package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/** What OpenAI's API has and an engine in this process has not: refused, unless it says that it is not wanted. */
final class Impossible {

    private static final String NO_GRAMMAR = "this engine has no grammar that would keep an answer to a form";
    private static final String NO_TOOLS = "this engine does not call tools";

    private static final Map<String, Refusal> REFUSALS = Map.ofEntries(
            Map.entry("tools", new Refusal(NO_TOOLS, (value, n) -> value.isArray() && value.isEmpty())),
            Map.entry("functions", new Refusal(NO_TOOLS, (value, n) -> value.isArray() && value.isEmpty())),
            Map.entry("tool_choice", new Refusal(NO_TOOLS, (value, n) -> isOneOf(value, Set.of("none", "auto")))),
            Map.entry("function_call", new Refusal(NO_TOOLS, (value, n) -> isOneOf(value, Set.of("none", "auto")))),
            Map.entry(
                    "response_format",
                    new Refusal(NO_GRAMMAR, (value, n) -> isOneOf(value.path("type"), Set.of("text")))),
            Map.entry("echo", new Refusal("the prompt is not told again", (value, n) -> isFalse(value))),
            Map.entry(
                    "best_of",
                    new Refusal("all choices are told, so that it must be n", (value, n) -> value.asLong(0) == n)),
            Map.entry("suffix", new Refusal("nothing can be put in between", (value, n) -> isOneOf(value, Set.of("")))),
            Map.entry(
                    "modalities",
                    new Refusal(
                            "there is only text",
                            (value, n) -> value.size() == 1 && isOneOf(value.path(0), Set.of("text")))),
            Map.entry("ignore_eos", new Refusal("an answer ends where its model says", (value, n) -> isFalse(value))));

    private Impossible() {}

    /** Members that it knows. */
    static Set<String> names() {
        return REFUSALS.keySet();
    }

    /**
     * Refuses what is wanted.
     *
     * @throws IllegalArgumentException if any of it is
     */
    static void require(Members members, int choices) {
        REFUSALS.forEach((name, refusal) -> {
            JsonNode value = members.value(name);
            if (value != null && !refusal.isOff.test(value, choices)) {
                throw new IllegalArgumentException(name + " is not possible here: " + refusal.because);
            }
        });
    }

    private static boolean isOneOf(JsonNode value, Set<String> texts) {
        return value.isTextual() && texts.contains(value.textValue());
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.booleanValue();
    }

    /**
     * Why something is refused.
     *
     * @param because for people
     * @param isOff whether a value asks for nothing, given the number of choices
     */
    private record Refusal(String because, BiPredicate<JsonNode, Integer> isOff) {}
}
