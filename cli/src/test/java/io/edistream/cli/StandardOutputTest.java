package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StandardOutputTest {

    @Test
    void nobodyWritesForNothing() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        PrintWriter writer = new PrintWriter(new StandardOutput(full), false, StandardCharsets.UTF_8);
        assertThatThrownBy(() -> {
                    writer.println("a line");
                    writer.flush();
                })
                .isInstanceOfSatisfying(
                        UserError.class, error -> assertThat(error.exitCode()).isEqualTo(1))
                .hasMessage("standard output takes no more: No space left on device");
    }

    @Test
    void whoHasEnoughIsToldApartFromAFullDisk() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        PrintWriter writer = new PrintWriter(new StandardOutput(closed), true, StandardCharsets.UTF_8);
        assertThatThrownBy(() -> writer.println("a line"))
                .isInstanceOfSatisfying(UserError.class, error -> assertThat(error.isEndOfOutput())
                        .isTrue());
    }

    @Test
    void passesOnWhatItIsGiven() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintWriter writer = new PrintWriter(new StandardOutput(bytes), false, StandardCharsets.UTF_8);
        writer.print("a line");
        writer.flush();
        assertThat(bytes).hasToString("a line");
    }
}
