package io.edistream.sequences;

import org.jspecify.annotations.Nullable;

/**
 * Why an intervention is not possible.
 *
 * @param refusal what forbids it at present, so that asking again could help; null if this source of tokens cannot do it
 *     at all, or it makes no sense
 * @param sentence for people
 */
public record Objection(@Nullable RefusalReason refusal, String sentence) {

    /** Never possible. */
    public static Objection unsupported(String sentence) {
        return new Objection(null, sentence);
    }

    /** Not possible now. */
    public static Objection refused(RefusalReason reason, String sentence) {
        return new Objection(reason, sentence);
    }
}
