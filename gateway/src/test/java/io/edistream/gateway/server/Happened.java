package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.server.Interleaving.Ending;
import io.edistream.gateway.server.Interleaving.How;
import io.edistream.gateway.server.Interleaving.Order;
import io.edistream.gateway.server.SeededText.Piece;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What came of an interleaving.
 *
 * @param engines that were asked, in order
 * @param left whether the client left before its answer was over
 * @param sequences that were published, in order
 */
record Happened(
        Interleaving drawn,
        List<Asked> engines,
        List<Sent> commands,
        boolean left,
        ClientSaw client,
        List<Sequence> sequences) {

    /**
     * An engine that was asked, and what it did.
     *
     * @param upstream which one
     * @param body of the request
     * @param given text that it was given to go on from
     * @param givenPieces in what pieces that was generated; none, though there is a text, if it is nobody's
     * @param forced the last of them, if a command has put it there for this engine; otherwise empty
     * @param how it began to answer; null if it did not
     * @param said what it said of its own
     * @param ending how it ended; null if it did not
     * @param finish why, if it said so
     */
    record Asked(
            char upstream,
            JsonNode body,
            String given,
            List<Piece> givenPieces,
            String forced,
            @Nullable How how,
            List<Piece> said,
            @Nullable Ending ending,
            String finish) {

        int givenTokens() {
            return tokens(givenPieces);
        }

        /** Whether it was asked so that the answer comes to its point. */
        boolean concludes() {
            return !forced.isEmpty();
        }

        /** What its client had when it was asked. */
        List<Piece> hadPieces() {
            return concludes() ? givenPieces.subList(0, givenPieces.size() - 1) : givenPieces;
        }

        boolean goesOn() {
            return how == How.STREAM;
        }

        boolean finished() {
            return ending == Ending.FINISH || ending == Ending.FINISH_WITH_TEXT;
        }
    }

    /**
     * A command as it was sent.
     *
     * @param sequence that it names
     * @param repeats whether it is the one before once more
     * @param when what was known then
     * @param outcomes what became of it
     */
    record Sent(Order order, UUID id, long sequence, boolean repeats, When when, List<ControlOutcome> outcomes) {}

    /**
     * What was known when a command was sent. Nothing of it is certain if steps race each other.
     *
     * @param state of the sequence that it names
     * @param tried how often the answer was to go on elsewhere before
     * @param concluded how often it was to come to its point before
     * @param underWay whether it is to go on elsewhere at the moment
     * @param route whose answer it is, without the name of its lane
     * @param tokens of the answer that its client has
     * @param pieces of the engine that serves it which its client has
     * @param ending whether an engine has ended or failed: its sequence has, too, though nothing tells of it yet
     * @param over whether the engine that serves it has ended
     * @param read bytes that its client has read
     */
    record When(
            State state,
            int tried,
            int concluded,
            boolean underWay,
            String route,
            int tokens,
            int pieces,
            boolean ending,
            boolean over,
            int read) {}

    /** What is known of a sequence. */
    enum State {
        NEVER,
        WAITS,
        RUNS,
        ENDED
    }

    /**
     * A sequence as it was published.
     *
     * @param tokens in all its runs
     * @param faults what was published in a wrong order
     */
    record Sequence(SequenceStarted start, int tokens, List<SequenceEnded> ends, List<String> faults) {}

    static int tokens(List<Piece> pieces) {
        return pieces.stream().mapToInt(Piece::tokens).sum();
    }

    static String text(List<Piece> pieces) {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece.text()));
        return text.toString();
    }
}
