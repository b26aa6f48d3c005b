package io.edistream.signals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;

/** Sequences of tokens for tests. */
public final class Sequences {

    private Sequences() {}

    /** Tokens of which only the entropies are known. */
    public static List<Token> ofEntropies(double... entropies) {
        return DoubleStream.of(entropies).mapToObj(Token::ofEntropy).toList();
    }

    /**
     * A sequence like a reasoner's: mostly confident tokens, some forks, tokens of classes 0 to 2. All values have 32-bit
     * precision, as events carry them.
     */
    public static List<Token> random(long seed, int tokens) {
        Random random = new Random(seed);
        List<Token> sequence = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            float entropy = random.nextInt(4) == 0 ? random.nextFloat() * 4 : random.nextFloat() * 0.1f;
            sequence.add(new Token(
                    entropy,
                    Token.UNMEASURED,
                    -random.nextFloat() * 3,
                    random.nextFloat() * 20 + 3,
                    random.nextInt(3)));
        }
        return sequence;
    }

    /**
     * The same with upper bounds, and with holes: of every value about {@code unmeasured} are missing, each by itself, and
     * of as many tokens all values.
     *
     * @param unmeasured share of what is missing, 0 to 1
     */
    public static List<Token> withHoles(long seed, int tokens, double unmeasured) {
        Random random = new Random(seed);
        List<Token> sequence = new ArrayList<>();
        for (Token token : random(seed, tokens)) {
            boolean nothing = random.nextDouble() < unmeasured;
            double entropy = hole(random, nothing, unmeasured, token.entropyNats());
            double upper = Double.isNaN(entropy) ? entropy : (float) (entropy + random.nextFloat());
            sequence.add(new Token(
                    entropy,
                    hole(random, nothing, unmeasured, upper),
                    hole(random, nothing, unmeasured, token.logprob()),
                    hole(random, nothing, unmeasured, token.confidence()),
                    token.tokenClass()));
        }
        return sequence;
    }

    private static double hole(Random random, boolean nothing, double unmeasured, double value) {
        return nothing || random.nextDouble() < unmeasured ? Token.UNMEASURED : value;
    }
}
