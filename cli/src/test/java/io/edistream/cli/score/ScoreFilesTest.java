package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as they come: several, packed, cut off, in the wrong encoding, empty. */
class ScoreFilesTest {
    private static final String EXAMPLE = "{\"id\": \"example\", \"entropies\": [0, 2, 0, 0, 3, 0, 0, 0, 0, 2]}";

    @TempDir
    private Path folder;

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n", "\ufeff", "\ufeff\n", "  \n\t\n"})
    void emptyInputHasNoScores(String input) throws IOException {
        assertThat(score(input)).isZero();
        assertThat(run.toString()).isEmpty();
    }

    @Test
    void linesMayEndAsOnWindowsAndTheLastOneNotAtAll() throws IOException {
        assertThat(score(EXAMPLE + "\r\n\r\n" + EXAMPLE + "\r\n" + EXAMPLE))
                .as(run.toString())
                .isZero();
        assertThat(run.out()).hasLineCount(3);
    }

    @Test
    void severalFilesAreReadInTheirOrderAndNamedWithTheirLines() throws IOException {
        Path first = Files.writeString(folder.resolve("first.jsonl"), "{\"id\": 1, \"entropies\": [1]}\nx\n");
        Path packed = packed("second.gz", "\n{\"id\": 2, \"entropies\": [1]}\ny\n");
        Path third = Files.writeString(folder.resolve("third"), "{\"id\": 3, \"entropies\": [1]}");
        assertThat(run.execute("score", first.toString(), packed.toString(), third.toString()))
                .isEqualTo(1);
        assertThat(run.out().lines().map(line -> line.substring(0, 8)))
                .containsExactly("{\"id\":1,", "{\"id\":2,", "{\"id\":3,");
        assertThat(run.err().lines())
                .satisfiesExactly(line -> assertThat(line).startsWith(first + ":2: not JSON"), line -> assertThat(line)
                        .startsWith(packed + ":3: not JSON"));
    }

    @Test
    void aFileThatIsNoTextIsNamedAndTheOthersAreScored() throws IOException {
        Path wide = Files.write(folder.resolve("wide"), EXAMPLE.getBytes(StandardCharsets.UTF_16));
        Path broken = Files.write(folder.resolve("broken"), new byte[] {0x1f, (byte) 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        Path good = Files.writeString(folder.resolve("good"), EXAMPLE);
        assertThat(run.execute("score", wide.toString(), broken.toString(), good.toString()))
                .isEqualTo(1);
        assertThat(run.err().lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo(wide + ": looks like UTF-16 or UTF-32: must be UTF-8"),
                        line -> assertThat(line).startsWith(broken + ": is no gzip file though it begins like one: "));
        assertThat(run.out()).hasLineCount(1);
    }

    @Test
    void ofAFileThatIsCutOffTheLinesBeforeAreScored() throws IOException {
        // Numbers that do not pack well, so that the cut falls far behind the first lines.
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            text.append("{\"id\": ")
                    .append(i)
                    .append(", \"entropies\": [")
                    .append(random.nextDouble())
                    .append("]}\n");
        }
        byte[] whole = Files.readAllBytes(packed("whole", text.toString()));
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, whole.length / 2));
        Path good = Files.writeString(folder.resolve("good"), EXAMPLE);

        assertThat(run.execute("score", cut.toString(), good.toString())).isEqualTo(1);

        List<String> scored = run.out().lines().toList();
        assertThat(scored).hasSizeBetween(100, 900);
        for (int i = 0; i < scored.size() - 1; i++) {
            assertThat(scored.get(i)).startsWith("{\"id\":" + i + ",");
        }
        assertThat(scored.get(scored.size() - 1)).startsWith("{\"id\":\"example\",");
        assertThat(run.err())
                .isEqualTo(cut + ": cannot be read behind line " + (scored.size() - 1)
                        + ": Unexpected end of ZLIB input stream; what could be read was scored\n");
    }

    private Path packed(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @Test
    void standardInputIsReadIfItIsNamedOrNothingIs() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), EXAMPLE);
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream((EXAMPLE + "\nx\n").getBytes(StandardCharsets.UTF_8)));
            assertThat(run.execute("score")).isEqualTo(1);
            assertThat(run.out()).hasLineCount(1);
            System.setIn(new ByteArrayInputStream((EXAMPLE + "\nx\n").getBytes(StandardCharsets.UTF_8)));
            assertThat(run.execute("score", file.toString(), "-")).isEqualTo(1);
            assertThat(run.out()).hasLineCount(3);
        } finally {
            System.setIn(before);
        }
        assertThat(run.err().lines())
                .satisfiesExactly(line -> assertThat(line).startsWith("line 2: not JSON"), line -> assertThat(line)
                        .startsWith("standard input:2: not JSON"));
    }

    @Test
    void aFileThatCannotBeReadIsNamedBeforeAnythingIsScored() throws IOException {
        Path good = Files.writeString(folder.resolve("good"), EXAMPLE);
        assertThat(run.execute(
                        "score", good.toString(), folder.resolve("absent").toString()))
                .isEqualTo(2);
        assertThat(run.execute("score", good.toString(), folder.toString())).isEqualTo(2);
        assertThat(run.err()).contains("no file").contains("is a directory");
        assertThat(run.out()).isEmpty();
    }

    private int score(String input, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("input.jsonl"), input);
        List<String> arguments = new ArrayList<>(List.of("score"));
        arguments.addAll(List.of(options));
        arguments.add(file.toString());
        return run.execute(arguments.toArray(String[]::new));
    }
}
