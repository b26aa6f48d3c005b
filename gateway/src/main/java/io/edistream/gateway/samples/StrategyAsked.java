package io.edistream.gateway.samples;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.request.Asked;
import io.edistream.sequences.answers.Extraction;
import io.edistream.signals.groups.Pruning;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Strategy;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a client wants its answer to be made of samples.
 *
 * @param kind how one of them is chosen
 * @param plan when they start
 * @param extraction how the answer is found in their texts; null if it is not looked for
 * @param signal which says how good a sample is beside others
 * @param pruning which samples are too weak to go on; null if none is
 */
public record StrategyAsked(
        Kind kind, SamplePlan plan, @Nullable Extraction extraction, Signal signal, @Nullable Pruning pruning) {

    /** Samples that a client gets which does not say how many it wants, unless its route allows less. */
    static final int USUAL_SAMPLES = 8;

    private static final int USUAL_WIDTH = 2;
    private static final int USUAL_LEAD = 2;
    private static final int USUAL_WEAKEST = 1;
    private static final double USUAL_SHARE = .5;
    private static final Set<String> KNOWN =
            Set.of("strategy", "n", "extract", "by", "width", "lead", "prune", "request", "watch", "group");
    private static final Set<String> OF_PRUNE = Set.of("weakest", "at");

    /** How one of several samples is chosen. */
    public enum Kind {
        /** The most frequent answer, as soon as it is certain. */
        MAJORITY("majority"),
        /** The one with the best signal. */
        BEST_OF_N("best-of-n"),
        /** The most frequent answer, with as few samples as that takes. */
        WAVES("waves");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** What clients and metrics call it. */
        public String label() {
            return label;
        }
    }

    /**
     * What a request says.
     *
     * @param asked a request with a strategy
     * @param most samples that it may ask for; 0 if it may have no strategy
     * @throws IllegalArgumentException if that is not possible; the message says what is
     */
    public static StrategyAsked of(Asked asked, int most) {
        JsonNode ours = asked.ours();
        if (ours == null) {
            throw new IllegalArgumentException("the request has no member edistream");
        }
        require(most > 0, "strategies are switched off for this model: its route has samples: 0");
        requireKnown(ours, KNOWN, "beside a strategy there is no member ", " in edistream, only ");
        Kind kind = kind(ours.get("strategy"));
        requirePlain(asked, ours);
        int samples = whole(ours.path("n"), "n", Math.min(USUAL_SAMPLES, most), most);
        Extraction extraction = extraction(ours.get("extract"));
        require(
                extraction != null || kind == Kind.BEST_OF_N,
                "strategy " + kind.label() + " needs extract, which says what of a text is its answer: last_number,"
                        + " boxed, regex:PATTERN or json:POINTER; without it there is best-of-n");
        return new StrategyAsked(
                kind,
                new SamplePlan(strategy(kind, ours, samples), samples),
                extraction,
                Signal.of(text(ours.get("by"), "by", Signal.USUAL)),
                pruning(ours.get("prune"), samples));
    }

    /** Samples that run beside each other at most. */
    public int atOnce() {
        return plan.strategy() instanceof Strategy.Waves waves ? Math.min(waves.width(), plan.budget()) : plan.budget();
    }

    /**
     * The answer in a sample's text; null if it is not looked for, or if there is none.
     *
     * @param thinking tags around reasoning inside the text, which is no answer; null if there are none
     */
    public @Nullable String answer(String text, Route.@Nullable Thinking thinking) {
        if (extraction == null) {
            return null;
        }
        int closed = thinking == null ? -1 : text.lastIndexOf(thinking.close());
        if (thinking != null && text.lastIndexOf(thinking.open()) > closed) {
            return null;
        }
        return extraction
                .answer(
                        closed < 0 || thinking == null
                                ? text
                                : text.substring(closed + thinking.close().length()))
                .orElse(null);
    }

    private static void requireKnown(JsonNode object, Set<String> known, String no, String only) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            require(known.contains(name), no + name + only + String.join(", ", new TreeSet<>(known)));
        }
    }

    private static Kind kind(JsonNode name) {
        for (Kind kind : Kind.values()) {
            if (name.isTextual() && kind.label().equals(name.asText())) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "there is no strategy " + shown(name) + ": must be majority, best-of-n or waves");
    }

    /** What would make several answers of one request, or none that could be compared. */
    private static void requirePlain(Asked asked, JsonNode ours) {
        require(
                asked.choices() == 1,
                "a strategy gives one answer to one prompt: n must be 1, and edistream.n says how"
                        + " many samples it may take");
        require(!asked.letsEngineChoose(), "best_of and a strategy both choose: leave one of them out");
        require(!asked.hasTools(), "a strategy compares texts, so it cannot be had with tools");
        require(!asked.wantsLogprobs(), "a strategy reads log-probabilities itself, so the answer cannot have any");
        require(
                !ours.hasNonNull("group"),
                "the samples of a strategy are a group of their own, so group must be left out");
        require(
                ours.path("watch").asBoolean(true),
                "a strategy looks at samples while they run, so watch must not be false");
    }

    private static Strategy strategy(Kind kind, JsonNode ours, int samples) {
        if (kind == Kind.WAVES) {
            return new Strategy.Waves(
                    whole(ours.path("width"), "width", Math.min(USUAL_WIDTH, samples), samples),
                    whole(ours.path("lead"), "lead", Math.min(USUAL_LEAD, samples), samples));
        }
        require(!ours.hasNonNull("width") && !ours.hasNonNull("lead"), "width and lead are for strategy waves alone");
        return new Strategy.AllAtOnce();
    }

    private static @Nullable Pruning pruning(@Nullable JsonNode prune, int samples) {
        if (prune == null || prune.isNull()) {
            return null;
        }
        require(prune.isObject(), "edistream.prune must be an object, not " + shown(prune));
        requireKnown(prune, OF_PRUNE, "there is no member ", " in edistream.prune, only ");
        Pruning pruning = new Pruning(
                whole(prune.path("weakest"), "prune.weakest", USUAL_WEAKEST, Pruning.MOST), share(prune.path("at")));
        require(
                samples >= pruning.compared(),
                "less than half of the samples may be pruned, so that edistream.n must be at least "
                        + pruning.compared() + " with prune.weakest " + pruning.weakest() + ", not " + samples);
        return pruning;
    }

    private static double share(JsonNode at) {
        if (at.isMissingNode() || at.isNull()) {
            return USUAL_SHARE;
        }
        require(
                at.isNumber() && at.asDouble() > 0 && at.asDouble() <= 1,
                "edistream.prune.at must be above 0 and at most 1, not " + shown(at));
        return at.asDouble();
    }

    private static @Nullable Extraction extraction(@Nullable JsonNode name) {
        return name == null || name.isNull() ? null : Extraction.parse(text(name, "extract", ""));
    }

    private static String text(@Nullable JsonNode node, String name, String otherwise) {
        if (node == null || node.isNull()) {
            return otherwise;
        }
        require(node.isTextual(), name + " must be a text, not " + shown(node));
        return node.asText();
    }

    private static int whole(JsonNode node, String name, int otherwise, int most) {
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        require(
                node.isIntegralNumber() && node.canConvertToInt() && node.asInt() >= 1 && node.asInt() <= most,
                "edistream." + name + " must be 1 to " + most + ", not " + shown(node));
        return node.asInt();
    }

    private static String shown(JsonNode node) {
        String text = node.toString();
        return text.length() <= 64 ? text : text.substring(0, 64) + "...";
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
