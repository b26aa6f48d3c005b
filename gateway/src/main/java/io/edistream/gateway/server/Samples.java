package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.samples.Ballot;
import io.edistream.gateway.samples.StrategyAsked;
import io.edistream.gateway.watch.AnswerFacts;
import io.edistream.gateway.watch.AnswerSteering;
import io.edistream.gateway.watch.SampledPrompt;
import io.edistream.gateway.watch.Watch;
import io.edistream.gateway.watch.WatchedAnswer;
import io.edistream.signals.groups.Pruning;
import io.vertx.core.http.HttpClientResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One answer out of several samples: opens as many as the strategy wants, ends those that it needs no more, and gives the client the one
 * that is chosen. The first sample goes ahead until its prompt is read, so that the engine reads the prompt once. Used on the gateway's event
 * loop.
 */
final class Samples implements Answer {

    private final Exchange exchange;
    private final Asked asked;
    private final StrategyAsked strategy;
    private final Route route;
    private final Watch watch;
    private final SampledPrompt prompt;
    private final Ballot ballot;
    private final SampleTargets targets;
    private final List<Sample> samples = new ArrayList<>();

    /** Those that are to start and have no request yet. */
    private int waiting;

    /** Why some of them got none; null if all did. */
    private @Nullable ApiError lack;

    private boolean promptIsRead;
    private boolean over;

    private Samples(Exchange exchange, Asked asked, StrategyAsked strategy, Route route, Watch watch) {
        this.exchange = exchange;
        this.asked = asked;
        this.strategy = strategy;
        this.route = route;
        this.watch = watch;
        prompt = watch.sampled(strategy.atOnce());
        ballot = new Ballot(strategy);
        targets = new SampleTargets(exchange.face().backends(), route);
    }

    /** What a client asks for; empty if it was refused. */
    static Optional<Samples> of(Exchange exchange, Asked asked, Route route) {
        StrategyAsked strategy;
        try {
            strategy = StrategyAsked.of(asked, route.samples());
        } catch (IllegalArgumentException e) {
            exchange.refuse(ApiError.badRequest(String.valueOf(e.getMessage())));
            return Optional.empty();
        }
        Watch watch = exchange.face().watch();
        if (watch == null || route.watch() == 0 || exchange.isOff()) {
            exchange.refuse(ApiError.badRequest(
                    "a strategy looks at samples while they run, and this request is not to be watched"));
            return Optional.empty();
        }
        ApiError tooMany = exchange.face().admission().beginSamples(exchange.asker(), strategy.atOnce());
        if (tooMany != null) {
            exchange.refuse(tooMany);
            return Optional.empty();
        }
        return Optional.of(new Samples(exchange, asked, strategy, route, watch));
    }

    void begin() {
        if (asked.streams() && route.heartbeats()) {
            exchange.client().waitWithHeartbeats("samples are compared");
        }
        waiting = ballot.start();
        openMore();
    }

    /** The first one alone, the others once its prompt is read; where there is no room, when one of them ends. */
    private void openMore() {
        while (!over && waiting > 0 && (samples.isEmpty() || promptIsRead)) {
            Optional<Route.Target> next = targets.next();
            if (next.isEmpty()) {
                if (samples.stream().noneMatch(one -> one.state() == SampleState.RUNNING)) {
                    giveUpWaiting();
                }
                return;
            }
            waiting--;
            Sample sample = new Sample(this, targets, exchange, samples.size(), asked, route, next.get());
            samples.add(sample);
            exchange.face().meters().sampleStarts(strategy.kind());
            sample.ask();
        }
    }

    /** Nobody may be asked now, and no sample runs whose end would change that: what there is must do. */
    private void giveUpWaiting() {
        lack = targets.nobody();
        while (waiting > 0) {
            waiting--;
            ballot.lost();
            waiting += ballot.start();
        }
        if (samples.isEmpty()) {
            refuse(lack);
        }
    }

    StrategyAsked strategy() {
        return strategy;
    }

    /** A sequence of the prompt's group. */
    WatchedAnswer watch(AnswerFacts facts, AnswerSteering steering) {
        return prompt.begin(facts, steering);
    }

    /** Tells the client of all samples that have begun so far. */
    void announce(Asked sample, ReadingOptions reading) {
        List<Long> counters = samples.stream()
                .map(Sample::counter)
                .filter(counter -> counter >= 0)
                .toList();
        Announcement.tell(exchange.client(), watch, counters, sample, reading);
    }

    /** Whether nothing can be chosen without log-probabilities, which the upstream does not give; then the request is refused. */
    boolean needLogprobs(Upstream upstream) {
        boolean needed = strategy.kind() == StrategyAsked.Kind.BEST_OF_N;
        if (needed) {
            refuse(ApiError.badRequest("best-of-n chooses by log-probabilities, and upstream " + upstream.name()
                    + (upstream.alternatives() == 0 ? " is not asked for any" : " refuses them")
                    + ": ask for majority or waves, which choose by answers"));
        }
        return needed;
    }

