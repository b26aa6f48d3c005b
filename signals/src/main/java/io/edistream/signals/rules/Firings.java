package io.edistream.signals.rules;

import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules remember of one sequence: an entry for each rule whose condition held at some token, found by id and
 * revision. So rules may come, go and change their mode while sequences run. An entry begins with a decision, so that the
 * bound of those holds for entries too.
 */
public final class Firings {

    private final List<Firing> firings = new ArrayList<>(0);
    private int decisions;
    private int points;
    private boolean cut;

    /** Decisions so far, whatever their mode; repeats are not counted. */
    public int decisions() {
        return decisions;
    }

    /** Decisions and their repeats so far, at most {@value Judge#MAX_POINTS}. */
    int points() {
        return points;
    }

    /** Whether there would have been more decisions or repeats, had the bound not kept them back. */
    public boolean isCut() {
        return cut;
    }

    void decided() {
        decisions++;
    }

    void pointReached() {
        points++;
    }

    void cut() {
        cut = true;
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
        out.writeCount(cut ? points + 1 : points);
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
        if (count > Judge.MAX_POINTS) {
            throw new IOException("stored state is damaged: " + count + " rules fired");
        }
        read.decisions = in.readCount();
        int points = in.readCount();
        read.cut = points > Judge.MAX_POINTS;
        read.points = Math.min(points, Judge.MAX_POINTS);
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
