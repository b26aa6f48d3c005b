package io.edistream.generator.decode;

import io.edistream.generator.sequence.Sampling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to generate.
 *
 * @param route name of the route to decode on
 * @param prompt what to continue
 * @param sampling how to draw tokens
 * @param maxNewTokens most tokens to generate, at least 1
 * @param name the caller's own name for the request, if any
 * @param check says whether the answer is right
 */
public record GenerationRequest(
        String route, Prompt prompt, Sampling sampling, int maxNewTokens, @Nullable String name, AnswerCheck check) {

    /** The route of requests that name none. */
    public static final String DEFAULT_ROUTE = "default";

    /** Most tokens to generate if the request says nothing. */
    public static final int DEFAULT_MAX_NEW_TOKENS = 256;

    /**
     * @throws IllegalArgumentException if {@code maxNewTokens} is below 1
     */
    public GenerationRequest {
        requireMaxNewTokens(maxNewTokens);
    }

    /** A prompt as text, on the default route, at temperature 1 with seed 0. */
    public static GenerationRequest of(String text) {
        return of(new Prompt.Text(text));
    }

    /** A prompt as token ids, on the default route, at temperature 1 with seed 0. */
    public static GenerationRequest of(List<Integer> ids) {
        return of(new Prompt.Tokens(ids));
    }

    private static GenerationRequest of(Prompt prompt) {
        return new GenerationRequest(
                DEFAULT_ROUTE, prompt, Sampling.of(1, 0), DEFAULT_MAX_NEW_TOKENS, null, AnswerCheck.unknown());
    }

    /** The same on another route. */
    public GenerationRequest onRoute(String newRoute) {
        return new GenerationRequest(newRoute, prompt, sampling, maxNewTokens, name, check);
    }

    /** The same, drawn otherwise. */
    public GenerationRequest withSampling(Sampling newSampling) {
        return new GenerationRequest(route, prompt, newSampling, maxNewTokens, name, check);
    }

    /** The same with another token limit. */
    public GenerationRequest withMaxNewTokens(int newMaxNewTokens) {
        return new GenerationRequest(route, prompt, sampling, newMaxNewTokens, name, check);
    }

    /** The same with a name. */
    public GenerationRequest named(String newName) {
        return new GenerationRequest(route, prompt, sampling, maxNewTokens, newName, check);
    }

    /** The same with a check of the answer. */
    public GenerationRequest checkedBy(AnswerCheck newCheck) {
        return new GenerationRequest(route, prompt, sampling, maxNewTokens, name, newCheck);
    }

    /**
     * Checks a token limit before there is a request.
     *
     * @throws IllegalArgumentException if it is out of its bounds
     */
    public static void requireMaxNewTokens(int maxNewTokens) {
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException("maximum of new tokens must be at least 1, not " + maxNewTokens);
        }
    }
}
