package io.edistream.generator.reasoner;

import io.edistream.generator.decode.TokenClassifier;
import io.edistream.generator.decode.Tokenizer;
import java.util.List;
import java.util.Set;

/**
 * The token classes of the shipped reasoners: digits of a result, digits of column arithmetic, all else. A digit is one
 * of a result if the last word before it is "together", or "=" outside of column work. Column work starts at "units",
 * "tens" or "hundreds" and ends at "together", "gives" or ".".
 */
public final class ResultDigits implements TokenClassifier {

    /** Any other token. */
    public static final int OTHER = 0;

    /** A digit of a result. */
    public static final int RESULT = 1;

    /** A digit of column work. */
    public static final int COLUMN = 2;

    private static final Set<String> COLUMN_STARTS = Set.of("units", "tens", "hundreds");
    private static final Set<String> COLUMN_ENDS = Set.of("together", "gives", ".");

    private final Tokenizer tokenizer;

    /**
     * @param tokenizer knows the words of ids
     */
    public ResultDigits(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    @Override
    public List<String> names() {
        return List.of("other", "result", "column");
    }

    @Override
    public Cursor start() {
        return new Reader();
    }

    private final class Reader implements Cursor {

        private boolean inColumns;
        private String lastWord = "";

        @Override
        public int next(int token) {
            String word = tokenizer.word(token);
            if (isDigit(word)) {
                return digitClass();
            }
            if (COLUMN_STARTS.contains(word)) {
                inColumns = true;
            } else if (COLUMN_ENDS.contains(word)) {
                inColumns = false;
            }
            lastWord = word;
            return OTHER;
        }

        private int digitClass() {
            if (lastWord.equals("together") || (lastWord.equals("=") && !inColumns)) {
                return RESULT;
            }
            return inColumns ? COLUMN : OTHER;
        }

        private static boolean isDigit(String word) {
            return word.length() == 1 && word.charAt(0) >= '0' && word.charAt(0) <= '9';
        }
    }
}
