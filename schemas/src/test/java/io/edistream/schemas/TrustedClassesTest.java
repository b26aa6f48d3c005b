package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrustedClassesTest {

    private static final String READ = "read ";

    /** In a JVM of its own, since Avro reads the system property that the build sets only once. */
    @Test
    void recordsAreReadWithoutASystemProperty() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java, "-cp", System.getProperty("java.class.path"), TrustedClassesTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains(READ + "0.25");
    }

    /** Writes a record and reads it again. */
    public static void main(String[] args) throws UnreadableRecordException {
        Score score = new Score();
        score.setSequence(Ids.sequenceId(1, 2));
        score.setModel("model");
        score.setRoute("route");
        score.setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0));
        score.setCutBy(List.of());
        score.setClassSignals(List.of());
        score.setScoring(new ScoringId(new byte[8]));
        score.setFinishReason(FinishReason.UNKNOWN);
        score.setSignals(Signals.newBuilder().setEdis(0.25).build());
        RecordCodec<Score> codec = RecordCodec.of(Score.class);
        Score read = codec.decode(codec.encode(score));
        System.out.println(READ + read.getSignals().getEdis());
    }
}
