package io.edistream.cli;

import io.edistream.jobs.properties.EditDistance;
import java.util.Collection;

/** What somebody probably meant who typed a name that there is not. */
public final class Suggestion {

    private Suggestion() {}

    /** A question in brackets with a space before it; empty if no name is near. */
    public static String of(String typed, Collection<String> names) {
        String bare = typed.split("=", 2)[0];
        String nearest = names.stream()
                .min((one, other) ->
                        Integer.compare(EditDistance.between(bare, one), EditDistance.between(bare, other)))
                .orElse("");
        return EditDistance.between(bare, nearest) * 2 <= bareLength(nearest)
                ? " (did you mean '" + nearest + "'?)"
                : "";
    }

    /** Dashes at the beginning are no sign of likeness. */
    private static int bareLength(String name) {
        return name.replaceFirst("^-+", "").length();
    }
}
