package io.edistream.generator.decode;

import java.util.List;

/** Text to token ids and back. Thread-safe. */
public interface Tokenizer extends AutoCloseable {

    /**
     * The ids of a text.
     *
     * @throws IllegalArgumentException if a word is not in the vocabulary; the message names it
     */
    List<Integer> encode(String text);

    /** The text of ids. */
    String decode(List<Integer> tokens);

    /**
     * The vocabulary's entry for an id.
     *
     * @throws IllegalArgumentException if there is no such id
     */
    String word(int token);

    /** Equal for tokenizers that make the same ids of every text, and different for others: the ids of one mean nothing to another. */
    default Object vocabulary() {
        return this;
    }

    /** Frees what it holds. */
    @Override
    void close();
}
