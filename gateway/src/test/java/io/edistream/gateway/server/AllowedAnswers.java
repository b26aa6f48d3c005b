package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.server.Happened.Asked;
import io.edistream.gateway.server.Happened.Sent;
import io.edistream.gateway.server.Happened.Sequence;
import io.edistream.gateway.server.Happened.State;
import io.edistream.gateway.server.Interleaving.Aim;
import io.edistream.gateway.server.Interleaving.Ending;
import io.edistream.gateway.server.Interleaving.Entry;
import io.edistream.gateway.server.Interleaving.How;
import io.edistream.gateway.server.SeededText.Piece;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.Continuation.Cause;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the client of an answer that may go on elsewhere may see, what becomes of commands, and which sequences there are: the sentences
 * of {@code docs/gateway.md} and of decisions 0707 and 0708, held against what happened. Knows nothing of how the gateway does it. Where steps
 * race each other, it allows whatever some order of them leads to.
 */
final class AllowedAnswers {

    /** Tokens within which there must be a place between two words. */
    private static final int TOKENS_TO_CUT = 64;

    /** From there on a generator does not do what a command says. */
    private static final long TOO_OLD_MICROS = 10_000_000;

    private static final int OK = 200;
    private static final int BAD_GATEWAY = 502;

    private final Happened happened;
    private final Interleaving drawn;
    private final ClientSaw client;
    private final List<String> objections = new ArrayList<>();

    private AllowedAnswers(Happened happened) {
        this.happened = happened;
        drawn = happened.drawn();
        client = happened.client();
    }

    /** What is wrong with what happened; empty if it may be so. */
    static List<String> objections(Happened happened) {
        AllowedAnswers model = new AllowedAnswers(happened);
        model.commands();
        model.requests();
        model.sequences();
        if (!happened.left()) {
            model.answer();
        }
        return model.objections;
    }

    private void check(boolean right, String otherwise) {
        if (!right) {
            objections.add(otherwise);
        }
    }

    // The answer.

    private void answer() {
        objections.addAll(client.faults());
        Asked last = serving();
        Asked failed = lost();
        text(last, failed);
        status(last, failed);
        identity();
        check(client.finishes().size() <= 1, "more than one finish: " + client.finishes());
        if (isAborted()) {
            abort();
        } else if (failed != null) {
            // "Without, or where both are one upstream, the first is closed at once, and a failure is an error event."
            check(client.error() != null, "what could not go on is lost without a word");
            check(client.finishes().isEmpty(), "a finish of what was lost");
        } else {
            end(last);
        }
        notices(last);
    }

    /** The last engine that went on: what it says is the answer. */
    private Asked serving() {
        Asked serving = happened.engines().get(0);
        for (Asked engine : happened.engines()) {
            serving = engine.goesOn() ? engine : serving;
        }
        return serving;
    }

    /** The engine that could not go on when nobody else could either; null if there is none. */
    private @Nullable Asked lost() {
        for (int i = 1; i < happened.engines().size(); i++) {
            Asked engine = happened.engines().get(i);
            boolean onlyOne =
                    !drawn.lane().fallback() || engine.upstream() == before(i).upstream();
            if (engine.how() == How.CONTRADICTION || (engine.how() != null && !engine.goesOn() && onlyOne)) {
                return engine;
            }
        }
        return null;
    }

    /** Who served the answer when an engine was asked. */
    private Asked before(int number) {
        Asked before = happened.engines().get(0);
        for (Asked engine : happened.engines().subList(0, number)) {
            before = engine.goesOn() ? engine : before;
        }
        return before;
    }

    /** "What the client has is never repeated and never taken back." */
    private void text(Asked last, @Nullable Asked failed) {
        String all = allOf(last);
        if (!drawn.streams() && !client.isDone()) {
            return;
        }
        if (isAborted() && !drawn.settled()) {
            // Also of one that was left meanwhile: an engine may begin while its answer is being ended.
            check(
                    happened.engines().stream().filter(Asked::goesOn).anyMatch(engine -> allOf(engine)
                            .startsWith(client.text())),
                    "not the beginning of what anybody said: " + quoted(client.text()));
        } else if (isAborted() || last.ending() == Ending.RESET) {
            check(all.startsWith(client.text()), "not the beginning of " + quoted(all) + ": " + quoted(client.text()));
        } else if (failed != null) {
            // What a command was to put behind the answer is put there when somebody goes on behind it.
            String given = isKeptBack(failed) ? "" : Happened.text(failed.hadPieces());
            boolean begun = failed.how() == How.CONTRADICTION && client.text().equals(failed.given());
            check(
                    begun || client.text().equals(given),
                    "not what was given on, " + quoted(given) + ": " + quoted(client.text()));
        } else {
            check(client.text().equals(all), "not " + quoted(all) + ": " + quoted(client.text()));
        }
    }

