package io.edistream.jobs.properties;

import java.util.Arrays;

/** How far two names are from each other. */
public final class EditDistance {

    private EditDistance() {}

    /** Letters that must be inserted, deleted or replaced to make one of the other (Levenshtein). */
    public static int between(String one, String other) {
        int[] above = new int[other.length() + 1];
        Arrays.setAll(above, column -> column);
        for (int row = 1; row <= one.length(); row++) {
            int[] line = new int[other.length() + 1];
            line[0] = row;
            for (int column = 1; column <= other.length(); column++) {
                int replaced = above[column - 1] + (one.charAt(row - 1) == other.charAt(column - 1) ? 0 : 1);
                line[column] = Math.min(replaced, 1 + Math.min(above[column], line[column - 1]));
            }
            above = line;
        }
        return above[other.length()];
    }
}
