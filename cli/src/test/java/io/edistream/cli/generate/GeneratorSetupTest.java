package io.edistream.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GeneratorSetupTest {

    /** 2,047 blocks of 16 tokens hold 127 sequences of 256. */
    @Test
    void saysWhichLimitHoldsWhenTheCacheIsTheNarrowerOne() {
        assertThat(setup(127).cacheWarning(256)).isEmpty();
        assertThat(setup(128).cacheWarning(256))
                .hasValue("the cache holds at most 127 sequences of 256 tokens (--cache-blocks 2048, --max-new-tokens),"
                        + " prompts not counted, and --live-sequences would allow 128: the others wait");
    }

    private static GeneratorSetup setup(int liveSequences) {
        return new GeneratorSetup(
                KafkaOptions.of("localhost:1"),
                Map.of(),
                TorchOptions.defaults(),
                new DecodeOptions(liveSequences, 1, 1),
                EventOptions.numbersOnly());
    }
}
