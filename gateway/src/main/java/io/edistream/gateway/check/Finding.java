package io.edistream.gateway.check;

/**
 * One thing that was found of an upstream.
 *
 * @param subject what it is about, one word
 * @param sentence what was found
 * @param wrong whether something must be changed
 */
public record Finding(String subject, String sentence, boolean wrong) {

    static Finding of(String subject, String sentence) {
        return new Finding(subject, sentence, false);
    }

    static Finding wrong(String subject, String sentence) {
        return new Finding(subject, sentence, true);
    }
}
