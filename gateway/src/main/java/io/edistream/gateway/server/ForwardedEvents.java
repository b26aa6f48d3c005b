package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.watch.Ended;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.Set;

/** A stream for a client that asked for one. */
final class ForwardedEvents implements OnwardDelivery {

    private final Exchange exchange;
    private final LastChunk lastChunk;
    private Buffer out = Buffer.buffer();

    ForwardedEvents(Exchange exchange, LastChunk lastChunk) {
        this.exchange = exchange;
        this.lastChunk = lastChunk;
    }

    @Override
    public void begin(HttpClientResponse from) {
        exchange.client().beginStream(from);
    }

    @Override
    public void event(byte[] event, Set<Integer> hidden) {
        lastChunk.learn(event);
        out.appendBytes(hidden.isEmpty() ? event : LastChunk.without(event, hidden));
    }

    @Override
    public ObjectNode shared() {
        return lastChunk.shared();
    }

    /** What all events have in common is in this one, which the client may never get. */
    void learn(byte[] event) {
        lastChunk.learn(event);
    }

    @Override
    public boolean isWithClient() {
        return true;
    }

    @Override
    public boolean beginsAnew() {
        // A role at most was delivered, which is the same everywhere.
        return !lastChunk.isLearned();
    }

    @Override
    public void failed(UpstreamError error) {
        // It is an event like others.
    }

    @Override
    public void ended(int choice, Ended how, boolean last) {
        out.appendBytes(lastChunk.of(choice, how));
        if (last) {
            out.appendBytes(LastChunk.DONE);
        }
    }

    @Override
    public void flush() {
        if (out.length() > 0 && !exchange.isOver()) {
            Buffer part = out;
            out = Buffer.buffer();
            exchange.write(part);
        }
    }

    @Override
    public void complete() {
        flush();
        exchange.complete();
    }

    @Override
    public void brokenOff() {
        flush();
        exchange.brokenOff();
    }
}
