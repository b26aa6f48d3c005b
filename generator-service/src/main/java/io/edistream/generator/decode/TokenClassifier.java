package io.edistream.generator.decode;

import java.util.List;

/** Sorts tokens into classes, from the generated tokens before them. Thread-safe; a cursor is not. */
public interface TokenClassifier {

    /** Names of the classes 0, 1, ...; class 0 is any other token. May be empty: all tokens are of class 0 then. */
    List<String> names();

    /** Begins to read a sequence's generated tokens. */
    Cursor start();

    /** Reads the generated tokens of one sequence in order. */
    @FunctionalInterface
    interface Cursor {

        /** Class of the next token. */
        int next(int token);
    }

    /** No classes. */
    static TokenClassifier none() {
        return new TokenClassifier() {
            @Override
            public List<String> names() {
                return List.of();
            }

            @Override
            public Cursor start() {
                return token -> 0;
            }
        };
    }
}