    /** "Until something is let go, an error may still have its own status." A stream that has begun has the status of its beginning. */
    private void status(Asked last, @Nullable Asked failed) {
        if (!drawn.streams() || last.ending() == Ending.RESET) {
            // What was sent before a reset may be lost.
            return;
        }
        boolean lost = failed != null && !isAborted() && isKeptBack(failed);
        int status = lost ? BAD_GATEWAY : OK;
        // Racing an abort, the answer may have been lost before.
        boolean either =
                isAborted() && !drawn.settled() && client.notices("abort").isEmpty();
        check(
                client.status() == status || (either && client.status() == BAD_GATEWAY),
                "status " + client.status() + ", not " + status);
    }

    /** Whether all that an engine could not go on with is kept back: "the first 16 tokens of a streamed answer". */
    private boolean isKeptBack(Asked failed) {
        return drawn.holds() && failed.givenTokens() < Entry.HOLD;
    }

    private static String allOf(Asked engine) {
        return engine.given() + Happened.text(engine.said());
    }

    /** "The client sees the first answer's id." */
    private void identity() {
        Set<String> ids = new HashSet<>();
        for (JsonNode event : client.events()) {
            if (!event.has("error")) {
                ids.add(event.path("id").asText() + " " + event.path("model").asText());
            }
        }
        String first = "id-" + drawn.seed() + "-0";
        ids.remove(first + " " + first + "-model");
        check(ids.isEmpty(), "other ids than the first answer's: " + ids);
    }

    /** "The client gets a last event with finish_reason stop and the member edistream." */
    private void abort() {
        boolean byItself = client.notices("abort").isEmpty();
        if (byItself) {
            // It was over, or lost, before the command reached it.
            check(!drawn.settled(), "an ABORT was applied, and the answer does not say so");
            check(!client.finishes().isEmpty() || client.error() != null || !client.isWhole(), "no end");
        } else {
            check(client.finishes().equals(List.of("stop")), "finished as " + client.finishes());
            check(client.isWhole() && client.isDone(), "no proper end behind an ABORT");
            check(client.error() == null, "an error beside an ABORT");
        }
    }

    private boolean isAborted() {
        return happened.commands().stream().anyMatch(command -> command.order().isAbort() && applied(command) != null);
    }

    /** An answer that no command ended ends as its engine's does. */
    private void end(Asked last) {
        check(client.notices("abort").isEmpty(), "an abort that nobody asked for");
        Ending ending = last.ending();
        if (last.finished()) {
            check(client.finishes().equals(List.of(last.finish())), "finished as " + client.finishes());
            check(client.isWhole() && client.isDone(), "no proper end");
            check(client.error() == null, "an error: " + client.error());
            usage(last);
        } else if (ending == Ending.ERROR) {
            check(client.error() != null, "an error of its engine is kept from it");
            check(client.finishes().isEmpty(), "a finish beside an error");
        } else if (ending != null) {
            // "An upstream that breaks off in the middle breaks off the client too."
            check(drawn.streams() ? !client.isWhole() : client.error() != null, "a proper end of what broke off");
            check(client.finishes().isEmpty(), "a finish of what broke off");
        } else {
            check(false, "it ended, and nobody ended it");
        }
    }

    /** "The prompt counts once in usage", and "the answer's tokens as the sum". */
    private void usage(Asked last) {
        boolean forEverybody = drawn.endpoint() == Endpoint.COMPLETIONS && kindOf(last) == UpstreamKind.LLAMACPP;
        int wanted = !drawn.streams() || drawn.usage() || forEverybody ? 1 : 0;
        check(client.usages().size() == wanted, client.usages().size() + " times usage, wanted " + wanted);
        int tokens = last.givenTokens() + Happened.tokens(last.said());
        Set<Integer> prompts = promptTokens();
        for (JsonNode usage : client.usages()) {
            int prompt = usage.path("prompt_tokens").asInt();
            check(
                    prompts.contains(prompt)
                            && usage.path("completion_tokens").asInt() == tokens
                            && usage.path("total_tokens").asInt() == prompt + tokens,
                    "usage is not one of " + prompts + " and " + tokens + ": " + usage);
            int cached = usage.at("/prompt_tokens_details/cached_tokens").asInt();
            check(cached <= prompt, cached + " tokens of a prompt of " + prompt + " were in a cache");
        }
    }

