package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is too large, or breaks, for a test of the whole command. */
class ScorerTest {

    private static final String LINE = "{\"id\": 1, \"entropies\": [1]}";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Catalogue catalogue = new Catalogue(Scoring.DEFAULT);
    private final Scorer scorer = new Scorer(
            catalogue,
            new LineParser(false),
            new JsonOutput(catalogue.names(), new PrintWriter(out)),
            Optional.empty(),
            new PrintWriter(err, true),
            LINE.length());

    @Test
    void aLineThatIsTooLongCostsItselfAlone() {
        scorer.score(bytes(LINE + "\n" + LINE + " \n" + LINE), "input", false);
        assertThat(err).hasToString("line 2: too long: must have at most 27 bytes\n");
        assertThat(out.toString()).hasLineCount(2);
        assertThat(scorer.allGood()).isFalse();
    }

    @Test
    void anInputThatBreaksIsNamedAndTheNextIsScored() {
        InputStream breaking = new FilterInputStream(bytes(LINE + "\n" + LINE)) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int read = super.read(into, offset, length);
                if (read < 0) {
                    throw new IOException("the disk is gone");
                }
                return read;
            }
        };
        scorer.score(breaking, "input", true);
        scorer.score(bytes(LINE), "other", true);
        assertThat(err)
                .hasToString("input: cannot be read behind line 1: the disk is gone; what could be read was scored\n");
        assertThat(out.toString()).hasLineCount(2);
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
