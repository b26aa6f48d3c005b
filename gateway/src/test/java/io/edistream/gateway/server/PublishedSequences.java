package io.edistream.gateway.server;

import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Takes what a gateway publishes to whoever it concerns: sequences by the names of their requests, outcomes by the first half of their commands' ids. */
final class PublishedSequences implements EntropyPublisher, OutcomePublisher {

    private final Map<String, Reader> byRequest = new ConcurrentHashMap<>();
    private final Map<Long, Reader> byCommand = new ConcurrentHashMap<>();
    private final Map<Long, Reader> bySequence = new ConcurrentHashMap<>();

    /** Hears of the sequences of one request, and of the commands to them. */
    interface Reader {

        void started(SequenceStarted start);

        void tokens(TokenRun run);

        void ended(SequenceEnded end);

        void settled(ControlOutcome outcome);
    }

    void register(String request, long commands, Reader reader) {
        byRequest.put(request, reader);
        byCommand.put(commands, reader);
    }

    void forget(String request, long commands) {
        Reader reader = byRequest.remove(request);
        byCommand.remove(commands);
        bySequence.values().removeIf(one -> one == reader);
    }

    @Override
    public void publish(StepEvents events) {
        for (SequenceStarted start : events.starts()) {
            Reader reader = byRequest.get(String.valueOf(start.request()));
            if (reader != null) {
                bySequence.put(start.sequence(), reader);
                reader.started(start);
            }
        }
        for (TokenRun run : events.runs()) {
            Reader reader = bySequence.get(run.sequence());
            if (reader != null) {
                reader.tokens(run);
            }
        }
        for (SequenceEnded end : events.ends()) {
            // What comes behind an end is heard, too.
            Reader reader = bySequence.get(end.sequence());
            if (reader != null) {
                reader.ended(end);
            }
        }
    }

    @Override
    public void publish(ControlOutcome outcome) {
        UUID id = outcome.received().command().id();
        Reader reader = byCommand.get(id.getMostSignificantBits());
        if (reader != null) {
            reader.settled(outcome);
        }
    }

    @Override
    public void close() {
        // Nothing to free.
    }
}
