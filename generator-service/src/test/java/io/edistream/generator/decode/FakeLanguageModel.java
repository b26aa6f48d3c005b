package io.edistream.generator.decode;

import io.edistream.sequences.Alternative;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A model without a net: the next token's distribution is a hash of all tokens before it. It reads them only from its
 * paged cache, through the rows' blocks, so a wrong block, a missing copy or a stale slot changes what it says.
 */
public final class FakeLanguageModel implements LanguageModel {

    /** Id of the token that ends a sequence. */
    public static final int END = 0;

    private static final int EMPTY = -1;

    private final ModelInfo info;
    private final double endLogit;
    private final int[] slots;
    private final List<Integer> rowsPerStep = new ArrayList<>();
    private volatile Runnable beforeStep = () -> {};
    private Consumer<List<StepRow>> onRows = rows -> {};
    private boolean failing;
    private Predicate<StepRow> poisonous = row -> false;
    private int failures;
    private int tokensRead;
    private int badRow = -1;
    private UnaryOperator<TokenStats> badly = UnaryOperator.identity();
    private int copiesBeforeFailure = Integer.MAX_VALUE;
    private WorkingBytes workingBytes = (rows, tokens, blocks) -> 0;
    private boolean closed;

    /** What a step allocates. */
    public interface WorkingBytes {

        /** As {@link LanguageModel#workingBytes}. */
        long of(int rows, int tokens, int blocks);
    }

    public FakeLanguageModel(ModelInfo info, double endLogit) {
        this.info = info;
        this.endLogit = endLogit;
        this.slots = new int[info.blocks() * info.blockSize()];
        Arrays.fill(slots, EMPTY);
    }

    /** 40 words, 200 positions, blocks of 4 tokens; ends after some 40 tokens at temperature 1. */
    public static FakeLanguageModel withBlocks(int blocks) {
        return new FakeLanguageModel(new ModelInfo("fake", 40, 200, END, 4, blocks), 0.5);
    }

    /** As {@link #withBlocks}, but never ends by itself. */
    public static FakeLanguageModel endlessWithBlocks(int blocks) {
        return new FakeLanguageModel(new ModelInfo("fake", 40, 200, END, 4, blocks), -1000);
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Drawn> step(List<StepRow> rows) {
        beforeStep.run();
        if (failing || rows.stream().anyMatch(poisonous)) {
            failures++;
            throw new IllegalStateException("told to fail");
        }
        rowsPerStep.add(rows.size());
        onRows.accept(rows);
        rows.forEach(this::write);
        List<Drawn> drawn = new ArrayList<>(rows.stream().map(this::draw).toList());
        if (badRow >= 0) {
            drawn.set(badRow, new Drawn(badly.apply(drawn.get(badRow).stats()), List.of()));
            badRow = -1;
        }
        return drawn;
    }

    @Override
    public long workingBytes(int rows, int tokens, int blocks) {
        return workingBytes.of(rows, tokens, blocks);
    }

    @Override
    public void copyBlock(int source, int destination) {
        if (copiesBeforeFailure-- == 0) {
            throw new IllegalStateException("told to fail");
        }
        int size = info.blockSize();
        System.arraycopy(slots, source * size, slots, destination * size, size);
    }

    @Override
    public void close() {
        closed = true;
    }

    /** From now on every step fails, or none. */
    public void failing(boolean value) {
        failing = value;
    }

    /** From now on every call fails that has such a row. */
    public void failingFor(Predicate<StepRow> rows) {
        poisonous = rows;
    }

    /** From now on a step allocates so much. */
    public void workingBytes(WorkingBytes bytes) {
        workingBytes = bytes;
    }

    /** Calls that failed so far. */
    public int failures() {
        return failures;
    }

    /** In the next step one row writes a value that is not finite to the cache and has this for a result. */
    public void badRow(int row, UnaryOperator<TokenStats> result) {
        badRow = row;
        badly = result;
    }

    /** Runs before every step, on the thread that decodes. */
    public void beforeStep(Runnable action) {
        beforeStep = action;
    }

    /** Sees the rows of every step. */
    public void onRows(Consumer<List<StepRow>> observer) {
        onRows = observer;
    }

    /** So many blocks can be copied, then one copy fails. */
    public void failingAfterCopies(int copies) {
        copiesBeforeFailure = copies;
    }

    public boolean isClosed() {
        return closed;
    }

    /** Rows of every step so far. */
    public List<Integer> rowsPerStep() {
        return List.copyOf(rowsPerStep);
    }

    /** Tokens that were read into the cache so far. */
    public int tokensRead() {
        return tokensRead;
    }

    private void write(StepRow row) {
        tokensRead += row.tokens().size();
        for (int i = 0; i < row.tokens().size(); i++) {
            slots[slot(row, row.firstPosition() + i)] = row.tokens().get(i);
        }
    }

    private int slot(StepRow row, int position) {
        int block = row.blocks().get(position / info.blockSize());
        if (block < 1) {
            throw new IllegalStateException("a sequence writes to the scratch block");
        }
        return block * info.blockSize() + position % info.blockSize();
    }

    private Drawn draw(StepRow row) {
        double[] p = softmax(logits(contextHash(row)), 1);
        List<Integer> order = IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(token -> -p[token]))
                .toList();
        int rank = row.forcedRank() >= 0 ? row.forcedRank() : sampledRank(row, order);
        if (row.forcedToken() >= 0) {
            rank = order.indexOf(row.forcedToken());
        }
        int token = order.get(rank);
        double entropy = Arrays.stream(p).map(x -> -x * Math.log(x)).sum();
        return new Drawn(
                new TokenStats(token, (float) entropy, (float) Math.log(p[token]), 1, 2, 3, rank),
                order.subList(0, row.alternatives()).stream()
                        .map(one -> new Alternative(one, (float) Math.log(p[one])))
                        .toList());
    }

    private long contextHash(StepRow row) {
        long hash = 17;
        for (int position = 0; position < row.firstPosition() + row.tokens().size(); position++) {
            int token = slots[slot(row, position)];
            if (token == EMPTY) {
                throw new IllegalStateException("position " + position + " was never written");
            }
            hash = mixed(hash * 31 + token);
        }
        return hash;
    }

    private double[] logits(long hash) {
        double[] logits = new double[info.vocabularySize()];
        for (int token = 0; token < logits.length; token++) {
            logits[token] = (mixed(hash + token) >>> 40) * 0x1.0p-24 * 6;
        }
        logits[END] = logits[END] / 6 + endLogit;
        return logits;
    }

    private int sampledRank(StepRow row, List<Integer> order) {
        Sampling sampling = row.sampling();
        if (sampling.temperature() == 0) {
            return 0;
        }
        double[] p = softmax(logits(contextHash(row)), sampling.temperature());
        double left = row.uniform();
        for (int rank = 0; rank < p.length; rank++) {
            left -= p[order.get(rank)];
            if (left < 0) {
                return rank;
            }
        }
        return p.length - 1;
    }

    private static double[] softmax(double[] logits, double temperature) {
        double largest = Arrays.stream(logits).max().orElseThrow();
        double[] weights = Arrays.stream(logits)
                .map(logit -> Math.exp((logit - largest) / temperature))
                .toArray();
        double sum = Arrays.stream(weights).sum();
        // Never quite 0, so that the entropy's logarithm exists.
        return Arrays.stream(weights).map(w -> Math.max(w / sum, 1e-300)).toArray();
    }

    private static long mixed(long value) {
        long z = value * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 32)) * 0xD6E8FEB86659FD93L;
        return z ^ (z >>> 29);
    }
}
