package io.edistream.gateway.reading;

import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.Phase;
import java.io.IOException;
import java.util.List;

/**
 * Reads one streamed answer of an engine, event by event. Nothing that an engine sends makes it throw, or lets it hold more
 * than one event and a bounded number of choices. Used by one thread.
 */
public final class StreamReader {

    private static final String DONE = "[DONE]";

    private final Answer answer;
    private final ChunkCutter cutter;
    private int unread;

    /** @param options what is known of the answer before it comes */
    public StreamReader(ReadingOptions options) {
        this(options, options.endpoint(), "");
    }

    /**
     * One of an answer that was begun elsewhere.
     *
     * @param options what is known of its rest
     * @param endpoint which one its client asked
     * @param before its text so far
     */
    public StreamReader(ReadingOptions options, Endpoint endpoint, String before) {
        answer = new Answer(options, endpoint, before);
        cutter = new ChunkCutter(options);
    }

    /**
     * Reads the next piece of the stream. What cannot be read passes as it is, but for the beginning of an event that the end
     * of the stream has cut: no client would read it, and what follows it would be taken for the rest of it.
     */
    public Passage read(ServerSentEvent event) {
        if (event.isOversized()) {
            unread++;
            return Passage.unchanged(event.bytes());
        }
        if (!event.hasData()) {
            return Passage.unchanged(event.bytes());
        }
        byte[] data = event.data();
        int from = event.from();
        int to = event.to();
        while (from < to && isBlank(data[from])) {
            from++;
        }
        while (from < to && isBlank(data[to - 1])) {
            to--;
        }
        if (from == to) {
            return Passage.unchanged(event.bytes());
        }
        if (isDone(data, from, to)) {
            return new Passage(event.bytes(), List.of(), null, null, null, true);
        }
        Chunk chunk;
        try {
            chunk = answer.parse(data, from, to);
        } catch (IOException e) {
            unread++;
            return new Passage(event.isTerminated() ? event.bytes() : null, List.of(), null, null, null, false);
        }
        List<ChoicePassage> choices = answer.take(chunk, false);
        return new Passage(cutter.cut(event, chunk), choices, chunk.told(), chunk.error, chunk.promptIds, false);
    }

    /** What the engine calls the answer; empty if it has not said. */
    public String id() {
        return answer.id();
    }

    /** What a choice is at. */
    public Phase phase(int choice) {
        return answer.phase(choice);
    }

    /**
     * The engine forces the end of a choice's reasoning, or does not after all. What it then does not show in front of the first
     * token behind the reasoning was forced.
     */
    public void forcesEndOfReasoning(int choice, boolean forces) {
        answer.forcesEndOfReasoning(choice, forces);
    }

    /** What the end of the stream means. */
    public Ending end() {
        return answer.end();
    }

    /** Pieces with data that could not be read. */
    public int unread() {
        return unread;
    }

    private static boolean isDone(byte[] data, int from, int to) {
        if (to - from != DONE.length()) {
            return false;
        }
        for (int i = 0; i < DONE.length(); i++) {
            if (data[from + i] != DONE.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
