package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.BodyReader;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Ending;
import io.edistream.gateway.reading.EventReader;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.ServerSentEvent;
import io.edistream.gateway.reading.StreamReader;
import io.edistream.gateway.reading.Usage;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.watch.AnswerFacts;
import io.edistream.gateway.watch.ChoiceEnder;
import io.edistream.gateway.watch.Watch;
import io.edistream.gateway.watch.WatchedAnswer;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.event.EntropyKind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A watched answer on its way from an upstream to a client: read as it passes, without what was asked for in addition, and ended
 * where the hub says so. Used on the gateway's event loop, but for {@link #end}.
 */
final class Answer implements ChoiceEnder {

    /** Of an answer that only says that a request was refused. */
    private static final int MAX_REFUSAL_BYTES = 64 * 1024;

    private static final DecodedToken HIDDEN = DecodedToken.unmeasured(-1, UnmeasuredReason.HIDDEN, Phase.UNKNOWN);

    private final Exchange exchange;
    private final Asked asked;
    private final Route route;
    private final Upstream upstream;
    private final Additions additions;
    private final HttpClientResponse from;
    private final Context loop = Vertx.currentContext();
    private final ReadingOptions reading;
    private final LastChunk lastChunk;

    /** Choices that have ended, by themselves or not. */
    private final Set<Integer> over = new HashSet<>();

    /** Those of them that a command ended: the client gets no more of them. */
    private final Set<Integer> hidden = new HashSet<>();

    /** Finished choices whose last tokens the numbers at the end of the stream may still tell of. */
    private final Map<Integer, EndReason> finishes = new TreeMap<>();

    private @Nullable WatchedAnswer watched;
    private @Nullable Usage usage;
    private Buffer out = Buffer.buffer();
    private boolean streamed;
    private boolean begun;
    private boolean dropped;
    private boolean firstToken = true;
    private int decoded;

    Answer(
            Exchange exchange,
            Asked asked,
            Route route,
            Upstream upstream,
            Additions additions,
            HttpClientResponse from) {
        this.exchange = exchange;
        this.asked = asked;
        this.route = route;
        this.upstream = upstream;
        this.additions = additions;
        this.from = from;
        reading = new ReadingOptions(
                upstream.kind(),
                asked.endpoint(),
                additions,
                additions.logprobs() ? additions.alternatives() : asked.wantedAlternatives(),
                upstream.vocabulary(),
                route.thinking());
        lastChunk = new LastChunk(asked);
    }

    /** The upstream's head is there. */
    void begin() {
        int status = from.statusCode();
        if (status != 200) {
            if (additions.logprobs() && isRefusal(status)) {
                askPlainlyAfterBody();
            } else {
                exchange.passThrough(from);
            }
            return;
        }
        if (exchange.isPlain()) {
            exchange.face().refusals().remember(upstream, asked);
        }
        if (Exchange.isEventStream(from)) {
            stream();
        } else {
            whole();
        }
    }

    /** Engines disagree about the status; of these none is about who asks, or how often. */
    private static boolean isRefusal(int status) {
        return status == 400 || status == 403 || status == 405 || status == 415 || status == 422 || status == 501;
    }

    private void askPlainlyAfterBody() {
        int[] bytes = new int[1];
        from.handler(part -> {
            bytes[0] += part.length();
            if (bytes[0] > MAX_REFUSAL_BYTES) {
                retryPlainly();
            }
        });
        from.exceptionHandler(failure -> retryPlainly());
        from.endHandler(end -> retryPlainly());
    }

    private void retryPlainly() {
        if (!dropped) {
            dropped = true;
            exchange.askPlainly();
        }
    }

    private void stream() {
        streamed = true;
        watched = watch(true);
        exchange.activity();
        Stream stream = new Stream();
        from.handler(stream::read);
        from.exceptionHandler(failure -> stream.ends());
        from.endHandler(end -> stream.ends());
    }

