package io.edistream.cli.score;

import java.util.OptionalDouble;

/** The values of one signal in wrong and in right answers, and how well they tell the two apart. */
final class Contrast {

    /** With fewer of a kind nothing is said: the error of an AUROC would be as large as what it could show. */
    static final int MIN_OF_A_KIND = 10;

    private final Numbers wrong = new Numbers();
    private final Numbers right = new Numbers();

    /** Takes in the value of one answer; NaN is none. */
    void add(boolean correct, double value) {
        if (!Double.isNaN(value)) {
            (correct ? right : wrong).add(value);
        }
    }

    int wrong() {
        return wrong.size();
    }

    int right() {
        return right.size();
    }

    /**
     * The area under the receiver operating characteristic for wrong answers: the chance that a wrong answer's value is
     * above a right one's, ties counted half.
     *
     * @return empty if there are fewer than {@value #MIN_OF_A_KIND} wrong or right answers
     */
    OptionalDouble auroc() {
        if (wrong.size() < MIN_OF_A_KIND || right.size() < MIN_OF_A_KIND) {
            return OptionalDouble.empty();
        }
        double[] below = right.sorted();
        double pairs = 0;
        int smaller = 0;
        int notLarger = 0;
        for (double value : wrong.sorted()) {
            while (smaller < below.length && below[smaller] < value) {
                smaller++;
            }
            while (notLarger < below.length && below[notLarger] <= value) {
                notLarger++;
            }
            // Those that are smaller, and half of those that are equal.
            pairs += (smaller + notLarger) / 2.0;
        }
        return OptionalDouble.of(pairs / wrong.size() / right.size());
    }
}