    /**
     * The prompt's tokens as the first one tells that tells them: a llama.cpp with its tokens, a vLLM at its end, which nobody hears if it
     * is closed before. Where that one was given what a command has forced, that is a part of its prompt, and how many tokens it has
     * nobody says.
     */
    private Set<Integer> promptTokens() {
        List<Asked> served = happened.engines().stream().filter(Asked::goesOn).toList();
        Set<Integer> prompts = new HashSet<>();
        for (int i = 0; i < served.size(); i++) {
            Asked engine = served.get(i);
            boolean last = i + 1 == served.size();
            int forced = (int) engine.givenPieces().stream()
                    .filter(piece -> piece.tokens() == 0)
                    .count();
            boolean mayTell = last
                    || (kindOf(engine) == UpstreamKind.LLAMACPP
                            && !engine.said().isEmpty());
            if (mayTell) {
                prompts.add(Play.PROMPT_TOKENS + PlayedEngine.FORCED_TOKENS * forced);
            }
            // What is kept back of one tells nothing; what its client has does.
            if (mayTell && !last && served.get(i + 1).givenTokens() > engine.givenTokens()) {
                return prompts;
            }
        }
        return prompts;
    }

    /** "The first event from there says why." */
    private void notices(Asked last) {
        List<JsonNode> reroutes = client.notices("reroute");
        List<JsonNode> conclusions = client.notices("conclude");
        List<Asked> moves =
                happened.engines().stream().skip(1).filter(Asked::goesOn).toList();
        long concluded = moves.stream().filter(Asked::concludes).count();
        check(reroutes.size() <= moves.size() - concluded, "more moves than engines that went on: " + reroutes);
        check(conclusions.size() <= concluded, "more conclusions than engines that went on: " + conclusions);
        for (JsonNode notice : reroutes) {
            boolean known = moves.stream()
                    .anyMatch(move -> !move.concludes()
                            && notice.path("route").asText().endsWith(routeOf(move))
                            && notice.path("token").asInt() >= move.givenTokens());
            check(known && notice.path("rule").asText().equals("rule-1"), "a move that nobody asked for: " + notice);
        }
        for (JsonNode notice : conclusions) {
            boolean known = moves.stream()
                    .anyMatch(move -> move.concludes() && notice.path("token").asInt() == move.givenTokens());
            check(
                    known && notice.path("rule").asText().equals("rule-1"),
                    "a conclusion that nobody asked for: " + notice);
        }
        boolean says = Happened.tokens(last.said()) > 0 || last.finished();
        if (!moves.isEmpty() && says && !isAborted() && client.isWhole() && client.error() == null) {
            check(!(last.concludes() ? conclusions : reroutes).isEmpty(), "it went on, and does not say so");
        }
    }

    private static String routeOf(Asked engine) {
        return engine.upstream() == 'a' ? "" : String.valueOf(engine.upstream());
    }

    private UpstreamKind kindOf(Asked engine) {
        return drawn.lane().kindOf(engine.upstream());
    }

    // What engines are asked.

    private void requests() {
        for (int i = 1; i < happened.engines().size(); i++) {
            request(i, happened.engines().get(i));
        }
        if (drawn.settled() && !happened.left() && !isAborted()) {
            askedForEachMove();
        }
    }

