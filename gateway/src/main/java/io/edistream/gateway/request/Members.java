package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Members of a JSON object by their types; what is null is not there. What is wrong is said without repeating what people wrote. */
final class Members {

    private final JsonNode object;

    Members(JsonNode object) {
        this.object = object;
    }

    /** The value; null if there is none. */
    @Nullable
    JsonNode value(String name) {
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String name) {
        return value(name) != null;
    }

    /** The members of an object that is one of these. */
    static Members object(String name, JsonNode value) {
        if (!value.isObject()) {
            throw wrong(name, "an object", value);
        }
        return new Members(value);
    }

    boolean flag(String name) {
        JsonNode value = value(name);
        if (value != null && !value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return value != null && value.booleanValue();
    }

    double number(String name, double missing) {
        JsonNode value = value(name);
        return value == null ? missing : finite(name, value);
    }

    static double finite(String name, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(name, "a finite number", value);
        }
        return value.doubleValue();
    }

    int integer(String name, int missing, int least, int most) {
        JsonNode value = value(name);
        if (value == null) {
            return missing;
        }
        if (!isWhole(value) || !value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
            throw wrong(
                    name,
                    most == Integer.MAX_VALUE
                            ? "a whole number of at least " + least + " and below 2^31"
                            : "a whole number from " + least + " to " + most,
                    value);
        }
        return value.intValue();
    }

    /** The whole number; null if there is none. */
    @Nullable
    Long whole(String name) {
        JsonNode value = value(name);
        if (value != null && (!isWhole(value) || !value.canConvertToLong())) {
            throw wrong(name, "a whole number below 2^63", value);
        }
        return value == null ? null : (Long) value.longValue();
    }

    private static boolean isWhole(JsonNode value) {
        return value.isIntegralNumber();
    }

    /** A text or a list of texts; none if it is missing. */
    List<String> texts(String name) {
        JsonNode value = value(name);
        List<String> texts = new ArrayList<>();
        if (value != null) {
            if (!value.isTextual() && !value.isArray()) {
                throw wrong(name, "a text or a list of texts", value);
            }
            for (JsonNode one : value.isTextual() ? List.of(value) : value) {
                if (!one.isTextual()) {
                    throw wrong(name, "a text or a list of texts", one);
                }
                texts.add(one.textValue());
            }
        }
        return texts;
    }

    static IllegalArgumentException wrong(String name, String allowed, JsonNode found) {
        return new IllegalArgumentException(
                name + " must be " + allowed + ", not " + (found.isNumber() ? shortened(found.asText()) : kind(found)));
    }

    private static String shortened(String number) {
        return number.length() > 24 ? number.substring(0, 24) + "..." : number;
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> value.asText();
            case NULL -> "null";
            case STRING -> "a text";
            default -> "an object";
        };
    }
}
