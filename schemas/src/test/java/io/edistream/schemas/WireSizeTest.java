package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a token costs on the wire, against some 155 bytes of the usual JSON with log-probabilities. */
class WireSizeTest {

    private static final int SEQUENCES = 32;
    private static final double MAX_BYTES_PER_TOKEN = 24;

    /** Kafka's record batch header; and lengths, deltas, attributes and header count of the one record in it. */
    private static final int KAFKA_BYTES = 61 + 9;

    @Test
    void aTokenOfADecodeStepCostsAtMost24Bytes() {
        List<TokenRun> runs = new ArrayList<>();
        for (int i = 0; i < SEQUENCES; i++) {
            Token token = new Token(0.5f + i, -0.25f, 9.75f, 1);
            runs.add(new TokenRun(100_000L + i, 200 + i, List.of(token)));
        }
        TokenEntropyBatch batch = TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(Records.GENERATOR))
                .setRecordNumber(1_000_000)
                .setDecodedAtMicros(1_767_225_600_000_000L)
                .setRuns(runs)
                .build();

        int encoded = RecordCodec.of(TokenEntropyBatch.class).encode(batch).length;

        assertThat((double) encoded / SEQUENCES).isLessThanOrEqualTo(21.5);
        assertThat((double) (encoded + Ids.GENERATOR_BYTES + KAFKA_BYTES) / SEQUENCES)
                .isLessThanOrEqualTo(MAX_BYTES_PER_TOKEN);
    }
}