    private void request(int number, Asked engine) {
        Asked before = before(number);
        List<Piece> generated = new ArrayList<>(before.givenPieces());
        generated.addAll(before.said());
        String given = engine.given();
        List<Piece> pieces = engine.givenPieces();
        check(
                Happened.text(pieces).equals(given),
                "engine " + number + " is given what nobody said: " + quoted(given) + " instead of the beginning of "
                        + quoted(Happened.text(generated)));
        if (!given.isEmpty() && Happened.text(pieces).equals(given)) {
            // "The text flows on to a place between two words."
            String had = Happened.text(engine.hadPieces());
            String rest = Happened.text(generated.subList(engine.hadPieces().size(), generated.size()));
            check(
                    !rest.isEmpty()
                            && Character.isWhitespace(rest.charAt(0))
                            && !had.isEmpty()
                            && !Character.isWhitespace(had.charAt(had.length() - 1)),
                    "cut within a word, behind " + quoted(had) + " before " + quoted(rest));
        }
        Integer most = drawn.maxTokens();
        JsonNode left = engine.body().get("max_tokens");
        check(
                most == null ? left == null : left != null && left.asInt() == most - engine.givenTokens(),
                "engine " + number + " may say " + left + " tokens of " + most + " behind " + engine.givenTokens());
        boolean continues = drawn.endpoint() == Endpoint.CHAT && !given.isEmpty();
        check(
                engine.body().path("continue_final_message").asBoolean()
                        == (continues && kindOf(engine) == UpstreamKind.VLLM),
                "engine " + number + " is asked for another continuation: " + engine.body());
        check(engine.body().path("stream").asBoolean(), "engine " + number + " is asked for no stream");
        place(number, engine, before);
    }

    /** "Within 64 tokens", from where the answer was when the command came. */
    private void place(int number, Asked engine, Asked before) {
        Sent move = moveTo(number);
        if (move == null) {
            check(false, "engine " + number + " was asked, and no command said so");
            return;
        }
        if (move.order().fromPrompt()) {
            check(engine.given().isEmpty(), "not from the prompt: " + quoted(engine.given()));
        } else if (drawn.settled()) {
            int cut = firstPlace(before, move);
            List<Piece> expected = new ArrayList<>(before.givenPieces());
            expected.addAll(before.said().subList(0, Math.max(0, cut)));
            String forced = move.order().forced();
            if (forced != null) {
                expected.add(new Piece(forced, 0));
            }
            check(cut >= 0, "there is no place to cut, and it was cut behind " + quoted(engine.given()));
            check(
                    cut < 0 || Happened.text(expected).equals(engine.given()),
                    "not cut at the first place, behind " + quoted(Happened.text(expected)) + ", but behind "
                            + quoted(engine.given()));
        }
    }

    /** The command that let an engine be asked; null if none did. */
    private @Nullable Sent moveTo(int number) {
        List<Sent> moves = moves();
        int at = -1;
        for (Asked engine : happened.engines().subList(1, number + 1)) {
            at++;
            while (at < moves.size() && !isOf(moves.get(at), engine)) {
                at++;
            }
        }
        return at < moves.size() ? moves.get(at) : null;
    }

    /** Whether an engine was asked what a command says. */
    private static boolean isOf(Sent move, Asked engine) {
        return move.order().concludes()
                ? engine.forced().equals(move.order().forced())
                : !engine.concludes() && engine.upstream() == upstreamOf(move);
    }

    private List<Sent> moves() {
        return happened.commands().stream()
                .filter(command -> !command.order().isAbort() && applied(command) != null)
                .toList();
    }

    /** Whoever is to go on is asked, if there is a place to cut and something left to say. */
    private void askedForEachMove() {
        List<Sent> moves = moves();
        int engine = 0;
        for (Sent move : moves) {
            boolean asked = engine + 1 < happened.engines().size()
                    && isOf(move, happened.engines().get(engine + 1));
            if (asked) {
                engine++;
                continue;
            }
            Asked serving = before(engine + 1);
            int place = move.order().fromPrompt() ? 0 : firstPlace(serving, move);
            int tokens = serving.givenTokens()
                    + Happened.tokens(serving.said()
                            .subList(
                                    0,
                                    Math.max(0, Math.min(place, serving.said().size()))));
            Integer most = drawn.maxTokens();
            boolean ends = serving.ending() == Ending.FINISH_WITH_TEXT
                    && place == serving.said().size() - 1;
            boolean nothingLeft = most != null && tokens >= most;
            // What was kept back, its end included, may have gone on to the client before the command, and the hub not
            // know of it yet.
            boolean over = move.when().over();
            check(place < 0 || ends || nothingLeft || over, "nobody was asked to go on for " + move);
        }
    }

    private static char upstreamOf(Sent move) {
        String route = String.valueOf(move.order().route());
        return route.length() == 1 ? route.charAt(0) : 'a';
    }

