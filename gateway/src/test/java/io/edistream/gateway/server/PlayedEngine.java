package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.server.Happened.Asked;
import io.edistream.gateway.server.Interleaving.Ending;
import io.edistream.gateway.server.Interleaving.How;
import io.edistream.gateway.server.ScriptedEngines.Call;
import io.edistream.gateway.server.SeededText.Piece;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An engine that was asked for an answer, or for the rest of one, and what it says. Speaks on the thread that plays. */
final class PlayedEngine {

    /** Of each text that a command puts behind an answer. */
    static final int FORCED_TOKENS = 3;

    private static final String STREAM = ChatEvents.STREAM;

    private final Call call;
    private final Endpoint endpoint;
    private final char upstream;
    private final Given given;
    private final List<Piece> pieces;
    private final EngineEvents events;
    private final Random random;
    private final AtomicInteger said = new AtomicInteger();

    /** Of what it was given, what it has yet to say once more. */
    private String repeats;

    private volatile @Nullable How how;
    private volatile @Nullable Ending ending;
    private String finish = "";

    /**
     * What it was given to go on from.
     *
     * @param text empty for nothing
     * @param pieces in which that was generated; none, though there is a text, if it is nobody's
     * @param forced the last of them, if a command has put it there for this engine; otherwise empty
     */
    record Given(String text, List<Piece> pieces, String forced) {

        /**
         * Finds out what of an answer an engine was given.
         *
         * @param generated the answer, which it may be the beginning of
         * @param forced what commands may have put behind that
         */
        static Given of(List<Piece> generated, String text, List<String> forced) {
            List<Piece> pieces = beginning(generated, text);
            if (pieces != null) {
                return new Given(text, pieces, "");
            }
            for (String last : forced) {
                pieces = text.endsWith(last)
                        ? beginning(generated, text.substring(0, text.length() - last.length()))
                        : null;
                if (pieces != null) {
                    List<Piece> all = new ArrayList<>(pieces);
                    // Tokens of a prompt, and of no answer.
                    all.add(new Piece(last, 0));
                    return new Given(text, List.copyOf(all), last);
                }
            }
            return new Given(text, List.of(), "");
        }

        private static @Nullable List<Piece> beginning(List<Piece> pieces, String text) {
            for (int end = 0; end <= pieces.size(); end++) {
                if (Happened.text(pieces.subList(0, end)).equals(text)) {
                    return List.copyOf(pieces.subList(0, end));
                }
            }
            return null;
        }

        /** Tokens of it, as its engine counts them: also those that commands have put there. */
        int tokens() {
            int forcedTexts =
                    (int) pieces.stream().filter(piece -> piece.tokens() == 0).count();
            return Happened.tokens(pieces) + FORCED_TOKENS * forcedTexts;
        }
    }

    /**
     * @param upstream which one
     * @param pieces that it can say
     * @param repeats whether it says first what it was given
     * @param random of the thread that plays
     */
    PlayedEngine(
            Call call,
            Endpoint endpoint,
            char upstream,
            Given given,
            List<Piece> pieces,
            EngineEvents events,
            boolean repeats,
            Random random) {
        this.call = call;
        this.endpoint = endpoint;
        this.upstream = upstream;
        this.given = given;
        this.pieces = pieces;
        this.events = events;
        this.repeats = repeats ? given.text() : "";
        this.random = random;
    }

    /** Tokens that a request allows; as many as anybody likes if it says nothing. */
    static int most(JsonNode asked) {
        return asked.has("max_tokens") ? asked.get("max_tokens").asInt() : Integer.MAX_VALUE;
    }

    char upstream() {
        return upstream;
    }

    /** How it began to answer; null if it has not. */
    @Nullable
    How how() {
        return how;
    }

    /** Pieces that it has said. */
    List<Piece> said() {
        return pieces.subList(0, said.get());
    }

    int saidTokens() {
        return Happened.tokens(said());
    }

    /** All that its answer has, from whomever. */
    List<Piece> generated() {
        List<Piece> all = new ArrayList<>(given.pieces());
        all.addAll(said());
        return all;
    }

    boolean isClosed() {
        return call.isClosed();
    }

    boolean canSay() {
        return how == How.STREAM && ending == null && !call.isClosed();
    }

    boolean hasMore() {
        return said.get() < pieces.size();
    }

    boolean hasEnded() {
        return ending != null;
    }

    boolean failed() {
        return how != null && how != How.STREAM;
    }

