package io.edistream.gateway.reading;

import java.util.Arrays;

/**
 * The lists of log-probabilities of one event, in columns that are used again for the next: tokens that were drawn, and for
 * each the tokens that are listed beside it.
 */
final class LogprobLists {

    /** Tokens for which room is kept from one event to the next. */
    private static final int KEPT = 4096;

    private Tokens drawn = new Tokens();
    private Tokens listed = new Tokens();
    private int[] from = new int[4];
    private int[] to = new int[4];

    /** Forgets all; one long event must not keep its memory for the rest of the stream. */
    void clear() {
        drawn = drawn.emptied();
        listed = listed.emptied();
        if (from.length > KEPT) {
            from = new int[4];
            to = new int[4];
        }
    }

    Tokens drawn() {
        return drawn;
    }

    Tokens listed() {
        return listed;
    }

    /** Forgets the drawn tokens from one on. */
    void cut(int size) {
        drawn.size = size;
    }

    /** Makes room for one more drawn token, of which nothing is known yet. */
    int add() {
        int entry = drawn.add();
        if (entry >= from.length) {
            from = Arrays.copyOf(from, 2 * entry);
            to = Arrays.copyOf(to, 2 * entry);
        }
        list(entry, 0, 0);
        return entry;
    }

    /** Says which of the listed tokens stand beside a drawn one. */
    void list(int entry, int first, int end) {
        from[entry] = first;
        to[entry] = end;
    }

    int from(int entry) {
        return from[entry];
    }

    int to(int entry) {
        return to[entry];
    }

    /** Tokens with what tells them apart. Texts are kept as hashes. */
    static final class Tokens {

        private int size;
        private int[] ids = new int[32];
        private long[] texts = new long[32];
        private long[] bytes = new long[32];
        private double[] logprobs = new double[32];

        /** Whether several tokens may have the text: it is empty, or holds a character that stands for broken ones. */
        private boolean[] vague = new boolean[32];

        private Tokens emptied() {
            size = 0;
            return ids.length > KEPT ? new Tokens() : this;
        }

        int size() {
            return size;
        }

        int add() {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, 2 * size);
                texts = Arrays.copyOf(texts, 2 * size);
                bytes = Arrays.copyOf(bytes, 2 * size);
                logprobs = Arrays.copyOf(logprobs, 2 * size);
                vague = Arrays.copyOf(vague, 2 * size);
            }
            ids[size] = -1;
            texts[size] = 0;
            bytes[size] = 0;
            logprobs[size] = Double.NaN;
            vague[size] = true;
            return size++;
        }

        void id(int token, int id) {
            ids[token] = id;
        }

        /** -1 if unknown. */
        int id(int token) {
            return ids[token];
        }

        void text(int token, char[] characters, int offset, int length) {
            long hash = 1;
            boolean broken = length == 0;
            for (int i = offset; i < offset + length; i++) {
                hash = mix(hash, characters[i]);
                broken |= characters[i] == '\uFFFD';
            }
            texts[token] = hash;
            vague[token] = broken;
        }

        /** 0 stands for none, so that no bytes may have it. */
        void bytes(int token, long hash) {
            bytes[token] = hash == 0 ? 1 : hash;
        }

        void logprob(int token, double logprob) {
            logprobs[token] = logprob;
        }

        /** NaN if there is none. */
        double logprob(int token) {
            return logprobs[token];
        }

        boolean isVague(int token) {
            return vague[token];
        }

        /** Whether what stands there of two tokens is of one. Texts of one id may differ. */
        boolean isSame(int token, Tokens others, int other) {
            if (ids[token] >= 0 && others.ids[other] >= 0) {
                return ids[token] == others.ids[other];
            }
            return texts[token] == others.texts[other]
                    && (bytes[token] == 0 || others.bytes[other] == 0 || bytes[token] == others.bytes[other]);
        }

        /** The same for what is listed twice; without ids, two with one text and unlike values are two tokens. */
        long key(int token) {
            return ids[token] >= 0
                    ? mix(2, ids[token])
                    : mix(mix(texts[token], bytes[token]), Double.doubleToLongBits(logprobs[token]));
        }

        static long mix(long hash, long value) {
            long mixed = (hash ^ value) * 0x9E3779B97F4A7C15L + 0x632BE59BD9B4E019L;
            return mixed ^ (mixed >>> 29);
        }
    }
}
