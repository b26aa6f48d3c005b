package io.edistream.generator.decode;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.answers.Extraction;
import io.edistream.sequences.hub.SequenceContent;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
    private final @Nullable Extraction extraction;
    private final AnswerCheck check;
    private final List<Integer> carried;
    private final GeneratedText text;

    /**
     * @param carried generated tokens at the end of its prompt, of the sequence that it continues
     */
    RouteContent(long counter, Route route, GenerationRequest request, List<Integer> carried) {
        this.counter = counter;
        this.route = route;
        this.extraction = request.extraction();
        this.check = request.check();
        this.carried = carried;
        this.text = new GeneratedText(route.tokenizer(), request.stop());
        if (!carried.isEmpty()) {
            text.goOnFrom(carried);
        }
    }

    /** Whether a stop string has come up. */
    boolean isStopped(List<DecodedToken> tokens) {
        return orElse(false, "text", () -> text.read(withText(tokens), false));
    }

    @Override
    public String newText(List<DecodedToken> tokens, boolean last) {
        return orElse("", "text", () -> {
            text.read(withText(tokens), last);
            return text.release(last);
        });
    }

    @Override
    public Ending ending(List<DecodedToken> tokens, EndReason reason) {
        // What goes on elsewhere lets go there of what it holds here.
        boolean last = reason != EndReason.REROUTED;
        List<Integer> ids = ids(tokens);
        String own = orElse("", "text", () -> {
            text.read(withText(tokens), last);
            return text.whole(last);
        });
        boolean thinking = orElse(false, "phase", () -> route.answers().isThinking(ids));
        Optional<String> answer = orElse(Optional.empty(), "answer", () -> answer(ids, thinking, text.withCarried()));
        return new Ending(
                own, thinking, answer.orElse(null), isRight(answer, reason).orElse(null));
    }

    private Optional<String> answer(List<Integer> ids, boolean thinking, String whole) {
        if (extraction == null) {
            return route.answers().answer(ids);
        }
        // What it has only thought of is not what it settled for.
        return thinking ? Optional.empty() : extraction.answer(whole);
    }

    /** A stopped sequence has had no chance to answer, so its answer is not judged. */
    private Optional<Boolean> isRight(Optional<String> answer, EndReason reason) {
        return reason.isNatural() ? orElse(Optional.empty(), "label", () -> check.isRight(answer)) : Optional.empty();
    }

    /** All but the token that ends the sequence. */
    private List<Integer> withText(List<DecodedToken> tokens) {
        int last = tokens.size() - 1;
        boolean ends = last >= 0 && route.model().info().isEnd(tokens.get(last).id());
        return ids(ends ? tokens.subList(0, last) : tokens);
    }

    /** A view, since most of the tokens are of no interest most of the time. */
    private List<Integer> ids(List<DecodedToken> tokens) {
        return new AbstractList<>() {
            @Override
            public Integer get(int index) {
                return index < carried.size()
                        ? carried.get(index)
                        : (Integer) tokens.get(index - carried.size()).id();
            }

            @Override
            public int size() {
                return carried.size() + tokens.size();
            }
        };
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
