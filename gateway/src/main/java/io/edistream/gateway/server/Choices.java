package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Ending;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.Usage;
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
import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The choices of a watched answer: what of them was read is told to the hub and to the metrics. Used on the gateway's event loop. */
final class Choices {

    private static final DecodedToken HIDDEN = DecodedToken.unmeasured(-1, UnmeasuredReason.HIDDEN, Phase.UNKNOWN);

    private final Exchange exchange;
    private final Asked asked;
    private final Upstream upstream;
    private final WatchedAnswer watched;

    /** Those that have ended, by themselves or not. */
    private final Set<Integer> over = new HashSet<>();

    /** Those of them that a command ended: the client gets no more of them. */
    private final Set<Integer> hidden = new HashSet<>();

    /** Finished ones whose last tokens the numbers at the end of the stream may still tell of. */
    private final Map<Integer, EndReason> finishes = new TreeMap<>();

    private @Nullable Usage usage;
    private boolean firstToken = true;
    private int decoded;

    /**
     * They are announced to whatever watches, and to the client if it has no head yet.
     *
     * @param ender ends one of them; null if none can be ended
     */
    Choices(
            Exchange exchange,
            Asked asked,
            Route route,
            Upstream upstream,
            ReadingOptions reading,
            @Nullable ChoiceEnder ender) {
        this.exchange = exchange;
        this.asked = asked;
        this.upstream = upstream;
        Watch watch = exchange.face().watch();
        if (watch == null) {
            throw new IllegalStateException("nothing watches");
        }
        EntropyKind kind = reading.entropyKind(asked.hasTools() || asked.hasForm());
        String model = asked.model();
        watched = watch.begin(
                new AnswerFacts(
                        model == null ? route.name() : model,
                        route.name(),
                        upstream.name(),
                        kind,
                        upstream.vocabulary(),
                        asked.sampling(),
                        Math.toIntExact(asked.choices()),
                        exchange.clientsName(),
                        exchange.group(),
                        exchange.traceContext(),
                        upstream.kind().stopsWhenClosed()),
                ender);
        if (!exchange.client().headWritten()) {
            exchange.client()
                    .header(
                            "X-Edistream-Sequences",
                            String.join(
                                    ",",
                                    watched.counters().stream()
                                            .map(watch::sequenceName)
                                            .toList()));
            exchange.client()
                    .header(
                            "X-Edistream-Kind",
                            kind.distribution().name().toLowerCase(Locale.ROOT) + "-bounded-" + reading.alternatives());
        }
    }

    /** The engine answers, with this. */
    void open(Passage first) {
        Usage told = first.usage();
        watched.open(told == null ? -1 : told.promptTokens());
    }

    boolean areOpen() {
        return watched.isOpen();
    }

    /** Those that the client gets no more of. */
    Set<Integer> hidden() {
        return hidden;
    }

    /** The numbers of tokens, so far. */
    void learn(@Nullable Usage told) {
        if (told != null) {
            usage = told;
        }
    }

    /** True if the client is to get it. */
    boolean take(ChoicePassage choice) {
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
            exchange.face().meters().firstToken(upstream.name(), System.nanoTime() - exchange.begunNanos());
        }
        if (!choice.tokens().isEmpty()) {
            exchange.face().meters().tokens(upstream, choice.tokens());
            decoded += choice.tokens().size();
            watched.append(choice.index(), choice.tokens(), choice.reasoning() + choice.text());
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

    /** A command ended one; false if it has ended already. */
    boolean end(int choice) {
        return over.add(choice) && hidden.add(choice);
    }

    /** Whether none goes on. */
    boolean areOver() {
        return over.size() >= asked.choices();
    }

    /** All have ended, and what the engine did not show of them is known. */
    void tellEnds(Ending ending) {
        ending.missing().forEach((choice, count) -> {
            if (choice < asked.choices() && !hidden.contains(choice)) {
                watched.append(choice, Collections.nCopies(count, HIDDEN), "");
            }
        });
        tellFinishes();
        endAll(EndReason.ERROR);
    }

    /** Whatever ended by itself did so. There are none before the answer is open. */
    void tellFinishes() {
        finishes.forEach(watched::end);
    }

    /** Whatever has not ended does. */
    void endAll(EndReason reason) {
        if (watched.isOpen()) {
            for (int choice = 0; choice < asked.choices(); choice++) {
                watched.end(choice, reason);
            }
        }
    }

    void tellUsage() {
        Usage told = usage;
        exchange.tellUsage(
                told == null ? 0 : told.promptTokens(),
                told == null ? decoded : Math.max(decoded, told.completionTokens()));
    }
}
