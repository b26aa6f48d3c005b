package io.edistream.gateway.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What a JSON schema finds wrong with a configuration, for whoever wrote it: where, and what is allowed there. The value itself is never
 * said, since it may be a key.
 */
final class SchemaFaults {

    private static final String ROOT = "$";

    private final JsonNode schema;
    private final JsonSchema validator;

    /**
     * @param schema of draft 2020-12, with {@code examples} beside each {@code pattern}
     */
    SchemaFaults(JsonNode schema) {
        this.schema = schema;
        validator = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(
                        schema,
                        SchemaValidatorsConfig.builder()
                                .pathType(PathType.LEGACY)
                                .build());
    }

    /** One sentence for each fault, by the places; empty if there are none. */
    List<String> of(JsonNode tree) {
        return validator.validate(tree).stream()
                .sorted(Comparator.comparing((ValidationMessage fault) -> where(fault)))
                .map(this::said)
                .distinct()
                .toList();
    }

    private String said(ValidationMessage fault) {
        // The last part is the keyword that found it, those beside it say what else is allowed.
        JsonNode wanted =
                schema.at(fault.getSchemaLocation().getFragment().getParent().toString());
        return switch (fault.getType()) {
            case "additionalProperties" ->
                "there is no member " + fault.getProperty() + " in " + where(fault) + ": there may be "
                        + members(wanted, ", ");
            case "required" -> where(fault) + " needs the member " + fault.getProperty();
            default -> where(fault) + " must " + duty(fault, wanted);
        };
    }

    private static String duty(ValidationMessage fault, JsonNode wanted) {
        return switch (fault.getType()) {
            case "type" -> "be " + kind(wanted);
            case "enum" -> "be " + texts(wanted.get("enum"), " or ");
            case "const" -> "be " + wanted.get("const").asText();
            case "pattern" -> "look like " + texts(wanted.path("examples"), " or ");
            case "minimum", "exclusiveMinimum", "maximum" ->
                "be "
                        + (wanted.has("minimum")
                                ? "at least " + wanted.get("minimum").asText()
                                : "more than " + wanted.get("exclusiveMinimum").asText())
                        + " and at most " + wanted.get("maximum").asText();
            case "minLength", "maxLength" -> "have " + range(wanted, "Length") + " characters";
            case "minItems", "maxItems" -> "have " + range(wanted, "Items") + " entries";
            case "minProperties", "maxProperties" -> "have one member: " + members(wanted, " or ");
            default -> throw new IllegalStateException("the schema's " + fault.getType() + " has no words");
        };
    }

    private static String kind(JsonNode wanted) {
        return switch (wanted.get("type").asText()) {
            case "string" -> "a text";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            case "array" -> "a list";
            default -> "made of members, of which there may be " + members(wanted, ", ");
        };
    }

    private static String range(JsonNode wanted, String of) {
        JsonNode most = wanted.path("max" + of);
        JsonNode least = wanted.path("min" + of);
        if (most.isMissingNode()) {
            return least.asText() + " or more";
        }
        return least.isMissingNode() ? "at most " + most.asText() : least.asText() + " to " + most.asText();
    }

    private static String members(JsonNode wanted, String between) {
        return wanted.path("properties").properties().stream()
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(between));
    }

    private static String texts(JsonNode list, String between) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(between));
    }

    private static String where(ValidationMessage fault) {
        String path = fault.getInstanceLocation().toString();
        return path.equals(ROOT) ? "the configuration" : path.substring(ROOT.length() + 1);
    }
}
