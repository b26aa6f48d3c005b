package io.edistream.gateway.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.json.JsonBody;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** The body of a request that an engine in this process is to answer, and the model that it names. */
final class LocalBody {

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private LocalBody() {}

    /** There is no such model. */
    static final class UnknownModelException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private UnknownModelException(String message) {
            super(message);
        }
    }

    /**
     * Reads a body.
     *
     * @throws IllegalArgumentException if it is not one JSON object; the message repeats nothing of it
     */
    static JsonNode tree(byte[] body) {
        try {
            JsonBody unused = JsonBody.of(body);
            return MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the body has a number or a name that is too long", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("the body is not what is expected: " + e.getMessage(), e);
        }
    }

    /**
     * The model that a body names, or the only one there is.
     *
     * @throws UnknownModelException if there is no such model, or several where none is named
     */
    static EngineModel model(JsonNode body, List<EngineModel> models) {
        JsonNode named = body.path("model");
        if (!named.isTextual()) {
            if (models.size() == 1) {
                return models.get(0);
            }
            throw new UnknownModelException("the request names no model, and there are several: " + names(models));
        }
        return models.stream()
                .filter(model -> model.isCalled(named.textValue()))
                .findFirst()
                .orElseThrow(() -> new UnknownModelException("there is no such model, only " + names(models)));
    }

    private static String names(List<EngineModel> models) {
        return models.stream().map(EngineModel::name).collect(Collectors.joining(", "));
    }
}
