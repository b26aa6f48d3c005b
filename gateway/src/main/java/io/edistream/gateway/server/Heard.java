package io.edistream.gateway.server;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.TokenListener;

/** What an engine's thread tells of an answer. */
sealed interface Heard {

    /**
     * A choice has more tokens.
     *
     * @param news which
     */
    record News(TokenListener.News news) implements Heard {}

    /**
     * A choice has ended, and nothing continues it.
     *
     * @param choice number of its first sequence
     * @param reason why
     * @param promptTokens tokens of its prompt
     */
    record End(long choice, EndReason reason, int promptTokens) implements Heard {

        /** The end of one whose last sequence was reported. */
        static End of(GenerationHandle choice, EndReason reason) {
            // What came later has answers in its prompt.
            GeneratedSequence first = choice.served().get(0);
            return new End(choice.counter(), reason, first.promptTokens().size());
        }
    }
}
