package io.edistream.generator.decode;

import java.util.Optional;

/** Says whether an answer is right. Called on the thread that decodes: keep it short. */
@FunctionalInterface
public interface AnswerCheck {

    /**
     * Whether the answer is right, empty if nobody knows.
     *
     * @param answer the extracted answer, empty if there is none
     */
    Optional<Boolean> isRight(Optional<String> answer);

    /** Nobody knows. */
    static AnswerCheck unknown() {
        return answer -> Optional.empty();
    }

    /** Right if equal to this; no answer is wrong. */
    static AnswerCheck expecting(String right) {
        return answer -> Optional.of(answer.filter(right::equals).isPresent());
    }
}
