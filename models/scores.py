"""Scores of one generation from its per-token entropies (nats), and how well a score tells wrong answers from right ones."""
import numpy as np


def running_edis(entropies, window, burst_limit, rebound_limit):
    """EDIS (arXiv 2602.01288) of every prefix: half the number of bursts and rebounds, times one plus the variance."""
    h = np.asarray(entropies, dtype=np.float64)
    counts = np.arange(1, len(h) + 1)
    bursts, rebounds = np.zeros(len(h)), np.zeros(len(h))
    bursts[window:] = h[window:] - h[:-window] > burst_limit
    rebounds[1:] = h[1:] - np.minimum.accumulate(h)[:-1] > rebound_limit
    mean = np.cumsum(h) / counts
    variance = np.maximum(0.0, np.cumsum(h * h) / counts - mean ** 2)
    return np.cumsum(bursts + rebounds) / 2 * (1 + variance)


def largest_windowed_entropy(entropies, window):
    """Largest mean entropy of `window` consecutive tokens; of all tokens if there are fewer."""
    return running_windowed_entropy(entropies, window).max()


def running_windowed_entropy(entropies, window):
    """Mean entropy of the last `window` tokens (fewer at the start: the missing ones count as 0) at every token."""
    sums = np.concatenate([[0.0], np.cumsum(entropies)])
    ends = np.arange(1, len(entropies) + 1)
    return (sums[ends] - sums[np.maximum(0, ends - window)]) / min(window, len(entropies))


def auroc(scores, is_wrong):
    """Chance that a wrong answer scores higher than a right one; ties count one half. NaN if there is only one kind."""
    scores, is_wrong = np.asarray(scores, dtype=np.float64), np.asarray(is_wrong, dtype=bool)
    wrong, right = scores[is_wrong], np.sort(scores[~is_wrong])
    if not len(wrong) or not len(right):
        return float("nan")
    below = np.searchsorted(right, wrong, "left")
    not_above = np.searchsorted(right, wrong, "right")
    return float((below + not_above).mean() / 2 / len(right))


def grouped_auroc(scores, is_wrong, groups):
    """AUROC over pairs of a wrong and a right answer of the same group only."""
    scores, is_wrong = np.asarray(scores, dtype=np.float64), np.asarray(is_wrong, dtype=bool)
    pairs, wins = 0, 0.0
    for group in set(groups):
        chosen = np.array([other == group for other in groups])
        group_pairs = int(is_wrong[chosen].sum()) * int((~is_wrong[chosen]).sum())
        if group_pairs:
            pairs += group_pairs
            wins += group_pairs * auroc(scores[chosen], is_wrong[chosen])
    return wins / pairs if pairs else float("nan")
