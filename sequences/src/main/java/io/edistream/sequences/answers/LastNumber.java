package io.edistream.sequences.answers;

import java.util.Optional;

/** The last number in the text. */
record LastNumber() implements Extraction {

    @Override
    public Optional<String> answer(String text) {
        return BoundedSearch.last(Numbers.NUMBER, text, Numbers::written);
    }
}
