package io.edistream.gateway.server;

import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A request, the engines of three routes, and what happens to them in which order, all drawn from a seed. To add something that can
 * happen: a {@link Step}, what it does in {@link Play}, and what may come of it in {@link AllowedAnswers}.
 *
 * @param lane the routes that it has to do with
 * @param usage whether the client of a stream wants the numbers of tokens
 * @param maxTokens that the client allows; null for any number
 * @param entry which route the client asks for
 * @param boundless whether the first text has no place between two words
 * @param settled whether each step waits until the one before it has had its effect; otherwise they race each other
 */
record Interleaving(
        long seed,
        Lane lane,
        Endpoint endpoint,
        boolean streams,
        boolean usage,
        @Nullable Integer maxTokens,
        Entry entry,
        boolean boundless,
        boolean settled,
        List<Step> steps) {

    /** What commands put behind an answer: no engine says such a thing by itself. */
    private static final List<String> FORCED = List.of(" #In short:", "\n\n#", "#So: ");

    /**
     * Three upstreams, and routes to them.
     *
     * @param fallback whether the first goes on if the other cannot
     */
    record Lane(UpstreamKind a, UpstreamKind b, UpstreamKind c, boolean fallback) {

        static List<Lane> all() {
            List<Lane> all = new ArrayList<>();
            for (int bits = 0; bits < 16; bits++) {
                all.add(new Lane(kind(bits & 1), kind(bits & 2), kind(bits & 4), (bits & 8) > 0));
            }
            return all;
        }

        private static UpstreamKind kind(int bit) {
            return bit == 0 ? UpstreamKind.VLLM : UpstreamKind.LLAMACPP;
        }

        int number() {
            return all().indexOf(this);
        }

        UpstreamKind kindOf(char upstream) {
            return switch (upstream) {
                case 'a' -> a;
                case 'b' -> b;
                default -> c;
            };
        }
    }

    /** A route that leads to the first upstream. */
    enum Entry {
        PLAIN("a"),
        /** From there an answer may move once only. */
        ONE_MOVE("same"),
        /** The first tokens of a stream are kept back there. */
        HELD("held"),
        /** There an answer may be told to come to its point, as on most routes, and move once. */
        CONCLUDED("brief");

        /** Tokens that are kept back where any are. */
        static final int HOLD = 6;

        private static final int USUAL_MOVES = 2;

        private final String suffix;

        Entry(String suffix) {
            this.suffix = suffix;
        }

        /** What its name has behind that of the lane. */
        String suffix() {
            return suffix;
        }

        /** How often an answer may go on with another route. */
        int moves() {
            return this == ONE_MOVE || this == CONCLUDED ? 1 : USUAL_MOVES;
        }

        /** Whether a route says how an answer is told to come to its point. */
        static boolean concludes(String suffix) {
            return !suffix.equals(PLAIN.suffix) && !suffix.equals(ONE_MOVE.suffix);
        }
    }

    /** Something that happens. Calls are counted from 0, which is the client's own request; others ask for the rest of an answer. */
    sealed interface Step {}

    /**
     * An engine begins to answer.
     *
     * @param pieces that it says at once, if it streams
     */
    record Begin(int call, How how, int pieces) implements Step {}

    /** How an engine that is to go on answers. */
    enum How {
        STREAM,
        /** A stream of something else than it was given, where it repeats that at all. */
        CONTRADICTION,
        STATUS_400,
        STATUS_503,
        /** A body in one piece. */
        BODY,
        /** An error as the first event. */
        ERROR,
        /** The end, and nothing before it. */
        EMPTY,
        CLOSED_BEFORE,
        CLOSED_BEHIND_HEAD;

        boolean goesOn() {
            return this == STREAM;
        }
    }

    /** An engine says more. */
    record Say(int call, int pieces) implements Step {}

    /** An engine ends its stream. */
    record End(int call, Ending how) implements Step {}

    /** How a stream ends. */
    enum Ending {
        /** As the model says, or its limit. */
        FINISH,
        /** The same, with the last piece in one event. */
        FINISH_WITH_TEXT,
        ERROR,
        CLOSED,
        RESET
    }

    /**
     * A command comes.
     *
     * @param route for a reroute, where to; null for others
     * @param forced for a conclusion, what is put behind the answer; null for others
     */
    record Order(Aim aim, @Nullable String route, boolean fromPrompt, @Nullable String forced) implements Step {

        static Order abort(Aim aim) {
            return new Order(aim, null, false, null);
        }

        static Order reroute(Aim aim, String route, boolean fromPrompt) {
            return new Order(aim, route, fromPrompt, null);
        }

        static Order conclude(Aim aim, Random random) {
            return new Order(aim, null, false, FORCED.get(random.nextInt(FORCED.size())));
        }

        boolean isAbort() {
            return route == null && forced == null;
        }

        boolean concludes() {
            return forced != null;
        }
    }

    /** Which sequence a command names. */
    enum Aim {
        FIRST,
        /** The one that the last reroute began. */
        LATEST,
        NEVER
    }

    /** The last command comes once more. */
    record Repeat() implements Step {}

    /** The client leaves. */
    record Leave() implements Step {}

    static Interleaving of(long seed) {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L);
        // The first numbers of near seeds are near each other.
        random.nextLong();
        Lane lane = Lane.all().get(random.nextInt(16));
        Entry entry = entry(random);
        return new Interleaving(
                seed,
                lane,
                random.nextInt(3) > 0 ? Endpoint.CHAT : Endpoint.COMPLETIONS,
                random.nextInt(4) > 0,
                random.nextBoolean(),
                random.nextInt(3) == 0 ? 2 + random.nextInt(30) : null,
                entry,
                random.nextInt(25) == 0,
                random.nextBoolean(),
                steps(entry, random));
    }

    private static Entry entry(Random random) {
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> Entry.ONE_MOVE;
            case 3, 4 -> Entry.HELD;
            case 5, 6 -> Entry.CONCLUDED;
            default -> Entry.PLAIN;
        };
    }

    /** An answer that moves as it should, with something else in between. */
    private static List<Step> steps(Entry entry, Random random) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Begin(0, How.STREAM, random.nextInt(3)));
        int more = random.nextInt(entry == Entry.CONCLUDED ? 2 : 4) == 0 ? 2 : 1;
        int moves = random.nextInt(10) == 0 ? 0 : more;
        for (int call = 0; call < moves; call++) {
            say(steps, call, random);
            steps.add(move(entry, random, call == 0 ? "b" : "c"));
            say(steps, call, random);
            if (random.nextInt(4) == 0) {
                steps.add(end(call, random));
            }
            steps.add(new Begin(call + 1, how(random), random.nextInt(3)));
            say(steps, call + 1, random);
        }
        if (random.nextInt(3) > 0) {
            steps.add(end(moves, random));
        }
        for (int left = random.nextInt(4); left > 0; left--) {
            steps.add(1 + random.nextInt(steps.size()), other(entry, random));
        }
        for (int at = 1; at + 1 < steps.size(); at++) {
            if (random.nextInt(6) == 0) {
                Step one = steps.get(at);
                steps.set(at, steps.get(at + 1));
                steps.set(at + 1, one);
            }
        }
        return List.copyOf(steps);
    }

    private static void say(List<Step> steps, int call, Random random) {
        if (random.nextInt(5) > 0) {
            steps.add(new Say(call, 1 + random.nextInt(4)));
        }
    }

    private static Step move(Entry entry, Random random, String usual) {
        if (entry == Entry.CONCLUDED && random.nextBoolean()) {
            return Order.conclude(Aim.LATEST, random);
        }
        List<String> routes = List.of(usual, usual, usual, usual, usual, "same", "c", "none", "own");
        // What is kept back is kept back for those.
        boolean fromPrompt = random.nextInt(entry == Entry.HELD ? 2 : 8) == 0;
        return Order.reroute(Aim.LATEST, routes.get(random.nextInt(routes.size())), fromPrompt);
    }

    private static Step end(int call, Random random) {
        List<Ending> ends = List.of(
                Ending.FINISH,
                Ending.FINISH,
                Ending.FINISH,
                Ending.FINISH_WITH_TEXT,
                Ending.ERROR,
                Ending.CLOSED,
                Ending.RESET);
        return new End(call, ends.get(random.nextInt(ends.size())));
    }

    private static How how(Random random) {
        How[] hows = How.values();
        return random.nextInt(5) > 1 ? How.STREAM : hows[random.nextInt(hows.length)];
    }

    private static Step other(Entry entry, Random random) {
        Aim aim = Aim.values()[random.nextInt(Aim.values().length)];
        if (random.nextInt(entry == Entry.CONCLUDED ? 4 : 12) == 0) {
            return Order.conclude(aim, random);
        }
        return switch (random.nextInt(10)) {
            case 0, 1 -> Order.abort(aim);
            case 2, 3 -> Order.reroute(aim, List.of("b", "c", "same").get(random.nextInt(3)), random.nextInt(6) == 0);
            case 4, 5 -> new Repeat();
            case 6 -> new Leave();
            case 7 -> end(random.nextInt(2), random);
            default -> new Say(random.nextInt(3), 1 + random.nextInt(3));
        };
    }

    /** Whether the first tokens are kept back. */
    boolean holds() {
        return entry == Entry.HELD && streams;
    }

    /** What a route that a command names is called behind the name of its lane. */
    String suffix(String route) {
        return switch (route) {
            case "own" -> entry.suffix();
            case "same" -> entry == Entry.ONE_MOVE ? Entry.PLAIN.suffix() : Entry.ONE_MOVE.suffix();
            default -> route;
        };
    }

    /** Whether the other engine repeats what it is given. */
    boolean repeats(char upstream) {
        return endpoint == Endpoint.CHAT && lane.kindOf(upstream) == UpstreamKind.LLAMACPP;
    }
}
