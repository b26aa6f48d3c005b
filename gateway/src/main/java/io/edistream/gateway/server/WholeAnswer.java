package io.edistream.gateway.server;

import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.BodyReader;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.sequences.EndReason;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;

/** An answer that comes in one piece: it is measured when it is there, and cannot be ended. Used on the gateway's event loop. */
final class WholeAnswer implements Answer {

    private final Exchange exchange;
    private final Upstream upstream;
    private final ReadingOptions reading;
    private final Choices choices;
    private final HttpClientResponse from;
    private final Buffer read = Buffer.buffer();
    private boolean dropped;

    WholeAnswer(
            Exchange exchange, Upstream upstream, ReadingOptions reading, Choices choices, HttpClientResponse from) {
        this.exchange = exchange;
        this.upstream = upstream;
        this.reading = reading;
        this.choices = choices;
        this.from = from;
    }

    void begin() {
        int limit = exchange.face().config().limits().bodyBytes();
        exchange.activity();
        from.handler(bytes -> {
            exchange.activity();
            if (!dropped) {
                read.appendBuffer(bytes);
                if (read.length() > limit) {
                    dropped = true;
                    exchange.refuse(ApiError.answerTooLarge(upstream, limit));
                }
            }
        });
        from.exceptionHandler(failure -> {
            if (!dropped) {
                exchange.brokenOff();
            }
        });
        from.endHandler(end -> {
            if (!dropped && !exchange.isOver()) {
                take(read.getBytes());
            }
        });
    }

    private void take(byte[] body) {
        BodyReader whole = new BodyReader(reading);
        byte[] forClient = body;
        try {
            Passage passage = whole.read(body);
            choices.learn(passage.usage());
            choices.open(passage);
            passage.choices().forEach(choices::take);
            choices.tellEnds(whole.end());
            forClient = passage.bytes() == null ? body : passage.bytes();
        } catch (IOException e) {
            exchange.face().meters().unread(upstream);
        }
        choices.tellUsage();
        exchange.client().beginBody(from, forClient.length);
        exchange.write(Buffer.buffer(forClient));
        exchange.complete();
    }

    @Override
    public void clientLeft() {
        choices.endAll(EndReason.CANCELLED);
    }

    @Override
    public void upstreamFailed() {
        choices.endAll(EndReason.ERROR);
    }
}