    /** A sample has a token: whatever its engine keeps of the prompt is there. */
    void promptIsRead() {
        if (!promptIsRead) {
            promptIsRead = true;
            openMore();
        }
    }

    /** What an upstream answers instead of a stream is the client's answer if it is the first that it answers. */
    boolean passOn(Route.Target by, HttpClientResponse instead) {
        if (over || promptIsRead || samples.size() > 1) {
            return false;
        }
        over = true;
        exchange.answeredBy(by);
        exchange.passThrough(instead);
        return true;
    }

    /** A sample runs no more. If it failed before any had a token, others would fail likewise: they are not asked for. */
    void over(Sample sample) {
        if (over) {
            return;
        }
        ApiError failure = sample.failure();
        if (!promptIsRead && failure != null) {
            refuse(failure);
            return;
        }
        promptIsRead = true;
        KeptAnswer kept = sample.kept();
        if (sample.state() == SampleState.FINISHED && kept != null) {
            ballot.finished(sample.index(), sample.answer(), kept.score());
        } else {
            ballot.lost();
        }
        prune();
        goOn();
    }

    /** A sample may have more tokens than before. */
    void grew() {
        if (!over && prune()) {
            goOn();
        }
    }

    /** Ends those that are too weak; true if there were any. */
    private boolean prune() {
        Pruning pruning = strategy.pruning();
        if (pruning == null) {
            return false;
        }
        List<Integer> weak = pruning.toEnd(
                samples.stream().map(Sample::progress).flatMap(Optional::stream).toList());
        for (int sample : weak) {
            samples.get(sample).prune();
            ballot.lost();
        }
        return !weak.isEmpty();
    }

    private void goOn() {
        if (ballot.isSettled()) {
            endRest();
        } else {
            waiting += ballot.start();
            openMore();
        }
        if (!over && ballot.isOver()) {
            choose();
        }
    }

    private void endRest() {
        for (; waiting > 0; waiting--) {
            ballot.lost();
        }
        for (Sample sample : samples) {
            if (sample.state() == SampleState.RUNNING) {
                sample.settle();
                ballot.lost();
            }
        }
    }

    private void choose() {
        OptionalInt chosen = ballot.chosen();
        if (chosen.isEmpty()) {
            refuse(
                    lack == null
                            ? ApiError.unreachable("none of " + samples.size() + " samples has finished: " + why())
                            : lack);
            return;
        }
        if (strategy.kind() == StrategyAsked.Kind.BEST_OF_N && !ballot.isMeasured()) {
            refuse(ApiError.unreachable(
                    "best-of-n cannot choose, since of no sample anything was measured: ask for majority"
                            + " or waves, which choose by answers"));
            return;
        }
        over = true;
        give(samples.get(chosen.getAsInt()));
    }

    private String why() {
        for (Sample sample : samples) {
            ApiError failure = sample.failure();
            if (failure != null) {
                return failure.message();
            }
        }
        return "commands have ended them";
    }

    private void give(Sample best) {
        KeptAnswer kept = best.kept();
        if (kept == null) {
            throw new IllegalStateException("a sample has finished without an answer");
        }
        tellTokens(kept);
        ObjectNode ours = new SampleReport(strategy, ballot, watch).of(samples, best, kept);
        ObjectNode body = kept.body();
        if (asked.streams()) {
            exchange.client().beginStream(kept.head());
            exchange.client().writeWhole(SampledStream.of(asked, body, ours));
            exchange.complete();
        } else {
            body.set(EndNotice.MEMBER, ours);
            exchange.answer(200, body.toString().getBytes(UTF_8));
        }
    }

    /** All that upstreams counted is the client's, also what it does not see. */
    private void tellTokens(KeptAnswer best) {
        long prompts = 0;
        long completions = 0;
        for (Sample sample : samples) {
            KeptAnswer kept = sample.kept();
            prompts += kept == null ? 0 : Math.max(0, kept.promptTokens());
            completions += kept == null ? 0 : kept.completionTokens();
        }
        exchange.tellUsage(bounded(prompts), bounded(completions));
        exchange.face()
                .meters()
                .sampled(
                        strategy.kind(),
                        strategy.plan().budget() - samples.size(),
                        completions - best.completionTokens(),
                        ballot.agreement());
    }

    private static int bounded(long tokens) {
        return (int) Math.min(Integer.MAX_VALUE, tokens);
    }

    private void refuse(ApiError error) {
        if (!over) {
            over = true;
            cancelAll();
            exchange.refuse(error);
        }
    }

    private void cancelAll() {
        samples.forEach(Sample::cancel);
    }

    @Override
    public void clientLeft() {
        over = true;
        cancelAll();
    }

    @Override
    public void upstreamFailed() {
        clientLeft();
    }

    @Override
    public void ended() {
        exchange.face().admission().endSamples(exchange.asker(), strategy.atOnce());
    }
}
