package io.edistream.signals.batch;

import io.edistream.signals.LargestWindowedEntropy;
import io.edistream.signals.LowestGroupConfidence;
import io.edistream.signals.Scoring;
import io.edistream.signals.SpikeCount;
import io.edistream.signals.TailConfidence;
import io.edistream.signals.Token;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Scores of finished sequences from the definitions, with loops over the whole sequence where the streaming signals
 * keep state. Shares no code with them, so that equal results mean something.
 *
 * <p>Takes time in proportion to the number of tokens, and to the windows, which are constants: the sum of each window is
 * made anew, oldest first, since the last bits of a sum that slides along would depend on all that it has left behind.
 */
public final class BatchScores {

    private BatchScores() {}

    /**
     * The score of every signal that has a value, by the name that the catalogue gives it.
     *
     * @param trackedClass index of the scoring's tracked class in this sequence, negative if it has no such class; of no
     *     effect if no class is tracked
     */
    public static Map<String, Double> of(List<Token> tokens, Scoring scoring, int trackedClass) {
        Map<String, Double> scores = new LinkedHashMap<>();
        put(scores, "", tokens, scoring);
        if (!scoring.trackedClass().isEmpty() && trackedClass >= 0) {
            List<Token> ofClass = tokens.stream()
                    .filter(token -> token.tokenClass() == trackedClass)
                    .toList();
            put(scores, "class_" + scoring.trackedClass() + ".", ofClass, scoring);
        }
        scores.values().removeIf(score -> !Double.isFinite(score));
        return scores;
    }

    private static void put(Map<String, Double> scores, String prefix, List<Token> tokens, Scoring scoring) {
        putOfEntropies(scores, prefix, measured(tokens, Token::entropyNats), scoring);
        scores.put(prefix + "entropy_gap", mean(measured(tokens, token -> token.upperNats() - token.entropyNats())));
        scores.put(prefix + "perplexity", perplexity(tokens));
        putOfConfidences(scores, prefix, measured(tokens, Token::confidence));
    }

    private static void putOfEntropies(Map<String, Double> scores, String prefix, double[] entropies, Scoring scoring) {
        if (entropies.length == 0) {
            return;
        }
        int bursts = bursts(entropies, scoring.burstWindowTokens(), scoring.burstThresholdNats());
        int rebounds = rebounds(entropies, scoring.reboundThresholdNats());
        double variance = variance(entropies);

        scores.put(prefix + "edis", (bursts + rebounds) / 2.0 * (1 + variance));
        scores.put(prefix + "burst", (double) bursts);
        scores.put(prefix + "rebound", (double) rebounds);
        scores.put(prefix + "entropy_variance", variance);
        scores.put(prefix + "mean_entropy", mean(entropies));
        scores.put(prefix + "sequence_entropy", sum(entropies, 0, entropies.length));
        scores.put(prefix + "spike_count", (double) changes(entropies, SpikeCount.DEFAULT.thresholdNats()));
        scores.put(
                prefix + "largest_windowed_entropy",
                DoubleStream.of(windowMeans(entropies, LargestWindowedEntropy.DEFAULT.windowTokens()))
                        .max()
                        .orElseThrow());
    }

    private static void putOfConfidences(Map<String, Double> scores, String prefix, double[] confidences) {
        if (confidences.length == 0) {
            return;
        }
        scores.put(prefix + "token_confidence", mean(confidences));
        scores.put(
                prefix + "lowest_group_confidence",
                DoubleStream.of(windowMeans(confidences, LowestGroupConfidence.DEFAULT.groupTokens()))
                        .min()
                        .orElseThrow());
        double[] groups = windowMeans(confidences, TailConfidence.DEFAULT.groupTokens());
        scores.put(prefix + "tail_confidence", groups[groups.length - 1]);
    }

    private static double[] measured(List<Token> tokens, ToDoubleFunction<Token> field) {
        return tokens.stream()
                .mapToDouble(field)
                .filter(value -> !Double.isNaN(value))
                .toArray();
    }

    private static int bursts(double[] entropies, int window, double threshold) {
        int bursts = 0;
        for (int t = 0; t + window < entropies.length; t++) {
            if (entropies[t + window] - entropies[t] > threshold) {
                bursts++;
            }
        }
        return bursts;
    }

    private static int rebounds(double[] entropies, double threshold) {
        double[] minima = prefixMinima(entropies);
        int rebounds = 0;
        for (int t = 1; t < entropies.length; t++) {
            if (entropies[t] - minima[t - 1] > threshold) {
                rebounds++;
            }
        }
        return rebounds;
    }

    /** The smallest of the values up to each place, that one included. */
    private static double[] prefixMinima(double[] values) {
        double[] minima = values.clone();
        for (int t = 1; t < minima.length; t++) {
            minima[t] = Math.min(minima[t - 1], values[t]);
        }
        return minima;
    }

    /** Welford's update and not the two-pass formula: the last bits of the result are part of the definition. */
    private static double variance(double[] values) {
        double mean = 0;
        double squares = 0;
        for (int n = 1; n <= values.length; n++) {
            double before = values[n - 1] - mean;
            mean += before / n;
            squares += before * (values[n - 1] - mean);
        }
        return squares / values.length;
    }

    private static int changes(double[] entropies, double threshold) {
        int changes = 0;
        for (int t = 1; t < entropies.length; t++) {
            if (Math.abs(entropies[t] - entropies[t - 1]) > threshold) {
                changes++;
            }
        }
        return changes;
    }

    /** NaN if there is a token whose entropy was measured and whose log-probability was not. */
    private static double perplexity(List<Token> tokens) {
        if (tokens.stream().anyMatch(token -> token.hasEntropy() && !token.hasLogprob())) {
            return Double.NaN;
        }
        return StrictMath.exp(-mean(measured(tokens, Token::logprob)));
    }

    /** Means of all full windows; of the whole if it is shorter than one. */
    private static double[] windowMeans(double[] values, int window) {
        int length = Math.min(window, values.length);
        double[] means = new double[values.length - length + 1];
        for (int first = 0; first < means.length; first++) {
            means[first] = sum(values, first, first + length) / length;
        }
        return means;
    }

    /** NaN if there are no values. */
    private static double mean(double[] values) {
        return sum(values, 0, values.length) / values.length;
    }

    private static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum;
    }
}
