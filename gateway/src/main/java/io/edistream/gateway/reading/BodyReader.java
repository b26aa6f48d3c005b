package io.edistream.gateway.reading;

import java.io.IOException;
import java.util.List;

/** Reads one answer that comes whole. Used by one thread, once. */
public final class BodyReader {

    private final Answer answer;
    private final ChunkCutter cutter;

    /** @param options what is known of the answer before it comes */
    public BodyReader(ReadingOptions options) {
        answer = new Answer(options, options.endpoint(), "");
        cutter = new ChunkCutter(options);
    }

    /**
     * Reads the body. Where tokens stand that the engine decoded and did not show, it does not say: {@link #end} counts them.
     *
     * @throws IOException if it is not one JSON object in UTF-8; then it is to pass as it is
     */
    public Passage read(byte[] body) throws IOException {
        Chunk chunk = answer.parse(body, 0, body.length);
        List<ChoicePassage> choices = answer.take(chunk, true);
        return new Passage(cutter.cutBody(body, chunk), choices, chunk.usage, chunk.error, null, true);
    }

    /** What the body means. */
    public Ending end() {
        return answer.end();
    }
}
