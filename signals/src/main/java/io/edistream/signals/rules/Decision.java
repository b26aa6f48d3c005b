package io.edistream.signals.rules;

/**
 * What a rule wants done.
 *
 * @param rule the rule that fired
 * @param decidedAtToken index of the token that made it fire
 * @param act what to do
 * @param reason one sentence for people: which value exceeded which limit
 */
public record Decision(RuleHeader rule, int decidedAtToken, Act act, String reason) {

    /** What to do with a sequence. */
    public sealed interface Act permits Abort, Branch {}

    /**
     * Stop the sequence.
     *
     * @param spareLast do nothing if no other sequence of the prompt group runs or has finished by itself
     */
    public record Abort(boolean spareLast) implements Act {}

    /**
     * Fork the sequence.
     *
     * @param atToken index of the first token that the children draw themselves
     * @param width children to start
     * @param maxLeaves sequences that the prompt group may have started in all, 0 for no limit
     */
    public record Branch(int atToken, int width, int maxLeaves) implements Act {}
}
