package io.edistream.signals.batch;

import io.edistream.signals.LargestWindowedEntropy;
import io.edistream.signals.LowestGroupConfidence;
import io.edistream.signals.SignalOptions;
import io.edistream.signals.SpikeCount;
import io.edistream.signals.TailConfidence;
import io.edistream.signals.Token;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Scores of finished sequences from the definitions, with loops over the whole sequence where the streaming signals
 * keep state. Shares no code with them, so that equal results mean something.
 */
public final class BatchScores {

    private BatchScores() {}

    /** The score of every signal that has a value, by the name that the catalogue gives it. */
    public static Map<String, Double> of(List<Token> tokens, SignalOptions options) {
        Map<String, Double> scores = new LinkedHashMap<>();
        put(scores, "", tokens, options);
        int tracked = options.trackedClass();
        if (tracked > 0) {
            List<Token> ofClass = tokens.stream()
                    .filter(token -> token.tokenClass() == tracked)
                    .toList();
            put(scores, "class_" + tracked + ".", ofClass, options);
        }
        scores.values().removeIf(score -> score.isNaN());
        return scores;
    }

    private static void put(Map<String, Double> scores, String prefix, List<Token> tokens, SignalOptions options) {
        if (tokens.isEmpty()) {
            return;
        }
        double[] entropies = column(tokens, Token::entropyNats);
        double[] logprobs = column(tokens, Token::logprob);
        double[] confidences = column(tokens, Token::confidence);
        int bursts = bursts(entropies, options.burstWindowTokens(), options.burstThresholdNats());
        int rebounds = rebounds(entropies, options.reboundThresholdNats());
        double variance = variance(entropies);

        scores.put(prefix + "edis", (bursts + rebounds) / 2.0 * (1 + variance));
        scores.put(prefix + "burst", (double) bursts);
        scores.put(prefix + "rebound", (double) rebounds);
        scores.put(prefix + "entropy_variance", variance);
        scores.put(prefix + "mean_entropy", sum(entropies, 0, entropies.length) / entropies.length);
        scores.put(prefix + "sequence_entropy", sum(entropies, 0, entropies.length));
        scores.put(prefix + "spike_count", (double) changes(entropies, SpikeCount.DEFAULT.thresholdNats()));
        scores.put(
                prefix + "largest_windowed_entropy",
                max(windowMeans(entropies, LargestWindowedEntropy.DEFAULT.windowTokens())));
        scores.put(prefix + "perplexity", StrictMath.exp(-sum(logprobs, 0, logprobs.length) / logprobs.length));
        scores.put(prefix + "token_confidence", sum(confidences, 0, confidences.length) / confidences.length);
        scores.put(
                prefix + "lowest_group_confidence",
                min(windowMeans(confidences, LowestGroupConfidence.DEFAULT.groupTokens())));
        double[] groups = windowMeans(confidences, TailConfidence.DEFAULT.groupTokens());
        scores.put(prefix + "tail_confidence", groups[groups.length - 1]);
    }

    private static double[] column(List<Token> tokens, ToDoubleFunction<Token> field) {
        return tokens.stream().mapToDouble(field).toArray();
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
        int rebounds = 0;
        for (int t = 1; t < entropies.length; t++) {
            double minimum = entropies[0];
            for (int s = 1; s < t; s++) {
                minimum = Math.min(minimum, entropies[s]);
            }
            if (entropies[t] - minimum > threshold) {
                rebounds++;
            }
        }
        return rebounds;
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

    /** Means of all full windows; of the whole if it is shorter than one. */
    private static double[] windowMeans(double[] values, int window) {
        int length = Math.min(window, values.length);
        double[] means = new double[values.length - length + 1];
        for (int first = 0; first < means.length; first++) {
            means[first] = sum(values, first, first + length) / length;
        }
        return means;
    }

    private static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum;
    }

    private static double max(double[] values) {
        double max = values[0];
        for (double value : values) {
            max = Math.max(max, value);
        }
        return max;
    }

    private static double min(double[] values) {
        double min = values[0];
        for (double value : values) {
            min = Math.min(min, value);
        }
        return min;
    }
}
