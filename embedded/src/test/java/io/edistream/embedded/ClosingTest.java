package io.edistream.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ClosingTest {

    private final List<String> closed = new ArrayList<>();

    @Test
    void oneThatFailsKeepsNoOtherFromBeingClosed() {
        assertThatThrownBy(() -> Closing.all(Optional.empty(), () -> fail("a"), () -> closed.add("b"), () -> fail("c")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("not everything could be closed: a")
                .hasRootCauseMessage("a")
                .satisfies(failure -> assertThat(failure.getCause().getSuppressed())
                        .extracting(Throwable::getMessage)
                        .containsExactly("c"));
        assertThat(closed).containsExactly("b");
    }

    @Test
    void whatFailsIsAddedToTheReason() {
        IllegalStateException reason = new IllegalStateException("reason");
        Closing.all(Optional.of(reason), () -> fail("a"));
        assertThat(reason.getSuppressed()).extracting(Throwable::getMessage).containsExactly("a");
    }

    @Test
    void anInterruptedThreadCanWaitForWhatItCloses() {
        CountDownLatch open = new CountDownLatch(0);
        Thread.currentThread().interrupt();
        Closing.all(Optional.empty(), () -> {
            open.await();
            closed.add("a");
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(closed).containsExactly("a");
    }

    private static void fail(String message) {
        throw new IllegalArgumentException(message);
    }
}
