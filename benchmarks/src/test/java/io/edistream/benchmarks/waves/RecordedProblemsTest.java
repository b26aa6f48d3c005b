package io.edistream.benchmarks.waves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.benchmarks.waves.Problem.Sample;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedProblemsTest {

    @TempDir
    private Path folder;

    private void write(String... lines) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(RecordedProblems.FILE)))) {
            out.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void problemsWithEnoughSamplesAreReadInTheirOrder() throws IOException {
        write(
                "{\"prompt_id\":\"b\",\"label\":true,\"answer_class\":0,\"entropies\":[1,2,3],\"more\":1}",
                "{\"prompt_id\":\"a\",\"label\":true,\"answer_class\":0,\"entropies\":[1]}",
                "{\"prompt_id\":\"b\",\"label\":false,\"answer_class\":null,\"entropies\":[1]}",
                "{\"prompt_id\":\"b\",\"label\":false,\"answer_class\":1,\"entropies\":[1]}");

        assertThat(RecordedProblems.read(folder, 2))
                .containsExactly(new Problem(List.of(new Sample(0, true, 3), new Sample(-1, false, 1))));
        assertThat(RecordedProblems.read(folder, 1)).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordedProblems.read(folder, 4))
                .withMessageContaining("must have a problem with 4 samples");
    }

    @Test
    void whatIsOfNoUseIsNamed() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordedProblems.read(folder, 1))
                .withMessageContaining("must be a folder with a file smollm2_fewshot_t08.jsonl.gz");
        write(
                "{\"prompt_id\":\"a\",\"label\":true,\"answer_class\":0,\"entropies\":[1]}",
                "{\"prompt_id\":\"a\",\"label\":null,\"answer_class\":0,\"entropies\":[1]}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordedProblems.read(folder, 1))
                .withMessageContaining("line 2: must have a prompt_id, a label and entropies");
    }
}
