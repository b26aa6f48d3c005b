package io.edistream.console.exporter;

import io.edistream.console.SafeText;
import io.edistream.schemas.metrics.Metric;
import java.util.HashSet;
import java.util.Set;

/**
 * Values of a label that come from outside: harmless, short, and no more different ones than a bound. Whatever comes
 * beyond is {@link #OTHER}.
 */
final class Names {

    static final String OTHER = "other";

    /** Of what has no name. */
    static final String UNKNOWN = "unknown";

    /** The most characters; longer names end with an ellipsis. */
    static final int MAX_CHARACTERS = 128;

    private final int max;
    private final Set<String> known = new HashSet<>();

    Names(int max) {
        this.max = max;
    }

    /** The value to use for a name: itself made harmless, or {@link #OTHER}. */
    String of(String name) {
        String clean = clean(name);
        if (known.contains(clean)) {
            return clean;
        }
        if (known.size() == max) {
            return OTHER;
        }
        known.add(clean);
        return clean;
    }

    static String clean(String name) {
        if (name.isEmpty()) {
            return UNKNOWN;
        }
        int cut = name.offsetByCodePoints(0, Math.min(MAX_CHARACTERS, name.codePointCount(0, name.length())));
        return SafeText.forTerminal(cut == name.length() ? name : name.substring(0, cut) + "…");
    }

    /** A symbol of the contract as a label's value. */
    static String of(Enum<?> symbol) {
        return Metric.label(symbol.name());
    }
}