    /** Whether nothing of it is open: it said its end, or its connection is closed. */
    boolean isFree() {
        boolean answered = how == How.STATUS_400 || how == How.STATUS_503 || how == How.BODY || how == How.EMPTY;
        boolean ended = ending != null && ending != Ending.CLOSED && ending != Ending.RESET;
        return answered || ended || call.isClosed();
    }

    /** Whether its upstream may count as down: it broke off before it answered. */
    boolean mayBeDown() {
        return how == How.CLOSED_BEFORE || how == null;
    }

    Asked asked() {
        return new Asked(
                upstream,
                call.asked(),
                given.text(),
                given.pieces(),
                given.forced(),
                how,
                List.copyOf(said()),
                ending,
                finish);
    }

    /** How it begins if it is told to begin so: who repeats nothing contradicts nothing. */
    How possible(How wanted) {
        return wanted == How.CONTRADICTION && repeats.isEmpty() ? How.STREAM : wanted;
    }

    void begin(How now, int some) {
        how = now;
        switch (now) {
            case STREAM -> stream(some);
            case CONTRADICTION -> send(STREAM, events.role() + events.repeated("≠" + given.text()));
            case STATUS_400 -> call.send(status(400));
            case STATUS_503 -> call.send(status(503));
            case BODY -> call.send(status(200));
            case ERROR -> send(STREAM, events.error());
            case EMPTY -> call.send((STREAM + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n").getBytes(UTF_8));
            case CLOSED_BEFORE -> call.close(false);
            case CLOSED_BEHIND_HEAD -> {
                call.send(STREAM.getBytes(UTF_8));
                call.close(false);
            }
        }
    }

    private static byte[] status(int status) {
        return ("HTTP/1.1 " + status + " So\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                .getBytes(UTF_8);
    }

    private void stream(int some) {
        StringBuilder first = new StringBuilder(events.role());
        while (!repeats.isEmpty() && random.nextInt(3) > 0) {
            int to = repeats.offsetByCodePoints(0, 1 + random.nextInt(repeats.codePointCount(0, repeats.length())));
            first.append(events.repeated(repeats.substring(0, to)));
            repeats = repeats.substring(to);
        }
        first.append(more(endpoint == Endpoint.COMPLETIONS ? Math.max(1, some) : some));
        if (first.length() == 0) {
            // It may say nothing at all: then this is how it begins.
            first.append(events.repeated(""));
        }
        send(STREAM, first.toString());
    }

    /** Its next pieces, which count as said from now on. */
    String more(int some) {
        StringBuilder next = new StringBuilder();
        for (int left = some; left > 0 && hasMore(); left--) {
            next.append(events.piece(repeats, pieces.get(said.getAndIncrement())));
            repeats = "";
        }
        return next.toString();
    }

    void end(Ending now) {
        boolean last = now == Ending.FINISH_WITH_TEXT && hasMore() && repeats.isEmpty();
        ending = now;
        switch (now) {
            case FINISH, FINISH_WITH_TEXT -> {
                String rest = repeats.isEmpty() ? "" : events.repeated(repeats);
                repeats = "";
                Piece piece = last ? pieces.get(said.getAndIncrement()) : null;
                finish = saidTokens() == most(call.asked()) ? "length" : "stop";
                send("", rest + events.finish(finish, piece));
                call.send("0\r\n\r\n".getBytes(UTF_8));
            }
            case ERROR -> {
                send("", events.error());
                call.send("0\r\n\r\n".getBytes(UTF_8));
            }
            case CLOSED -> call.close(false);
            case RESET -> call.close(true);
        }
    }

    /** Sends events in chunks that end wherever. */
    void send(String head, String sent) {
        byte[] bytes = sent.getBytes(UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head.getBytes(UTF_8));
        int from = 0;
        while (from < bytes.length) {
            int to = random.nextInt(3) == 0 ? from + 1 + random.nextInt(bytes.length - from) : bytes.length;
            out.writeBytes((Integer.toHexString(to - from) + "\r\n").getBytes(UTF_8));
            out.write(bytes, from, to - from);
            out.writeBytes("\r\n".getBytes(UTF_8));
            from = to;
            if (random.nextBoolean()) {
                call.send(out.toByteArray());
                out.reset();
            }
        }
        call.send(out.toByteArray());
    }

    /** Frees what it has. */
    void close() {
        call.close(false);
    }
}