    /**
     * Pieces of an engine in front of the first place between two words from a command on; -1 if there is none within 64 tokens. Where
     * there is nothing yet to go on from, a reroute waits for none, and a conclusion for the first behind a text.
     */
    private static int firstPlace(Asked engine, Sent move) {
        boolean needsText = move.order().concludes();
        int from = move.when().pieces();
        int sought = 0;
        for (int at = from; at < engine.said().size(); at++) {
            String text = engine.given() + Happened.text(engine.said().subList(0, at));
            String more = engine.said().get(at).text();
            if (text.isEmpty() && !needsText) {
                return at;
            }
            if (!more.isEmpty()
                    && !text.isEmpty()
                    && Character.isWhitespace(more.charAt(0))
                    && !Character.isWhitespace(text.charAt(text.length() - 1))) {
                return at;
            }
            sought += engine.said().get(at).tokens();
            if (sought > TOKENS_TO_CUT) {
                return -1;
            }
        }
        String said = Happened.text(
                engine.said().subList(0, Math.min(from, engine.said().size())));
        return !needsText && (engine.given() + said).isEmpty() ? from : -1;
    }

    // Commands.

    /** "There is one outcome per command." */
    private void commands() {
        int moves = 0;
        int conclusions = 0;
        for (int i = 0; i < happened.commands().size(); i++) {
            Sent command = happened.commands().get(i);
            if (!isWellSettled(command)) {
                check(false, command.outcomes().size() + " outcomes of " + command);
                continue;
            }
            ControlOutcome outcome = command.outcomes().get(0);
            Set<OutcomeKind> allowed = EnumSet.copyOf(allowed(i, command));
            if (isTooOld(outcome)) {
                allowed.add(OutcomeKind.DISARMED);
            }
            check(
                    allowed.contains(outcome.kind()),
                    "command " + i + " " + command.order() + " is " + outcome.kind() + " (" + outcome.detail()
                            + "), not " + allowed + ": " + command.when());
            if (outcome.continuedBy() != null) {
                moves += command.order().concludes() ? 0 : 1;
                conclusions += command.order().concludes() ? 1 : 0;
            }
            keptBack(i, command);
            check(
                    outcome.continuedBy() == null || sequence(outcome.continuedBy()) != null,
                    "sequence " + outcome.continuedBy() + " of the outcome of command " + i + " never was");
        }
        check(moves <= drawn.entry().moves(), moves + " moves");
        check(conclusions <= 1, conclusions + " conclusions of one answer");
    }

    /** A machine that stands still lets a command grow old before it comes, or comes once more. */
    private static boolean isTooOld(ControlOutcome outcome) {
        long sent = outcome.received().command().timing().sentTokenAtMicros();
        return outcome.settledAtMicros() - sent > TOO_OLD_MICROS;
    }

    /**
     * One outcome; but "APPLIED means that it was asked. If ... the answer ends first, or if the other request fails, WITHDRAWN follows",
     * otherwise "the first one ends as CONCLUDED".
     */
    private boolean isWellSettled(Sent command) {
        int outcomes = command.outcomes().size();
        Sequence sequence = sequence(command.sequence());
        if (!command.order().concludes() || applied(command) == null || sequence == null) {
            return outcomes == 1;
        }
        if (sequence.ends().stream().anyMatch(end -> end.reason() == EndReason.CONCLUDED)) {
            return outcomes == 1;
        }
        boolean withdrawn = outcomes == 2 && command.outcomes().get(1).kind() == OutcomeKind.WITHDRAWN;
        // Racing it, another command or the client may end the answer for the hub just when it goes on: who was first
        // is not seen here.
        boolean mayHaveGoneOn = ((isAborted() && !drawn.settled()) || happened.left())
                && happened.engines().stream().anyMatch(engine -> engine.concludes() && engine.goesOn());
        return withdrawn || (mayHaveGoneOn && outcomes == 1);
    }

    /** "Until they are let go ... all that its client sees of it is that the first token comes later." */
    private void keptBack(int number, Sent command) {
        Happened.When when = command.when();
        boolean keeps = drawn.holds() && when.state() == State.RUNS && when.tokens() < Entry.HOLD;
        // Of an answer that is over nothing is kept back; racing, it may have gone on elsewhere since.
        boolean aborted = happened.commands().subList(0, number).stream()
                .anyMatch(earlier -> earlier.order().isAbort() && applied(earlier) != null);
        if (keeps && drawn.settled() && !when.ending() && !aborted) {
            check(when.read() == 0, "before command " + number + " its client has what is to be kept back: " + when);
        }
    }

