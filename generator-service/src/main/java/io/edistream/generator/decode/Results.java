package io.edistream.generator.decode;

import io.edistream.generator.sequence.DecodedToken;
import io.edistream.generator.sequence.EndReason;
import io.edistream.generator.sequence.GeneratedSequence;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the result of a sequence that has ended: text, answer, label. */
final class Results {

    private static final Logger LOG = LoggerFactory.getLogger(Results.class);

    private Results() {}

    static GeneratedSequence of(LiveSequence sequence, EndReason reason) {
        Route route = sequence.route();
        List<Integer> ids = ids(sequence.tokens());
        Optional<String> answer = orElse(
                Optional.empty(), "answer", sequence, () -> route.answers().answer(ids));
        LiveSequence.Origin origin = sequence.origin();
        return new GeneratedSequence(
                sequence.counter(),
                sequence.group().id(),
                route.name(),
                route.model().info().name(),
                sequence.request().name(),
                sequence.sampling(),
                origin == null ? null : origin.parent(),
                origin == null ? null : origin.forkToken(),
                sequence.prompt(),
                sequence.tokens(),
                reason,
                orElse(false, "phase", sequence, () -> route.answers().isThinking(ids)),
                orElse("", "text", sequence, () -> route.tokenizer().decode(ids(sequence.textTokens()))),
                answer.orElse(null),
                answer.map(sequence.group()::answerClass).orElse(null),
                isRight(sequence, answer).orElse(null));
    }

    private static List<Integer> ids(List<DecodedToken> tokens) {
        return tokens.stream().map(DecodedToken::id).toList();
    }

    /** The text that the last tokens have added; empty if it cannot be made. */
    static String newText(LiveSequence sequence) {
        return orElse("", "text", sequence, () -> sequence.runText().next(sequence.textTokens()));
    }

    /** A stopped sequence has had no chance to answer, so its answer is not judged. */
    private static Optional<Boolean> isRight(LiveSequence sequence, Optional<String> answer) {
        EndReason reason = sequence.endReason();
        if (reason == null || !reason.isNatural()) {
            return Optional.empty();
        }
        return orElse(Optional.empty(), "label", sequence, () -> sequence.request()
                .check()
                .isRight(answer));
    }

    /** A fault in what a caller or a route brought costs one value of one result; it neither stops decoding nor others. */
    private static <T> T orElse(T missing, String what, LiveSequence sequence, Supplier<T> supplier) {
        try {
            return supplier.get();
        } catch (RuntimeException e) {
            LOG.warn("The {} of sequence {} could not be made; its result goes without", what, sequence.counter(), e);
            return missing;
        }
    }
}
