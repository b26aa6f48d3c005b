package io.edistream.generator.sequence;

/**
 * Why an intervention is not possible.
 *
 * @param kind whether it never is, or not now
 * @param sentence for people
 */
public record Objection(Kind kind, String sentence) {

    /** Whether asking again could help. */
    public enum Kind {
        /** This source of tokens cannot do that, or it makes no sense. */
        UNSUPPORTED,
        /** A limit forbids it at present. */
        REFUSED
    }

    /** Never possible. */
    public static Objection unsupported(String sentence) {
        return new Objection(Kind.UNSUPPORTED, sentence);
    }

    /** Not possible now. */
    public static Objection refused(String sentence) {
        return new Objection(Kind.REFUSED, sentence);
    }
}
