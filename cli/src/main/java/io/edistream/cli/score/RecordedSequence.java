package io.edistream.cli.score;

import io.edistream.signals.Token;
import java.util.Optional;

/** What one line of input says of a sequence. Filled by {@link LineParser}, anew for every line. */
final class RecordedSequence {

    private final Numbers entropies = new Numbers();
    private final Numbers uppers = new Numbers();
    private final Numbers logprobs = new Numbers();
    private final Numbers confidences = new Numbers();
    private final StringBuilder kept = new StringBuilder();
    private String id = "";
    private String idText = "";
    private Optional<Boolean> correct = Optional.empty();

    void clear() {
        entropies.clear();
        uppers.clear();
        logprobs.clear();
        confidences.clear();
        kept.setLength(0);
        id = "";
        idText = "";
        correct = Optional.empty();
    }

    void identify(String written, String text) {
        id = written;
        idText = text;
    }

    void label(boolean right) {
        correct = Optional.of(right);
    }

    /**
     * @param field name and value as they were written
     */
    void keep(String field) {
        kept.append(',').append(field);
    }

    /**
     * Checks what can only be checked at the end.
     *
     * @throws IllegalArgumentException if something is missing
     */
    void requireWhole() {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("\"id\" is missing: must be a string or a number");
        }
        if (entropies.size() == 0) {
            throw new IllegalArgumentException(
                    "\"entropies\" is missing or empty: must hold at least one number or null");
        }
        requireAsMany("uppers", uppers);
        requireAsMany("logprobs", logprobs);
        requireAsMany("confidences", confidences);
    }

    private void requireAsMany(String name, Numbers numbers) {
        if (numbers.given() && numbers.size() != entropies.size()) {
            throw new IllegalArgumentException("\"" + name + "\" has " + numbers.size()
                    + " numbers: must have as many as \"entropies\", " + entropies.size());
        }
    }

    Numbers entropies() {
        return entropies;
    }

    Numbers uppers() {
        return uppers;
    }

    Numbers logprobs() {
        return logprobs;
    }

    Numbers confidences() {
        return confidences;
    }

    /** The id as it was written, quotes and escapes included; empty if it is missing. */
    String id() {
        return id;
    }

    /** The id without quotes and escapes. */
    String idText() {
        return idText;
    }

    /** The fields that are kept as they were written, each with a comma before it. */
    CharSequence kept() {
        return kept;
    }

    /** Whether the answer is right, empty if nobody said. */
    Optional<Boolean> correct() {
        return correct;
    }

    int tokens() {
        return entropies.size();
    }

    /**
     * One of the tokens.
     *
     * @throws IllegalArgumentException if its values are impossible; the message names the token
     */
    Token token(int index) {
        try {
            return new Token(
                    entropies.get(index), value(uppers, index), value(logprobs, index), value(confidences, index), 0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("token " + index + ": " + e.getMessage(), e);
        }
    }

    private static double value(Numbers numbers, int index) {
        return numbers.given() ? numbers.get(index) : Token.UNMEASURED;
    }
}
