package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceSignalsTest {

    private static final int TOKENS = 10_000;

    /** A few bytes for each would be garbage by the gigabyte in a job. Those allowed here are the loop's own. */
    @Test
    void takesTokensInWithoutNewMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Token> tokens = Sequences.withHoles(3, TOKENS, 0.1);
        SequenceSignals signals = new Catalogue(Scoring.DEFAULT.withTrackedClass("result")).start(1);
        for (Token token : tokens) {
            signals.add(token, SpikeListener.NONE);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TOKENS; i++) {
            signals.add(tokens.get(i), SpikeListener.NONE);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(TOKENS / 10);
        assertThat(signals.tokens()).isEqualTo(2 * TOKENS);
    }
}
