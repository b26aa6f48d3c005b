package io.edistream.gateway.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Samples in any order of events, held against votes that are counted from a list each time. */
@Timeout(60)
class BallotTest {

    private static final int SEEDS = 1_000;

    /** One that has ended: by itself with or without an answer, or in another way. */
    private record End(int sample, boolean byItself, @Nullable String answer, double score) {}

    @Test
    void votesAreThoseOfAPlainCount() {
        int early = 0;
        int whole = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int budget = 1 + random.nextInt(9);
            String kind = List.of("majority", "waves", "best-of-n").get(random.nextInt(3));
            int width = 1 + random.nextInt(budget);
            int lead = 1 + random.nextInt(Math.min(3, budget));
            String more = kind.equals("waves") ? ",\"width\":" + width + ",\"lead\":" + lead : "";
            Ballot ballot = new Ballot(Strategies.of(
                    "\"strategy\":\"" + kind + "\",\"n\":" + budget + ",\"extract\":\"last_number\"" + more));
            List<End> ends = new ArrayList<>();
            List<Integer> running = new ArrayList<>();
            int started = 0;
            boolean settled = false;
            do {
                int now = ballot.start();
                assertThat(now).as("seed %d", seed).isEqualTo(toStart(kind, budget, width, lead, ends, running.size()));
                for (int i = 0; i < now; i++) {
                    running.add(started++);
                }
                int sample = running.remove(random.nextInt(running.size()));
                End end = end(random, sample);
                ends.add(end);
                if (end.byItself) {
                    ballot.finished(sample, end.answer, end.score);
                } else {
                    ballot.lost();
                }
                assertThat(ballot.votes()).as("seed %d", seed).isEqualTo(count(ends));
                settled = !kind.equals("best-of-n")
                        && !running.isEmpty()
                        && isSettled(kind, lead, ends, running.size(), budget - started);
                assertThat(ballot.isSettled())
                        .as("seed %d after %s", seed, ends)
                        .isEqualTo(settled);
            } while (!settled && !ballot.isOver());
            if (settled) {
                running.forEach(rest -> ballot.lost());
                early++;
            }
            assertThat(ballot.isOver()).as("seed %d", seed).isTrue();
            assertThat(started).as("seed %d", seed).isLessThanOrEqualTo(budget);
            whole += started == budget && !settled ? 1 : 0;
            assertThat(ballot.chosen().stream().boxed().toList())
                    .as("seed %d", seed)
                    .isEqualTo(chosen(kind, ends));
            Map<String, Integer> votes = count(ends);
            int cast = votes.values().stream().mapToInt(Integer::intValue).sum();
            int most = votes.values().stream().mapToInt(Integer::intValue).max().orElse(0);
            assertThat(ballot.agreement()).as("seed %d", seed).isEqualTo((Double) ((double) most / cast));
        }
        assertThat(early).as("of both there are many").isBetween(100, SEEDS - 100);
        assertThat(whole).isBetween(100, SEEDS - 100);
    }

    private static End end(Random random, int sample) {
        boolean byItself = random.nextInt(5) > 0;
        String answer = byItself && random.nextInt(5) > 0 ? Integer.toString(random.nextInt(3)) : null;
        double score = random.nextInt(4) == 0 ? Double.NaN : random.nextInt(5);
        return new End(sample, byItself, answer, score);
    }

    private static int toStart(String kind, int budget, int width, int lead, List<End> ends, int running) {
        int left = budget - ends.size() - running;
        if (kind.equals("best-of-n")) {
            return left;
        }
        boolean waits = kind.equals("waves") && running > 0;
        return waits || isSettled(kind, lead, ends, running, left)
                ? 0
                : kind.equals("waves") ? Math.min(width, left) : left;
    }

    private static Map<String, Integer> count(List<End> ends) {
        Map<String, Integer> votes = new LinkedHashMap<>();
        ends.forEach(end -> {
            if (end.answer != null) {
                votes.merge(end.answer, 1, Integer::sum);
            }
        });
        return votes;
    }

    /** Whether whatever may still come changes nothing, tried out; or a wave's answer is far enough ahead. */
    private static boolean isSettled(String kind, int lead, List<End> ends, int running, int left) {
        Map<String, Integer> votes = count(ends);
        if (kind.equals("waves") && !votes.isEmpty()) {
            List<Integer> sorted =
                    votes.values().stream().sorted(Comparator.reverseOrder()).toList();
            int ahead = sorted.get(0) - (sorted.size() > 1 ? sorted.get(1) : 0);
            if (ahead - running >= lead) {
                return true;
            }
        }
        if (votes.isEmpty()) {
            return false;
        }
        String leader = leader(votes);
        Set<String> others = new LinkedHashSet<>(votes.keySet());
        others.add("one that nobody has given yet");
        others.remove(leader);
        return others.stream().allMatch(other -> {
            Map<String, Integer> then = new LinkedHashMap<>(votes);
            if (running + left > 0) {
                then.merge(other, running + left, Integer::sum);
            }
            return leader(then).equals(leader);
        });
    }

    private static String leader(Map<String, Integer> votes) {
        String leader = "";
        for (Map.Entry<String, Integer> answer : votes.entrySet()) {
            leader = answer.getValue() > votes.getOrDefault(leader, 0) ? answer.getKey() : leader;
        }
        return leader;
    }

    private static List<Integer> chosen(String kind, List<End> ends) {
        Map<String, Integer> votes = count(ends);
        String leader = kind.equals("best-of-n") || votes.isEmpty() ? null : leader(votes);
        End best = null;
        for (End end : ends.stream().sorted(Comparator.comparing(End::sample)).toList()) {
            boolean fits = end.byItself && (leader == null || leader.equals(end.answer));
            if (fits
                    && (best == null
                            || end.score < best.score
                            || (Double.isNaN(best.score) && !Double.isNaN(end.score)))) {
                best = end;
            }
        }
        return best == null ? List.of() : List.of(best.sample);
    }
}
