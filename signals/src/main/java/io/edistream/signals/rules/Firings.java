package io.edistream.signals.rules;

import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules remember of one sequence: an entry for each rule whose condition held at some token, found by id and
 * revision. So rules may come, go and change their mode while sequences run.
 */
public final class Firings {

    private static final int MAX_ENTRIES = 1 << 10;

    private final List<Firing> firings = new ArrayList<>(0);
    private int decisions;
    private int points;

    /** Decisions so far, whatever their mode; repeats are not counted. */
    public int decisions() {
        return decisions;
    }

    /** Decisions and their repeats so far. */
    int points() {
        return points;
    }

    void decided() {
        decisions++;
    }

    void pointReached() {
        points++;
    }

    @Nullable
    Firing find(long fingerprint) {
        for (int i = 0; i < firings.size(); i++) {
            if (firings.get(i).rule == fingerprint) {
                return firings.get(i);
            }
        }
        return null;
    }

    Firing create(long fingerprint) {
        Firing created = new Firing(fingerprint);
        firings.add(created);
        return created;
    }

    /** Writes it. */
    public void write(StateOutput out) throws IOException {
        out.writeCount(firings.size());
        if (firings.isEmpty()) {
            return;
        }
        out.writeCount(decisions);
        out.writeCount(points);
        for (Firing firing : firings) {
            firing.write(out);
        }
    }

    /** Reads what {@link #write} wrote. */
    public static Firings read(StateInput in) throws IOException {
        Firings read = new Firings();
        int count = in.readCount();
        if (count == 0) {
            return read;
        }
        if (count > MAX_ENTRIES) {
            throw new IOException("stored state is damaged: " + count + " rules fired");
        }
        read.decisions = in.readCount();
        read.points = in.readCount();
        for (int i = 0; i < count; i++) {
            read.firings.add(Firing.read(in));
        }
        return read;
    }

    /** What is remembered of one rule. */
    static final class Firing {
        private static final int HOLDS = 1;
        private static final int SPOKEN = 2;
        private static final int ACTED = 4;

        private final long rule;

        /** Whether the condition held at the newest token that could be judged. */
        boolean holds;

        /** Whether a shadow command was sent. */
        boolean spoken;

        /** Whether an armed command was sent. */
        boolean acted;

        /** Crossings so far. */
        int crossings;

        /** Index of the token of the first crossing. */
        int firstToken;

        /** When that token was decoded, microseconds since 1970-01-01 UTC on the source's clock. */
        long firstMicros;

        /** Index of the token from which on the decision is repeated. */
        int nextToken;

        private Firing(long rule) {
            this.rule = rule;
        }

        private void write(StateOutput out) throws IOException {
            out.writeBits(rule);
            out.writeCount((holds ? HOLDS : 0) | (spoken ? SPOKEN : 0) | (acted ? ACTED : 0));
            out.writeCount(crossings);
            out.writeCount(firstToken);
            out.writeLong(firstMicros);
            out.writeCount(nextToken);
        }

        private static Firing read(StateInput in) throws IOException {
            Firing firing = new Firing(in.readBits());
            int flags = in.readCount();
            firing.holds = (flags & HOLDS) != 0;
            firing.spoken = (flags & SPOKEN) != 0;
            firing.acted = (flags & ACTED) != 0;
            firing.crossings = in.readCount();
            firing.firstToken = in.readCount();
            firing.firstMicros = in.readLong();
            firing.nextToken = in.readCount();
            return firing;
        }
    }
}
