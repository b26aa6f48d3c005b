package io.edistream.jobs.properties;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/** Properties for Kafka's clients, as somebody gives them in a file and on the command line. No message repeats a value. */
public final class ClientProperties {

    /** What Kafka's providers of configuration replace. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{[^}:]+:[^}]+}");

    private ClientProperties() {}

    /**
     * The properties of a file and of a command line, which wins. What refers to a secret, {@code ${file:...}}, stays so:
     * Kafka's clients resolve it where they are made.
     *
     * @param file a file of properties; null for none
     * @param typed {@code KEY=VALUE} each
     * @throws IllegalArgumentException if the file cannot be used, a property of security is unknown, Kafka does not take a
     *     value, or a secret is not where its property says
     */
    public static Map<String, String> of(@Nullable Path file, List<String> typed) {
        Map<String, String> properties = new LinkedHashMap<>(file == null ? Map.of() : PropertiesFile.read(file));
        for (String one : typed) {
            int equals = one.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("--kafka-property: must be KEY=VALUE");
            }
            properties.put(one.substring(0, equals).strip(), one.substring(equals + 1));
        }
        PropertyNames.check(properties.keySet());
        checkValues(properties);
        return properties;
    }

    /** Before any client does, since that one would repeat the value. */
    private static void checkValues(Map<String, String> properties) {
        Map<String, String> resolved;
        try {
            resolved = ResolvedProperties.of(properties);
        } catch (ConfigException e) {
            throw new IllegalArgumentException("Kafka properties: " + e.getMessage());
        }
        resolved.forEach((name, value) -> {
            if (REFERENCE.matcher(value).find()) {
                throw new IllegalArgumentException("Kafka property '" + name
                        + "': holds a ${...} that is not resolved; config.providers must name its provider, and a file"
                        + " must have the key and be one that the provider may read");
            }
        });
        for (ConfigDef definition : ClientDefinitions.ALL) {
            for (ConfigValue checked : definition.validate(resolved)) {
                String value = resolved.get(checked.name());
                if (value != null && !checked.errorMessages().isEmpty()) {
                    throw new IllegalArgumentException("Kafka property '" + checked.name() + "': its value is refused: "
                            + reason(checked.errorMessages().get(0), checked.name(), value));
                }
            }
        }
    }

    private static String reason(String message, String name, String value) {
        String before = "Invalid value " + value + " for configuration " + name;
        String reason = message.startsWith(before) ? message.substring(before.length()) : message;
        String bare = reason.replaceFirst("^: ", "");
        return bare.isEmpty() ? "not of the type that it must have" : SecretMask.hide(bare, value);
    }
}