    private WatchedAnswer watch(boolean steerable) {
        Watch watch = exchange.face().watch();
        if (watch == null) {
            throw new IllegalStateException("nothing watches");
        }
        EntropyKind kind = reading.entropyKind(asked.hasTools() || asked.hasForm());
        String model = asked.model();
        WatchedAnswer answer = watch.begin(
                new AnswerFacts(
                        model == null ? route.name() : model,
                        route.name(),
                        upstream.name(),
                        kind,
                        upstream.vocabulary(),
                        asked.sampling(),
                        Math.toIntExact(asked.choices()),
                        exchange.clientsName(),
                        exchange.traceContext(),
                        steerable),
                this);
        if (exchange.response().headWritten()) {
            // The client waited for longer than its status does.
            return answer;
        }
        exchange.response()
                .putHeader(
                        "X-Edistream-Sequences",
                        String.join(
                                ",",
                                answer.counters().stream()
                                        .map(watch::sequenceName)
                                        .toList()))
                .putHeader(
                        "X-Edistream-Kind",
                        kind.distribution().name().toLowerCase(Locale.ROOT) + "-bounded-" + reading.alternatives());
        return answer;
    }

    private WatchedAnswer watched() {
        WatchedAnswer answer = watched;
        if (answer == null) {
            throw new IllegalStateException("not watched yet");
        }
        return answer;
    }

    private static int promptTokens(Passage passage) {
        Usage told = passage.usage();
        return told == null ? -1 : told.promptTokens();
    }

    /** True if the client is to get it. */
    private boolean take(ChoicePassage choice) {
        if (hidden.contains(choice.index())) {
            return false;
        }
        if (choice.index() >= asked.choices()) {
            // More than was asked for: nobody expects them, but they are the client's.
            return true;
        }
        boolean says = !choice.tokens().isEmpty()
                || !choice.text().isEmpty()
                || !choice.reasoning().isEmpty();
        if (firstToken && says) {
            firstToken = false;
            exchange.face().meters().firstToken(upstream, System.nanoTime() - exchange.begunNanos());
        }
        if (!choice.tokens().isEmpty()) {
            exchange.face().meters().tokens(upstream, choice.tokens());
            decoded += choice.tokens().size();
            watched().append(choice.index(), choice.tokens(), choice.reasoning() + choice.text());
        }
        String finish = choice.finish();
        if (finish != null && over.add(choice.index())) {
            finishes.put(choice.index(), reason(finish));
        }
        return true;
    }

    private static EndReason reason(String finish) {
        return switch (finish) {
            case "length" -> EndReason.LENGTH;
            case "abort" -> EndReason.CANCELLED;
            case "error" -> EndReason.ERROR;
            default -> EndReason.END_OF_SEQUENCE;
        };
    }

    private void write() {
        if (out.length() == 0 || exchange.isOver()) {
            return;
        }
        Buffer part = out;
        out = Buffer.buffer();
        exchange.write(part);
    }

    private void tellUsage() {
        Usage told = usage;
        exchange.tellUsage(
                told == null ? 0 : told.promptTokens(),
                told == null ? decoded : Math.max(decoded, told.completionTokens()));
    }

    /** Whatever ended by itself did so. There are none before the answer is open. */
    private void tellFinishes() {
        finishes.forEach((choice, reason) -> watched().end(choice, reason));
    }

    /** Whatever has not ended does. */
    private void endAll(EndReason reason) {
        WatchedAnswer answer = watched;
        if (answer != null && answer.isOpen()) {
            for (int choice = 0; choice < asked.choices(); choice++) {
                answer.end(choice, reason);
            }
        }
    }

    /** On the hub's thread. Only a command ends an answer: with the hub gone it flows on. */
    @Override
    public void end(int choice, EndReason reason, @Nullable String rule, int token) {
        if (reason == EndReason.ABORTED || reason == EndReason.PRUNED) {
            long settled = System.nanoTime();
            loop.runOnContext(now -> endHere(choice, reason, rule, token, settled));
        }
    }

    private void endHere(int choice, EndReason reason, @Nullable String rule, int token, long settledNanos) {
        if (exchange.isOver() || dropped || !over.add(choice)) {
            return;
        }
        hidden.add(choice);
        boolean last = over.size() >= asked.choices();
        if (last) {
            dropped = true;
            exchange.dropUpstream();
            Meters meters = exchange.face().meters();
            meters.closedAfter(upstream, Duration.ofNanos(System.nanoTime() - settledNanos));
            meters.closed(upstream, "aborted");
        }
        out.appendBytes(lastChunk.of(choice, reason, route.tellEnds() ? rule : null, route.tellEnds(), token));
        if (!last) {
            write();
            return;
        }
        tellFinishes();
        out.appendBytes(LastChunk.DONE);
        tellUsage();
        write();
        exchange.complete();
    }

