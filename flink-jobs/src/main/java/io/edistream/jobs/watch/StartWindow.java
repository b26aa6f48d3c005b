package io.edistream.jobs.watch;

import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Which sequences of one source have started: the highest counter seen and, for the {@value #LENGTH} counters up to it, a
 * bit each. It tells a start from a repeated one, however late the topic is read again, without remembering any sequence
 * for itself. Starts may come out of order: counters are given when requests come in, and children overtake samples that
 * wait.
 *
 * <p>Memory follows the span of counters that were seen, at most 8 KiB.
 */
final class StartWindow {

    /** Counters that are told apart, the highest one included; a power of two. */
    static final int LENGTH = 1 << 16;

    /** How far ahead of the highest counter a start may be. Farther ones are damage. */
    static final long MAX_JUMP = 1L << 31;

    private static final int WORD_BITS = 6;

    /** Bits of the counters {@code base} to {@code highest}; base is a multiple of 64. */
    private long[] words = new long[0];

    private long base;
    private long highest = -1;

    /** What a start's counter is to the window. */
    enum Place {
        /** Not seen yet. */
        NEW,
        /** Seen. */
        SEEN,
        /** Too far behind to say. */
        OLD,
        /** Too far ahead to be right. */
        JUMP,
        /** Negative. */
        IMPOSSIBLE
    }

    /** The highest counter seen, -1 before the first. */
    long highest() {
        return highest;
    }

    /** Where a counter lies. The very first start of a source may have any counter. */
    Place place(long counter) {
        if (counter < 0) {
            return Place.IMPOSSIBLE;
        }
        if (counter > highest) {
            return highest >= 0 && counter - highest > MAX_JUMP ? Place.JUMP : Place.NEW;
        }
        if (highest - counter >= LENGTH) {
            return Place.OLD;
        }
        return has(counter) ? Place.SEEN : Place.NEW;
    }

    /** Whether a start of this counter was seen, as far as the window can tell. */
    boolean contains(long counter) {
        return place(counter) == Place.SEEN;
    }

    private boolean has(long counter) {
        return counter >= base && (words[word(counter)] & bit(counter)) != 0;
    }

    /** Notes a counter that is {@link Place#NEW}. */
    void add(long counter) {
        if (highest < 0) {
            base = counter & -Long.SIZE;
            words = new long[1];
        }
        if (counter > highest) {
            highest = counter;
            forgetBelow(highest - LENGTH + 1);
        }
        reach(counter);
        words[word(counter)] |= bit(counter);
    }

    private void forgetBelow(long lowest) {
        long newBase = lowest & -Long.SIZE;
        if (newBase <= base) {
            return;
        }
        long passed = (newBase - base) >> WORD_BITS;
        words = passed >= words.length ? new long[1] : Arrays.copyOfRange(words, (int) passed, words.length);
        base = newBase;
    }

    private void reach(long counter) {
        if (counter < base) {
            long newBase = counter & -Long.SIZE;
            int more = (int) ((base - newBase) >> WORD_BITS);
            long[] grown = new long[words.length + more];
            System.arraycopy(words, 0, grown, more, words.length);
            words = grown;
            base = newBase;
        }
        int word = word(counter);
        if (word >= words.length) {
            words = Arrays.copyOf(words, Math.max(word + 1, Math.min(2 * words.length, LENGTH / Long.SIZE + 1)));
        }
    }

    private int word(long counter) {
        return (int) ((counter - base) >> WORD_BITS);
    }

    private static long bit(long counter) {
        return 1L << counter;
    }

    /** Memory that its bits take, bytes. */
    int memoryBytes() {
        return words.length * Long.BYTES;
    }

    /** Writes it: words in runs of equal ones, which most are. */
    void write(StateOutput out) throws IOException {
        out.writeLong(highest);
        if (highest < 0) {
            return;
        }
        out.writeLong(base);
        int used = word(highest) + 1;
        int from = 0;
        while (from < used) {
            int to = from + 1;
            while (to < used && words[to] == words[from]) {
                to++;
            }
            out.writeCount(to - from);
            out.writeLong(words[from]);
            from = to;
        }
    }

    /** Reads what {@link #write} wrote, into one that was just made. */
    void read(StateInput in) throws IOException {
        highest = in.readLong();
        if (highest < 0) {
            return;
        }
        base = in.readLong();
        long used = ((highest - base) >> WORD_BITS) + 1;
        if (base < 0 || base > highest || used > LENGTH / Long.SIZE + 1) {
            throw new IOException("stored state is damaged: a window from " + base + " to " + highest);
        }
        words = new long[(int) used];
        int from = 0;
        while (from < used) {
            int to = from + in.readCount();
            if (to <= from || to > used) {
                throw new IOException("stored state is damaged: a window with " + to + " of " + used + " words");
            }
            Arrays.fill(words, from, to, in.readLong());
            from = to;
        }
    }
}
