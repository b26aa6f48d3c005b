package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.samples.Ballot;
import io.edistream.gateway.samples.StrategyAsked;
import io.edistream.gateway.watch.Watch;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an answer says of the samples that it was chosen from. */
final class SampleReport {

    private final StrategyAsked strategy;
    private final Ballot ballot;
    private final Watch watch;

    SampleReport(StrategyAsked strategy, Ballot ballot, Watch watch) {
        this.strategy = strategy;
        this.ballot = ballot;
        this.watch = watch;
    }

    ObjectNode of(List<Sample> samples, Sample chosen, KeptAnswer kept) {
        ObjectNode ours = JsonNodeFactory.instance.objectNode();
        ours.put("strategy", strategy.kind().label());
        ours.putObject("samples")
                .put("asked", strategy.plan().budget())
                .put("started", samples.size())
                .put("finished", count(samples, SampleState.FINISHED))
                .put("ended", count(samples, SampleState.ENDED))
                .put("failed", count(samples, SampleState.FAILED))
                .put("pruned", count(samples, SampleState.PRUNED))
                .put("unneeded", count(samples, SampleState.UNNEEDED));
        if (strategy.extraction() != null) {
            ArrayNode votes = ours.putArray("votes");
            ballot.votes()
                    .forEach((answer, count) ->
                            votes.addObject().put("answer", answer).put("votes", count));
            ours.put("agreement", finite(ballot.agreement()));
        }
        ours.put("by", strategy.signal().name());
        ours.put("score", finite(kept.score()));
        ours.put("sequence", name(chosen));
        ArrayNode usage = ours.putArray("usage");
        samples.forEach(sample -> add(usage, sample, sample == chosen));
        return ours;
    }

    private static long count(List<Sample> samples, SampleState state) {
        return samples.stream().filter(sample -> sample.state() == state).count();
    }

    private void add(ArrayNode usage, Sample sample, boolean chosen) {
        KeptAnswer kept = sample.kept();
        usage.addObject()
                .put("sequence", name(sample))
                .put("state", sample.state().name().toLowerCase(Locale.ROOT))
                .put("prompt_tokens", kept != null && kept.promptTokens() > 0 ? (Integer) kept.promptTokens() : null)
                .put("completion_tokens", kept == null ? 0 : kept.completionTokens())
                .put("discarded", !chosen);
    }

    /** Null for one that was never answered. */
    private @Nullable String name(Sample sample) {
        return sample.counter() < 0 ? null : watch.sequenceName(sample.counter());
    }

    private static @Nullable Double finite(double number) {
        return Double.isFinite(number) ? (Double) number : null;
    }
}