    private Set<OutcomeKind> allowed(int number, Sent command) {
        if (command.repeats()
                && happened.commands().subList(0, number).stream()
                        .anyMatch(earlier -> earlier.id().equals(command.id()) && applied(earlier) != null)) {
            return EnumSet.of(OutcomeKind.DUPLICATE);
        }
        if (command.order().aim() == Aim.NEVER) {
            return EnumSet.of(OutcomeKind.UNKNOWN);
        }
        Set<OutcomeKind> allowed = EnumSet.noneOf(OutcomeKind.class);
        State state = command.when().state();
        if (state == State.ENDED) {
            return EnumSet.of(OutcomeKind.TOO_LATE);
        }
        if (state == State.WAITS) {
            // Nobody has heard of it but by the outcome.
            allowed.add(OutcomeKind.UNKNOWN);
        }
        // What an earlier command, or an engine, has ended may be known to the hub and not yet be published.
        if (!drawn.settled()
                || number > 0
                || state == State.WAITS
                || happened.left()
                || command.when().ending()) {
            allowed.add(OutcomeKind.TOO_LATE);
        }
        if (state == State.RUNS || !drawn.settled()) {
            allowed.addAll(
                    command.order().isAbort()
                            ? EnumSet.of(OutcomeKind.APPLIED)
                            : command.order().concludes() ? ofConclusion(command) : ofReroute(command));
        }
        return allowed;
    }

    /** "REFUSED, with the reason in the outcome". Several reasons may hold; then it is one of them. */
    private Set<OutcomeKind> ofReroute(Sent command) {
        Set<OutcomeKind> objections = EnumSet.noneOf(OutcomeKind.class);
        Happened.When when = command.when();
        String route = String.valueOf(command.order().route());
        if (route.equals("none")) {
            objections.add(OutcomeKind.UNSUPPORTED);
        }
        boolean exhausted = when.tried() >= drawn.entry().moves();
        boolean own = when.route().equals(drawn.suffix(route));
        // "From the prompt, once the client has tokens": of a stream it has the first one at once, or those that were
        // kept back together.
        int first = drawn.holds() ? Entry.HOLD : 1;
        boolean takesBack = command.order().fromPrompt() && drawn.streams() && when.tokens() >= first;
        Integer most = drawn.maxTokens();
        boolean nothingLeft = most != null && !command.order().fromPrompt() && when.tokens() >= most;
        if (exhausted || when.underWay() || own || takesBack || nothingLeft) {
            objections.add(OutcomeKind.REFUSED);
        }
        if (!drawn.settled()) {
            objections.add(OutcomeKind.REFUSED);
            objections.add(OutcomeKind.APPLIED);
        } else if (objections.isEmpty()) {
            return EnumSet.of(OutcomeKind.APPLIED);
        }
        return objections;
    }

    /** "REFUSED: what ... is being concluded ... and with text what a reroute is refused for. UNSUPPORTED: routes that say nothing." */
    private Set<OutcomeKind> ofConclusion(Sent command) {
        Happened.When when = command.when();
        Integer most = drawn.maxTokens();
        Set<OutcomeKind> objections = EnumSet.noneOf(OutcomeKind.class);
        if (!Entry.concludes(when.route())) {
            objections.add(OutcomeKind.UNSUPPORTED);
        }
        // "It is done once for an answer, and a try counts."
        if (when.concluded() > 0 || when.underWay() || (most != null && when.tokens() >= most)) {
            objections.add(OutcomeKind.REFUSED);
        }
        if (!drawn.settled()) {
            return EnumSet.of(OutcomeKind.APPLIED, OutcomeKind.REFUSED, OutcomeKind.UNSUPPORTED);
        }
        return objections.isEmpty() ? EnumSet.of(OutcomeKind.APPLIED) : objections;
    }

    private static @Nullable ControlOutcome applied(Sent command) {
        return command.outcomes().stream()
                .filter(outcome -> outcome.kind() == OutcomeKind.APPLIED)
                .findFirst()
                .orElse(null);
    }

    // Sequences.

    private @Nullable Sequence sequence(long number) {
        return happened.sequences().stream()
                .filter(sequence -> sequence.start().sequence() == number)
                .findFirst()
                .orElse(null);
    }

