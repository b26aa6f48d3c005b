package io.edistream.sequences.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.SequenceNames;
import org.junit.jupiter.api.Test;

class NamesOfEndedTest {

    @Test
    void theOldestAreForgottenFirst() {
        NamesOfEnded names = new NamesOfEnded();
        for (long counter = 0; counter <= NamesOfEnded.CAPACITY; counter++) {
            names.add(counter, new SequenceNames("m", "r", "request " + counter, null));
        }
        assertThat(names.of(0)).isEqualTo(SequenceNames.UNKNOWN);
        assertThat(names.of(1).request()).isEqualTo("request 1");
        assertThat(names.of(NamesOfEnded.CAPACITY).request()).isEqualTo("request 4096");
    }
}
