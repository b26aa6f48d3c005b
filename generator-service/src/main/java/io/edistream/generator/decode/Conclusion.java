package io.edistream.generator.decode;

import io.edistream.sequences.Intervention.Conclude;
import io.edistream.sequences.Objection;
import io.edistream.sequences.RefusalReason;
import java.util.List;
import java.util.Optional;

/** What a sequence can be concluded with. */
final class Conclusion {

    private final LiveSequence sequence;
    private final RouteDecoder decoder;

    Conclusion(LiveSequence sequence, RouteDecoder decoder) {
        this.sequence = sequence;
        this.decoder = decoder;
    }

    /**
     * The tokens to force.
     *
     * @return empty if the route has none of its own
     * @throws IllegalArgumentException if the text has a word that the route does not know
     */
    List<Integer> ids(Conclude conclude) {
        if (!conclude.ids().isEmpty()) {
            return conclude.ids();
        }
        String text = conclude.text();
        return text == null || text.isEmpty()
                ? decoder.route().answers().conclusion()
                : decoder.route().tokenizer().encode(text);
    }

    /** Why it is not possible now, empty if it is. */
    Optional<Objection> objectionTo(Conclude conclude) {
        List<Integer> ids;
        try {
            ids = ids(conclude);
            decoder.requireKnown(ids);
        } catch (IllegalArgumentException e) {
            return Optional.of(Objection.unsupported(e.getMessage()));
        }
        if (ids.isEmpty()) {
            return Optional.of(Objection.unsupported("route " + decoder.route().name()
                    + " has nothing of its own to CONCLUDE with: the command must bring a text or ids"));
        }
        if (sequence.isForcing()) {
            return Optional.of(Objection.refused(RefusalReason.NOT_NOW, "it is being concluded already"));
        }
        if (conclude.isOwn() && !decoder.route().answers().isThinking(sequence.generated())) {
            return Optional.of(Objection.refused(RefusalReason.NOT_NOW, "it has begun to answer"));
        }
        int left = sequence.request().maxNewTokens() - sequence.tokens().size();
        return ids.size() < left
                ? Optional.empty()
                : Optional.of(Objection.refused(
                        RefusalReason.NO_ROOM,
                        "to force " + ids.size() + " tokens leaves none for an answer: it may have " + left + " more"));
    }
}