    private void sequences() {
        for (Sequence sequence : happened.sequences()) {
            long number = sequence.start().sequence();
            objections.addAll(sequence.faults());
            if (sequence.ends().size() != 1) {
                check(false, "sequence " + number + " has " + sequence.ends().size() + " ends");
                continue;
            }
            check(
                    sequence.ends().get(0).tokens() == sequence.tokens(),
                    "sequence " + number + " ends with other tokens than it had: " + sequence);
        }
        if (objections.isEmpty() && !happened.sequences().isEmpty()) {
            lineage();
        }
    }

    /** "The first ends as REROUTED, and only then is known how many tokens they share." */
    private void lineage() {
        List<Sequence> served = happened.sequences().stream()
                .filter(sequence -> !hasFailed(sequence))
                .toList();
        List<Asked> engines = happened.engines().stream().filter(Asked::goesOn).toList();
        check(served.size() <= engines.size(), served.size() + " sequences of " + engines.size() + " engines");
        for (int i = 0; i < served.size() && i < engines.size(); i++) {
            Sequence sequence = served.get(i);
            Asked engine = engines.get(i);
            Continuation continues = sequence.start().continues();
            if (i > 0) {
                check(
                        continues != null
                                && continues.sequence()
                                        == served.get(i - 1).start().sequence()
                                && continues.cause() == (engine.concludes() ? Cause.CONCLUDE : Cause.REROUTE)
                                && continues.sharedTokens() == engine.givenTokens(),
                        "sequence " + sequence.start().sequence() + " does not share " + engine.givenTokens()
                                + " tokens: " + continues);
            }
            EndReason reason = sequence.ends().get(0).reason();
            if (i + 1 < served.size()) {
                Asked next = engines.get(i + 1);
                check(
                        reason == (next.concludes() ? EndReason.CONCLUDED : EndReason.REROUTED),
                        "sequence " + i + " of it ended as " + reason);
                int tokens = next.givenTokens() - engine.givenTokens();
                check(
                        next.given().isEmpty()
                                ? sequence.tokens() <= Happened.tokens(engine.said())
                                : sequence.tokens() == tokens,
                        "not " + tokens + " tokens before it went on: " + sequence);
            } else {
                lastSequence(sequence, engine, reason, engines.size() > served.size());
            }
        }
    }

    /**
     * The last one that has tokens.
     *
     * @param mayGoOn whether another engine went on and said nothing
     */
    private void lastSequence(Sequence sequence, Asked engine, EndReason reason, boolean mayGoOn) {
        boolean moved = reason == EndReason.REROUTED || reason == EndReason.CONCLUDED;
        boolean wentOn = moved && (mayGoOn || lost() != null);
        check(wentOn || mayEnd(reason), "the last sequence ended as " + reason + ": " + sequence);
        int said = Happened.tokens(engine.said());
        boolean all = !wentOn && !happened.left() && !isAborted() && lost() == null && engine.ending() != Ending.RESET;
        check(
                all ? sequence.tokens() == said : sequence.tokens() <= said,
                "not all of " + said + " tokens: " + sequence);
    }

    /** "If the other one cannot, it ends with ERROR and no token"; if the answer ends meanwhile, as that does. */
    private static boolean hasFailed(Sequence sequence) {
        return sequence.start().continues() != null
                && sequence.tokens() == 0
                && sequence.ends().get(0).reason() != EndReason.END_OF_SEQUENCE
                && sequence.ends().get(0).reason() != EndReason.LENGTH
                && sequence.ends().get(0).reason() != EndReason.CONCLUDED
                && sequence.ends().get(0).reason() != EndReason.REROUTED;
    }

    private boolean mayEnd(EndReason reason) {
        Asked last = serving();
        EndReason natural = last.finish().equals("length") ? EndReason.LENGTH : EndReason.END_OF_SEQUENCE;
        Set<EndReason> allowed = EnumSet.noneOf(EndReason.class);
        if (isAborted()) {
            allowed.add(EndReason.ABORTED);
        }
        if (happened.left()) {
            allowed.add(EndReason.CANCELLED);
        }
        if (last.finished() && lost() == null) {
            allowed.add(natural);
        }
        if (!last.finished() || lost() != null || happened.left()) {
            allowed.add(EndReason.ERROR);
        }
        return allowed.contains(reason);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\n", "\\n") + '"';
    }
}
