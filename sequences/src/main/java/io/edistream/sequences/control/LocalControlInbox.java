package io.edistream.sequences.control;

import io.edistream.sequences.MicrosClock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Commands from the same process, without Kafka. Thread-safe. */
public final class LocalControlInbox implements ControlInbox {

    private final MicrosClock clock;
    private final AtomicReference<@Nullable CommandSink> sink = new AtomicReference<>();

    public LocalControlInbox(MicrosClock clock) {
        this.clock = clock;
    }

    @Override
    public CompletableFuture<Void> start(CommandSink newSink) {
        sink.set(newSink);
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Delivers a command.
     *
     * @throws IllegalStateException if the inbox was not started or is closed
     */
    public void send(ControlCommand command) {
        CommandSink current = sink.get();
        if (current == null) {
            throw new IllegalStateException("the control inbox is not started, or closed");
        }
        current.accept(new ReceivedCommand(command, clock.micros()));
    }

    @Override
    public void close() {
        sink.set(null);
    }
}
