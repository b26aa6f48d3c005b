package io.edistream.sequences.answers;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

/**
 * Numbers in texts, written in one way: without a dollar sign, without commas between thousands, with a hyphen for a minus, with a zero in
 * front of a leading point. Digits behind the point stay, so 12.0 is another answer than 12: evaluations of word problems compare
 * strings likewise (GSM8K in lm-evaluation-harness, which takes commas, dollar signs and a last point away). A percent sign, a unit,
 * the other half of a fraction and an exponent are no part of a number.
 */
final class Numbers {

    /** A sign, digits with commas, the point and what is behind it. A hyphen behind a letter or a digit is no sign. */
    static final Pattern NUMBER =
            Pattern.compile("(\\B[-−])?(?:\\\\?\\$([-−])?)?(?:([0-9]+(?:,[0-9]+)*)(\\.[0-9]+)?|(\\.[0-9]+))");

    private static final Pattern THOUSANDS = Pattern.compile("[0-9]{1,3}(?:,[0-9]{3})*|[0-9]+");

    private Numbers() {}

    /** The text in the one way if it is a number as a whole, the text itself if it is not. */
    static String normalized(String text) {
        Matcher number = NUMBER.matcher(text);
        return number.matches() && isOne(number) ? written(number) : text;
    }

    /** What {@link #NUMBER} has found, in the one way. Of digits with commas that are no thousands it is what follows the last comma. */
    static String written(Matcher number) {
        String point = number.group(5);
        if (point != null) {
            return sign(number) + "0" + point;
        }
        String behind = number.group(4) == null ? "" : number.group(4);
        String digits = number.group(3);
        return isOne(number)
                ? sign(number) + digits.replace(",", "") + behind
                : digits.substring(digits.lastIndexOf(',') + 1) + behind;
    }

    private static boolean isOne(Matcher number) {
        return number.group(3) == null || THOUSANDS.matches(number.group(3));
    }

    private static String sign(Matcher number) {
        return number.group(1) == null && number.group(2) == null ? "" : "-";
    }
}