    /** The client is gone. */
    void clientLeft() {
        if (streamed && !dropped) {
            exchange.face().meters().closed(upstream, "cancelled");
        }
        tellFinishes();
        endAll(EndReason.CANCELLED);
    }

    /** The upstream is given up. */
    void upstreamFailed() {
        endAll(EndReason.ERROR);
    }

    boolean isStreamed() {
        return streamed;
    }

    /** An answer in one piece: it is measured when it is there. */
    private void whole() {
        int limit = exchange.face().config().limits().bodyBytes();
        watched = watch(false);
        exchange.activity();
        Buffer read = Buffer.buffer();
        from.handler(bytes -> {
            exchange.activity();
            if (!dropped) {
                read.appendBuffer(bytes);
                if (read.length() > limit) {
                    dropped = true;
                    exchange.refuse(ApiError.unreachable("the answer of upstream " + upstream.name()
                            + " has more than the " + limit + " bytes that are allowed"));
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
                takeWhole(read.getBytes());
            }
        });
    }

    private void takeWhole(byte[] body) {
        BodyReader whole = new BodyReader(reading);
        byte[] forClient = body;
        try {
            Passage passage = whole.read(body);
            usage = passage.usage();
            watched().open(promptTokens(passage));
            passage.choices().forEach(this::take);
            tellEnds(whole.end());
            forClient = passage.bytes() == null ? body : passage.bytes();
        } catch (IOException e) {
            exchange.face().meters().unread(upstream);
        }
        tellUsage();
        exchange.startHead(from);
        exchange.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(forClient.length));
        exchange.write(Buffer.buffer(forClient));
        exchange.complete();
    }

    /** All choices have ended, and what the engine did not show of them is known. */
    private void tellEnds(Ending ending) {
        ending.missing().forEach((choice, count) -> {
            if (choice < asked.choices() && !hidden.contains(choice)) {
                watched().append(choice, Collections.nCopies(count, HIDDEN), "");
            }
        });
        tellFinishes();
        endAll(EndReason.ERROR);
    }

    /** One that comes in events: what of it is read so far. */
    private final class Stream {

        private final EventReader events =
                new EventReader(exchange.face().config().limits().eventBytes());
        private final StreamReader reader = new StreamReader(reading);

        private void read(Buffer bytes) {
            if (!dropped && !exchange.isOver()) {
                exchange.activity();
                byte[] read = bytes.getBytes();
                events.read(read, 0, read.length, this::take);
                write();
            }
        }

        /** One piece of the stream. */
        private void take(ServerSentEvent event) {
            if (dropped || exchange.isOver()) {
                return;
            }
            Passage passage = reader.read(event);
            if (!begun) {
                if (!event.hasData()) {
                    // Our own status waits for what decides about it.
                    return;
                }
                if (passage.error() != null && additions.logprobs()) {
                    retryPlainly();
                    return;
                }
                begun = true;
                exchange.beginStream(from);
                watched().open(promptTokens(passage));
            }
            lastChunk.learn(event);
            if (passage.usage() != null) {
                usage = passage.usage();
            }
            boolean anyWanted = passage.choices().isEmpty();
            for (ChoicePassage choice : passage.choices()) {
                anyWanted |= Answer.this.take(choice);
            }
            byte[] bytes = passage.bytes();
            if (bytes != null && anyWanted) {
                out.appendBytes(
                        hidden.isEmpty() || passage.choices().isEmpty() ? bytes : LastChunk.without(bytes, hidden));
            }
            if (passage.error() != null) {
                endAll(EndReason.ERROR);
            }
        }

        private void ends() {
            if (dropped || exchange.isOver()) {
                return;
            }
            events.end(this::take);
            if (dropped) {
                return;
            }
            Ending ending = reader.end();
            write();
            if (!begun) {
                exchange.beginStream(from);
            }
            if (watched().isOpen()) {
                tellEnds(ending);
            }
            for (int event = reader.unread(); event > 0; event--) {
                exchange.face().meters().unread(upstream);
            }
            tellUsage();
            if (ending.outcome() == Ending.Outcome.CUT) {
                exchange.brokenOff();
            } else {
                exchange.complete();
            }
        }
    }
}
