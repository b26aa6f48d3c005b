package io.edistream.cli;

import java.util.Arrays;
import java.util.Collection;

/** What somebody probably meant who typed a name that there is not. */
public final class Suggestion {

    private Suggestion() {}

    /** A question in brackets with a space before it; empty if no name is near. */
    public static String of(String typed, Collection<String> names) {
        String bare = typed.split("=", 2)[0];
        String nearest = names.stream()
                .min((one, other) -> Integer.compare(distance(bare, one), distance(bare, other)))
                .orElse("");
        return distance(bare, nearest) * 2 <= bareLength(nearest) ? " (did you mean '" + nearest + "'?)" : "";
    }

    /** Dashes at the beginning are no sign of likeness. */
    private static int bareLength(String name) {
        return name.replaceFirst("^-+", "").length();
    }

    /** Letters that must be inserted, deleted or replaced to make one of the other. */
    private static int distance(String one, String other) {
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
