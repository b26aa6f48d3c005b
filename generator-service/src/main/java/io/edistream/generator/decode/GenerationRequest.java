package io.edistream.generator.decode;

import io.edistream.schemas.RecordLimits;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.answers.Extraction;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What to generate.
 *
 * @param route name of the route to decode on
 * @param prompt what to continue
 * @param sampling how to draw tokens
 * @param maxNewTokens most tokens to generate, at least 1
 * @param stop texts that end the sequence when they come up, and are no part of its text: at most {@value #MAX_STOPS} of 1 to
 *     {@value #MAX_STOP_CHARACTERS} characters
 * @param alternatives how many of the most probable tokens to tell for each token, 0 to 20
 * @param name the caller's own name for the request, at most {@value #MAX_NAME_CHARACTERS} characters; null if it has none
 * @param traceContext W3C traceparent that the request belongs to; null if there is none
 * @param extraction how the answer is found in the text, of a sequence whose thinking is not open; null to find it as the route does
 * @param check says whether the answer is right
 */
public record GenerationRequest(
        String route,
        Prompt prompt,
        Sampling sampling,
        int maxNewTokens,
        List<String> stop,
        int alternatives,
        @Nullable String name,
        @Nullable String traceContext,
        @Nullable Extraction extraction,
        AnswerCheck check) {

    /** The route of requests that name none. */
    public static final String DEFAULT_ROUTE = "default";

    /** Most tokens to generate if the request says nothing. */
    public static final int DEFAULT_MAX_NEW_TOKENS = 256;

    /** Most characters of a request's name. */
    public static final int MAX_NAME_CHARACTERS = RecordLimits.MAX_NAME_CHARACTERS;

    /** Most stop strings of a request. */
    public static final int MAX_STOPS = 16;

    /** Most characters of a stop string. */
    public static final int MAX_STOP_CHARACTERS = 256;

    private static final Pattern TRACE_CONTEXT = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

    /**
     * @throws IllegalArgumentException if {@code maxNewTokens} is below 1, the name is too long, a stop string is
     *     out of its bounds, or the trace context is no traceparent
     */
    public GenerationRequest {
        requireMaxNewTokens(maxNewTokens);
        stop = List.copyOf(stop);
        requireStops(stop);
        if (alternatives < 0 || alternatives > StepRow.MAX_ALTERNATIVES) {
            throw new IllegalArgumentException(
                    "alternatives must be 0 to " + StepRow.MAX_ALTERNATIVES + ", not " + alternatives);
        }
        if (name != null && name.length() > MAX_NAME_CHARACTERS) {
            throw new IllegalArgumentException("the name of a request must have at most " + MAX_NAME_CHARACTERS
                    + " characters, not " + name.length() + ": it begins with \"" + name.substring(0, 32) + "\"");
        }
        if (traceContext != null && !TRACE_CONTEXT.matcher(traceContext).matches()) {
            throw new IllegalArgumentException(
                    "the trace context of a request must be a W3C traceparent: 2, 32, 16 and 2"
                            + " hexadecimal digits in lower case, with dashes between them");
        }
    }

    /** A prompt as text, on the default route, at temperature 1 with seed 0. */
    public static GenerationRequest of(String text) {
        return of(new Prompt.Text(text));
    }

    /** A prompt as token ids, on the default route, at temperature 1 with seed 0. */
    public static GenerationRequest of(List<Integer> ids) {
        return of(new Prompt.Tokens(ids));
    }

    /** A prompt, on the default route, at temperature 1 with seed 0. */
    public static GenerationRequest of(Prompt prompt) {
        return new GenerationRequest(
                DEFAULT_ROUTE,
                prompt,
                Sampling.of(1, 0),
                DEFAULT_MAX_NEW_TOKENS,
                List.of(),
                0,
                null,
                null,
                null,
                AnswerCheck.unknown());
    }

    /** The same on another route. */
    public GenerationRequest onRoute(String newRoute) {
        return new GenerationRequest(
                newRoute, prompt, sampling, maxNewTokens, stop, alternatives, name, traceContext, extraction, check);
    }

    /** The same, drawn otherwise. */
    public GenerationRequest withSampling(Sampling newSampling) {
        return new GenerationRequest(
                route, prompt, newSampling, maxNewTokens, stop, alternatives, name, traceContext, extraction, check);
    }

    /** The same with another token limit. */
    public GenerationRequest withMaxNewTokens(int newMaxNewTokens) {
        return new GenerationRequest(
                route, prompt, sampling, newMaxNewTokens, stop, alternatives, name, traceContext, extraction, check);
    }

    /** The same with texts that end it. */
    public GenerationRequest stoppedBy(List<String> newStop) {
        return new GenerationRequest(
                route, prompt, sampling, maxNewTokens, newStop, alternatives, name, traceContext, extraction, check);
    }

    /** The same with so many of the most probable tokens told for each. */
    public GenerationRequest withAlternatives(int newAlternatives) {
        return new GenerationRequest(
                route, prompt, sampling, maxNewTokens, stop, newAlternatives, name, traceContext, extraction, check);
    }

    /** The same with a name. */
    public GenerationRequest named(String newName) {
        return new GenerationRequest(
                route, prompt, sampling, maxNewTokens, stop, alternatives, newName, traceContext, extraction, check);
    }

    /** The same as part of a trace. */
    public GenerationRequest inTrace(String newTraceContext) {
        return new GenerationRequest(
                route, prompt, sampling, maxNewTokens, stop, alternatives, name, newTraceContext, extraction, check);
    }

    /** The same with its answer found in its text, whatever the route does. */
    public GenerationRequest extractedBy(Extraction newExtraction) {
        return new GenerationRequest(
                route, prompt, sampling, maxNewTokens, stop, alternatives, name, traceContext, newExtraction, check);
    }

    /** The same with a check of the answer. */
    public GenerationRequest checkedBy(AnswerCheck newCheck) {
        return new GenerationRequest(
                route, prompt, sampling, maxNewTokens, stop, alternatives, name, traceContext, extraction, newCheck);
    }

    private static void requireStops(List<String> stop) {
        if (stop.size() > MAX_STOPS) {
            throw new IllegalArgumentException(
                    "at most " + MAX_STOPS + " stop strings are possible, not " + stop.size());
        }
        for (String text : stop) {
            if (text.isEmpty() || text.length() > MAX_STOP_CHARACTERS) {
                throw new IllegalArgumentException(
                        "a stop string must have 1 to " + MAX_STOP_CHARACTERS + " characters, not " + text.length());
            }
        }
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
