package io.edistream.gateway.request;

/**
 * What is asked of an engine in addition to what the client wrote, and cut out of its answer again.
 *
 * @param alternatives log-probabilities per token; 0 if none were added
 * @param ids ids of the tokens
 * @param timings how many tokens there are so far
 * @param usage a last event with the numbers of tokens
 * @param stream a stream, of which the answer is put together again
 * @param control that the engine can be told to end its reasoning, which adds nothing to the answer
 */
public record Additions(
        int alternatives, boolean ids, boolean timings, boolean usage, boolean stream, boolean control) {

    /** Nothing. */
    public static final Additions NONE = new Additions(0, false, false, false, false, false);

    /** Whether log-probabilities were added. */
    public boolean logprobs() {
        return alternatives > 0;
    }

    /** Whether an engine may refuse a request because of them that it would take without. */
    public boolean mayBeRefused() {
        return logprobs() || stream;
    }
}
