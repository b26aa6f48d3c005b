package io.edistream.jobs.properties;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;

/**
 * Takes secrets out of what Kafka's clients say: values that Kafka itself hides, what a provider of configuration put in,
 * and every word of either. Words below three characters stay.
 */
public final class SecretMask {

    private static final String MASK = "***";
    private static final int MIN_SECRET = 3;

    /** What is no secret in a login module's line: its class, its flag, and the names of its options. */
    private static final String PLAIN_WORD = "\\S+LoginModule|required|requisite|sufficient|optional";

    private final Set<String> secrets =
            new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    private SecretMask() {}

    /** For what a client with these properties says. */
    public static SecretMask of(Map<String, String> properties) {
        SecretMask mask = new SecretMask();
        mask.addSecrets(properties);
        try {
            Map<String, String> resolved = ResolvedProperties.of(properties);
            resolved.keySet()
                    .removeIf(name -> !ClientDefinitions.isSecret(name)
                            && resolved.get(name).equals(properties.get(name)));
            resolved.values().forEach(mask::add);
        } catch (ConfigException e) {
            // Then there is nothing that a client could have put in.
        }
        return mask;
    }

    /** The text without the secrets. */
    public String hide(String text) {
        String hidden = text;
        for (String secret : secrets) {
            hidden = hidden.replace(secret, MASK);
        }
        return hidden;
    }

    /** The text without one value. */
    static String hide(String text, String value) {
        SecretMask mask = new SecretMask();
        mask.secrets.add(value);
        return value.length() < MIN_SECRET ? text : mask.hide(text);
    }

    private void addSecrets(Map<String, String> properties) {
        properties.forEach((name, value) -> {
            if (ClientDefinitions.isSecret(name)) {
                add(value);
            }
        });
    }

    private void add(String value) {
        secrets.add(value);
        for (String word : value.split("\\w+=|[\\s\"';,]+")) {
            if (!word.matches(PLAIN_WORD)) {
                secrets.add(word);
            }
        }
        secrets.removeIf(secret -> secret.length() < MIN_SECRET);
    }
}
