package io.edistream.jobs.properties;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Tells a property of security that Kafka would not understand. Kafka warns of an unknown property and goes on without it:
 * a mistyped {@code security.protocol} is a connection in plain text.
 *
 * <p>Other unknown properties are let through: interceptors, reporters of metrics, serializers and providers of
 * configuration, which somebody may plug in, find their own settings there.
 */
final class PropertyNames {

    private static final String PROVIDERS = "config.providers";
    private static final Set<String> KNOWN = ClientDefinitions.names();
    private static final Set<String> GUARDED = KNOWN.stream()
            .filter(name -> isOfSecurity(name) || name.equals(PROVIDERS))
            .collect(Collectors.toCollection(TreeSet::new));

    private PropertyNames() {}

    /**
     * Looks at all of them.
     *
     * @throws IllegalArgumentException if one is, or is near to, a property of security and no client knows it
     */
    static void check(Set<String> names) {
        names.stream().sorted().forEach(PropertyNames::check);
        // What somebody says of logins and certificates is meant; plain text is Kafka's default.
        if (!names.contains("security.protocol")) {
            names.stream()
                    .filter(PropertyNames::needsProtocol)
                    .sorted()
                    .findFirst()
                    .ifPresent(name -> {
                        throw new IllegalArgumentException(
                                "Kafka property '" + name
                                        + "': has no effect without security.protocol, which must be SASL_SSL, SASL_PLAINTEXT or SSL");
                    });
        }
    }

    private static void check(String name) {
        if (KNOWN.contains(name) || name.startsWith(PROVIDERS + ".")) {
            return;
        }
        Optional<String> meant = meant(name.toLowerCase(Locale.ROOT));
        if (meant.isPresent() || isOfSecurity(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("Kafka property '" + name + "': no client knows it"
                    + meant.map(known -> " (did you mean '" + known + "'?)").orElse("")
                    + "; it would be ignored, and the connection might be in plain text");
        }
    }

    private static boolean isOfSecurity(String name) {
        return name.startsWith("security.") || name.startsWith("sasl.") || name.startsWith("ssl.");
    }

    private static boolean needsProtocol(String name) {
        return name.startsWith("sasl.") || name.startsWith("ssl.");
    }

    /** A name that lacks its beginning, or has another one before it, is meant too. */
    private static Optional<String> meant(String typed) {
        Comparator<String> nearest = Comparator.comparingInt(known -> EditDistance.between(typed, known));
        return GUARDED.stream()
                .filter(known -> isNear(typed, known)
                        || typed.endsWith("." + known)
                        || (typed.contains(".") && typed.equals(withoutFirstWord(known))))
                .min(nearest);
    }

    private static String withoutFirstWord(String name) {
        return name.substring(name.indexOf('.') + 1);
    }

    /** One letter in four; between short names fewer, for others begin alike. */
    private static boolean isNear(String typed, String known) {
        return EditDistance.between(typed, known) <= Math.max(2, known.length() / 4)
                && (isOfSecurity(typed) || EditDistance.between(typed, known) <= 3);
    }
}
