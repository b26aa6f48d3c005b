package io.edistream.jobs.sequences;

import io.edistream.signals.monitor.SequenceMonitor;

/**
 * What is remembered of one sequence.
 *
 * <p>Mutable: the heap backend copies a state, by its serializer, when it is asked for the first time after a
 * snapshot began, so that the copy may be changed while the snapshot is written.
 */
abstract sealed class SequenceState permits SequenceState.Live, SequenceState.Finished {

    private long lastEventMillis;
    private long timerMillis;

    private SequenceState(long lastEventMillis, long timerMillis) {
        this.lastEventMillis = lastEventMillis;
        this.timerMillis = timerMillis;
    }

    /** When the last event came, milliseconds of processing time. */
    final long lastEventMillis() {
        return lastEventMillis;
    }

    /** When the sequence's only timer goes off, milliseconds of processing time. */
    final long timerMillis() {
        return timerMillis;
    }

    final void rearmed(long timerMillis) {
        this.timerMillis = timerMillis;
    }

    /** A sequence that has started and not ended. */
    static final class Live extends SequenceState {
        private final SequenceMonitor monitor;
        private final int vocabularySize;
        private final int tokenClasses;
        private long lastDecodedAtMicros;

        /**
         * @param monitor knows policy, facts of the start and signals
         * @param vocabularySize tokens of the model's vocabulary, from which the largest entropy follows
         * @param tokenClasses token classes that its tokens may name
         */
        Live(
                SequenceMonitor monitor,
                int vocabularySize,
                int tokenClasses,
                long lastDecodedAtMicros,
                long lastEventMillis,
                long timerMillis) {
            super(lastEventMillis, timerMillis);
            this.monitor = monitor;
            this.vocabularySize = vocabularySize;
            this.tokenClasses = tokenClasses;
            this.lastDecodedAtMicros = lastDecodedAtMicros;
        }

        SequenceMonitor monitor() {
            return monitor;
        }

        int vocabularySize() {
            return vocabularySize;
        }

        int tokenClasses() {
            return tokenClasses;
        }

        /** When the last token that was taken in was decoded, microseconds on the generator's clock; 0 before the first. */
        long lastDecodedAtMicros() {
            return lastDecodedAtMicros;
        }

        void decodedAt(long micros) {
            lastDecodedAtMicros = micros;
        }

        void touched(long millis) {
            super.lastEventMillis = millis;
        }
    }

    /** A sequence that has ended, remembered for a while so that what comes late is recognised. */
    static final class Finished extends SequenceState {
        Finished(long finishedMillis, long timerMillis) {
            super(finishedMillis, timerMillis);
        }
    }
}
