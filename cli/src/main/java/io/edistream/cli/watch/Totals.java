package io.edistream.cli.watch;

import io.edistream.schemas.FinishReason;
import io.edistream.schemas.OutcomeKind;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Counts since the start. */
final class Totals {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int MAX_SOURCES = 10_000;

    private final Set<Long> sources = new HashSet<>();
    private final Map<FinishReason, Long> ends = new EnumMap<>(FinishReason.class);
    private final Map<OutcomeKind, Long> outcomes = new EnumMap<>(OutcomeKind.class);
    private long tokens;
    private long leftOutSequences;
    private long leftOutRecords;
    private long unreadable;

    void heard(long generator) {
        if (sources.size() < MAX_SOURCES) {
            sources.add(generator);
        }
    }

    void decoded(int more) {
        tokens += more;
    }

    void ended(FinishReason reason) {
        ends.merge(reason, 1L, Long::sum);
    }

    void settled(OutcomeKind kind) {
        outcomes.merge(kind, 1L, Long::sum);
    }

    /** A sequence had to go, or fell silent, before its end was seen. */
    void leftOutSequence() {
        leftOutSequences++;
    }

    /** Records were passed over since the reader was too far behind. */
    void leftOutRecords(long more) {
        leftOutRecords += more;
    }

    void unreadable() {
        unreadable++;
    }

    long tokens() {
        return tokens;
    }

    long leftOutSequences() {
        return leftOutSequences;
    }

    long leftOutRecords() {
        return leftOutRecords;
    }

    int sources() {
        return sources.size();
    }

    long ended() {
        return ends.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What happened to commands, for instance {@code 3 applied, 1 refused}; empty if nothing. */
    String outcomes() {
        return counts(outcomes);
    }

    /** What was left out or could not be read; empty if nothing. */
    String losses() {
        return (leftOutRecords == 0 ? "" : " | left out " + leftOutRecords + " records")
                + (leftOutSequences == 0 ? "" : " | lost sight of " + leftOutSequences + " sequences")
                + (unreadable == 0 ? "" : " | " + unreadable + " records unreadable");
    }

    /** The last word. */
    String summary(long elapsedNanos) {
        String how = counts(ends);
        String commands = outcomes();
        return String.format(
                Locale.ROOT,
                "watched %.1f s: %,d tokens of %d %s | %d sequences ended%s | commands: %s%s",
                elapsedNanos / NANOS_PER_SECOND,
                tokens,
                sources(),
                sources() == 1 ? "source" : "sources",
                ended(),
                how.isEmpty() ? "" : " (" + how + ")",
                commands.isEmpty() ? "none answered" : commands,
                losses());
    }

    private static String counts(Map<? extends Enum<?>, Long> counts) {
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + words(entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    /** A name of the contract as words. */
    static String words(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
