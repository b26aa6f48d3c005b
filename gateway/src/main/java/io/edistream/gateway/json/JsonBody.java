package io.edistream.gateway.json;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request's body that is one JSON object: what its members say, and the same with others. */
public final class JsonBody {

    private static final String MODEL = "model";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final byte[] bytes;
    private final JsonSpans members;

    private JsonBody(byte[] bytes, JsonSpans members) {
        this.bytes = bytes;
        this.members = members;
    }

    /**
     * Reads a body.
     *
     * @throws IOException if it is not a JSON object
     */
    public static JsonBody of(byte[] bytes) throws IOException {
        return new JsonBody(bytes, JsonSpans.of(bytes));
    }

    /** The value of a member; null if there is none or it is null. */
    public @Nullable JsonNode value(String name) {
        JsonSpans.Member member = members.member(name).orElse(null);
        if (member == null || member.type() == JsonToken.VALUE_NULL) {
            return null;
        }
        try {
            return MAPPER.readTree(bytes, member.valueFrom(), member.to() - member.valueFrom());
        } catch (IOException e) {
            // Its syntax was read before; what is left is a number without bounds.
            return null;
        }
    }

    /** Names of all members. */
    public Set<String> names() {
        return members.members().stream().map(JsonSpans.Member::name).collect(Collectors.toSet());
    }

    /** The name of the model that is asked for; null if there is none. */
    public @Nullable String model() {
        JsonNode model = value(MODEL);
        return model != null && model.isTextual() ? model.asText() : null;
    }

    /** The bytes with another name of the model; the same ones if it has that name, or none is given. */
    public byte[] naming(@Nullable String model) {
        return changed(Set.of(), Map.of(), model);
    }

    /**
     * The bytes with other members; the same ones if nothing is to change.
     *
     * @param cut names of members to take out; where all of them are null and nothing else changes, they stay
     * @param values by name, as JSON
     * @param model the name of the model; null to leave it
     */
    public byte[] changed(Set<String> cut, Map<String, String> values, @Nullable String model) {
        Map<String, String> all = new LinkedHashMap<>(values);
        if (model != null && !model.equals(model())) {
            all.put(MODEL, MAPPER.getNodeFactory().textNode(model).toString());
        }
        return all.isEmpty() && cut.stream().allMatch(name -> value(name) == null)
                ? bytes
                : new JsonEdit(bytes).change(members, cut, all).bytes();
    }
}
