package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class OutOfMemoryTest {

    private final StringWriter err = new StringWriter();

    @Command(name = "fail")
    record Failing(Throwable failure) implements Runnable {
        @Override
        public void run() {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        }
    }

    /** As the JVM throws it, and as somebody else's failure. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void endsTheCommandWithASentence(boolean wrapped) {
        OutOfMemoryError full = new OutOfMemoryError("Cannot reserve 32768 bytes of direct buffer memory");
        assertThat(run(wrapped ? new IllegalStateException(full.getMessage(), full) : full))
                .isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        "edistream: out of memory, give it more, for instance by JAVA_TOOL_OPTIONS=-Xmx4g in front"
                                + " of the command: Cannot reserve 32768 bytes of direct buffer memory");
    }

    @Test
    void noOtherErrorKeepsTheProcessEither() {
        assertThat(run(new AssertionError("why"))).isEqualTo(1);
        assertThat(err.toString()).contains("AssertionError: why");
    }

    private int run(Throwable failure) {
        CommandLine command = Edistream.commandLine();
        command.addSubcommand(new Failing(failure));
        command.setErr(new PrintWriter(err, true));
        return Edistream.execute(command, "fail");
    }
}
