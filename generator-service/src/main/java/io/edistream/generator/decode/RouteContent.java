package io.edistream.generator.decode;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.hub.SequenceContent;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Text, answer and label of one sequence, by what its route and its caller brought. A fault in those costs one value of one
 * result; it neither stops decoding nor others.
 */
final class RouteContent implements SequenceContent {

    private static final Logger LOG = LoggerFactory.getLogger(RouteContent.class);

    private final long counter;
    private final Route route;
    private final AnswerCheck check;
    private final RunText runText;

    RouteContent(long counter, Route route, AnswerCheck check) {
        this.counter = counter;
        this.route = route;
        this.check = check;
        this.runText = new RunText(route.tokenizer());
    }

    @Override
    public String newText(List<DecodedToken> tokens) {
        return orElse("", "text", () -> runText.next(withText(tokens)));
    }

    @Override
    public Ending ending(List<DecodedToken> tokens, EndReason reason) {
        List<Integer> ids = ids(tokens);
        Optional<String> answer =
                orElse(Optional.empty(), "answer", () -> route.answers().answer(ids));
        return new Ending(
                orElse("", "text", () -> route.tokenizer().decode(ids(withText(tokens)))),
                orElse(false, "phase", () -> route.answers().isThinking(ids)),
                answer.orElse(null),
                isRight(answer, reason).orElse(null));
    }

    /** A stopped sequence has had no chance to answer, so its answer is not judged. */
    private Optional<Boolean> isRight(Optional<String> answer, EndReason reason) {
        return reason.isNatural() ? orElse(Optional.empty(), "label", () -> check.isRight(answer)) : Optional.empty();
    }

    /** All but the token that ends the sequence. */
    private List<DecodedToken> withText(List<DecodedToken> tokens) {
        int last = tokens.size() - 1;
        boolean ends =
                last >= 0 && tokens.get(last).id() == route.model().info().endOfSequence();
        return ends ? tokens.subList(0, last) : tokens;
    }

    private static List<Integer> ids(List<DecodedToken> tokens) {
        return tokens.stream().map(DecodedToken::id).toList();
    }

    private <T> T orElse(T missing, String what, Supplier<T> supplier) {
        try {
            return supplier.get();
        } catch (RuntimeException e) {
            LOG.warn("The {} of sequence {} could not be made; its result goes without", what, counter, e);
            return missing;
        }
    }
}
