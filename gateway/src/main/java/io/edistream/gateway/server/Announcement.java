package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.watch.AnswerFacts;
import io.edistream.gateway.watch.Watch;
import io.edistream.sequences.Ability;
import io.edistream.sequences.event.EntropyKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is said of a watched answer before it begins, to whatever watches and to the client. */
final class Announcement {

    private Announcement() {}

    static AnswerFacts facts(Exchange exchange, Asked asked, Route route, Upstream upstream, ReadingOptions reading) {
        return facts(exchange, asked, route, upstream, reading, asked.model());
    }

    /**
     * What is known of an answer.
     *
     * @param model what its client, or a rule, calls the model; null for the route's name
     */
    static AnswerFacts facts(
            Exchange exchange,
            Asked asked,
            Route route,
            Upstream upstream,
            ReadingOptions reading,
            @Nullable String model) {
        return new AnswerFacts(
                model == null ? route.name() : model,
                route.name(),
                upstream.name(),
                kind(asked, reading),
                upstream.vocabulary(),
                asked.sampling(),
                Math.toIntExact(asked.choices()),
                exchange.clientsName(),
                exchange.group(),
                exchange.traceContext(),
                upstream.kind().stopsWhenClosed(),
                abilities(asked, route));
    }

    private static Set<Ability> abilities(Asked asked, Route route) {
        Set<Ability> abilities = EnumSet.of(Ability.STOP);
        if (route.reroutes() > 0) {
            abilities.add(Ability.REROUTE);
        }
        if (Concluding.isPossible(asked, route)) {
            abilities.add(Ability.CONCLUDE);
        }
        return abilities;
    }

    /**
     * Tells the client, if it has no head yet.
     *
     * @param counters numbers of the sequences
     */
    static void tell(ClientResponse client, Watch watch, List<Long> counters, Asked asked, ReadingOptions reading) {
        if (!client.headWritten()) {
            client.header(
                    "X-Edistream-Sequences",
                    counters.stream().map(watch::sequenceName).collect(Collectors.joining(",")));
            client.header(
                    "X-Edistream-Kind",
                    kind(asked, reading).distribution().name().toLowerCase(Locale.ROOT) + "-bounded-"
                            + reading.alternatives());
        }
    }

    private static EntropyKind kind(Asked asked, ReadingOptions reading) {
        return reading.entropyKind(asked.hasTools() || asked.hasForm());
    }
}
