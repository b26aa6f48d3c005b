package io.edistream.gateway.reading;

import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Phase;
import io.edistream.sequences.UnmeasuredReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one choice so far. Their index comes from what the engine counts: the ids that it sends, or the number of
 * tokens that it says it has decoded. Where neither is to be had, a text without ids and lists counts as one token.
 */
final class ChoiceTokens {

    /** Tokens that may be missing in one place. More are no hole but a number that cannot be believed. */
    static final int MAX_HOLE = 4096;

    private final int index;
    private final Endpoint endpoint;
    private final @Nullable ThinkingTags tags;
    private int position;
    private Phase phase = Phase.UNKNOWN;
    private boolean idsSeen;
    private boolean countSeen;
    private boolean roleSeen;
    private boolean finished;

    /** Whether the engine forces the end of its reasoning. */
    private boolean forcesEnd;

    /**
     * @param endpoint which one its client asked
     * @param before its text before what is read here
     */
    ChoiceTokens(int index, ReadingOptions options, Endpoint endpoint, String before) {
        this.index = index;
        this.endpoint = endpoint;
        tags = options.thinking() == null ? null : new ThinkingTags(options.thinking());
        if (!before.isEmpty()) {
            phase = ofText(before);
        }
        countSeen = options.additions().timings();
    }

    int position() {
        return position;
    }

    Phase phase() {
        return phase;
    }

    void forcesEndOfReasoning(boolean forces) {
        forcesEnd = forces;
    }

    boolean isFinished() {
        return finished;
    }

    /** Notes a role; says whether it is the first. */
    boolean takeRole() {
        boolean first = !roleSeen;
        roleSeen = true;
        return first;
    }

    /** @param counted tokens so far by the engine's own count; -1 if it does not say */
    ChoicePassage take(Chunk.Choice part, int counted, TokenMeter meter) {
        Phase now = phase(part);
        idsSeen |= part.ids != null && part.ids.length > 0;
        countSeen |= counted >= 0;
        List<DecodedToken> tokens = tokens(part, count(part, counted), now, meter);
        int first = position;
        position += tokens.size();
        forcesEnd &= now == Phase.THINKING;
        phase = now;
        finished = part.finish != null;
        return new ChoicePassage(index, first, tokens, part.text, part.reasoning, now, part.finish);
    }

    private int count(Chunk.Choice part, int counted) {
        int shown = Math.max(part.entries, part.ids == null ? 0 : part.ids.length);
        if (counted >= 0) {
            int ahead = counted - position;
            return ahead > shown && ahead - shown <= MAX_HOLE ? ahead : shown;
        }
        // An engine that counts sends the parts of one token apart, and says so with the last of them.
        return shown == 0 && part.hasText() && !idsSeen && !countSeen ? 1 : shown;
    }

    private List<DecodedToken> tokens(Chunk.Choice part, int count, Phase now, TokenMeter meter) {
        int ids = part.ids == null ? 0 : part.ids.length;
        boolean aligned = ids == 0 || part.entries == 0 || ids == part.entries;
        int shown = Math.max(Math.max(ids, part.entries), part.hasText() && count > 0 ? 1 : 0);
        int hidden = count - shown;
        List<DecodedToken> tokens = new ArrayList<>(count);
        if (hidden > 0) {
            tokens.addAll(Collections.nCopies(hidden, notShown(now)));
        }
        long list = part.entries > 1 ? meter.signature(part.firstEntry) : 0;
        for (int fromEnd = Math.min(shown, count); fromEnd > 0; fromEnd--) {
            int id = part.ids != null && ids >= fromEnd ? part.ids[ids - fromEnd] : -1;
            int entry = part.firstEntry + part.entries - fromEnd;
            if (!aligned) {
                tokens.add(DecodedToken.unmeasured(id, UnmeasuredReason.LOST, now));
            } else if (entry < part.firstEntry) {
                tokens.add(DecodedToken.unmeasured(id, meter.withoutEntry(), now));
            } else {
                boolean repeated = list != 0 && entry > part.firstEntry && meter.signature(entry) == list;
                tokens.add(meter.measure(entry, id, repeated, now));
            }
        }
        return tokens;
    }

    private DecodedToken notShown(Phase now) {
        boolean forced = forcesEnd && phase == Phase.THINKING && now != Phase.THINKING;
        return forced
                ? DecodedToken.unmeasured(-1, UnmeasuredReason.FORCED, Phase.OTHER)
                : DecodedToken.unmeasured(-1, UnmeasuredReason.HIDDEN, phase);
    }

    /** What the tokens of an event are part of. */
    private Phase phase(Chunk.Choice part) {
        Phase content = part.text.isEmpty() ? Phase.UNKNOWN : ofText(part.text);
        int kinds = (part.reasoning.isEmpty() ? 0 : 1) + (part.text.isEmpty() ? 0 : 1) + (part.callsTool ? 1 : 0);
        if (kinds > 1 && part.entries > 1) {
            // Which of them is which the event does not say.
            return Phase.UNKNOWN;
        }
        if (part.callsTool) {
            return Phase.TOOL_CALL;
        }
        if (!part.text.isEmpty()) {
            return content;
        }
        return part.reasoning.isEmpty() ? phase : Phase.THINKING;
    }

    private Phase ofText(String text) {
        if (tags != null) {
            return tags.read(text);
        }
        return endpoint == Endpoint.CHAT ? Phase.ANSWERING : Phase.UNKNOWN;
    }
}
