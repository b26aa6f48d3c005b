package io.edistream.signals.rules;

/**
 * What a rule wants done with a sequence, and why.
 *
 * @param rule the rule that fired
 * @param decidedAtToken index of the first token at which its condition held
 * @param decodedAtMicros when that token was decoded, microseconds since 1970-01-01 UTC on the source's clock
 * @param atToken index of the newest token: the same, or a later one if the decision is repeated
 * @param armed whether it acts; if not, it only reports
 * @param reason one sentence for people: which value exceeded which limit
 */
public record Decision(
        Threshold rule, int decidedAtToken, long decodedAtMicros, int atToken, boolean armed, String reason) {}
