import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.ObjectMappers;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;

/** openai-java: reads a request a line, prints what it reads; see conversation.py. */
final class OpenAiJava {

    private static final JsonMapper MAPPER = ObjectMappers.jsonMapper();

    private OpenAiJava() {}

    public static void main(String[] arguments) throws IOException {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(arguments[0] + "/v1")
                .apiKey("none")
                .timeout(Duration.ofMinutes(1))
                .build();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode request = MAPPER.readTree(line);
            ObjectNode body = (ObjectNode) request.get("body");
            body.put("model", "smollm2");
            JsonNode streamed = body.remove("stream");
            ChatCompletionCreateParams asked = ChatCompletionCreateParams.builder()
                    .body(MAPPER.treeToValue(body, ChatCompletionCreateParams.Body.class))
                    .build();
            ArrayNode read = MAPPER.createArrayNode();
            if (streamed == null) {
                read.add(MAPPER.valueToTree(client.chat().completions().create(asked)));
            } else {
                boolean left = request.get("name").asText().equals("cancel");
                try (StreamResponse<ChatCompletionChunk> answer =
                        client.chat().completions().createStreaming(asked)) {
                    Iterator<ChatCompletionChunk> events = answer.stream().iterator();
                    while (events.hasNext() && !(left && read.size() == 3)) {
                        read.add(MAPPER.valueToTree(events.next()));
                    }
                }
            }
            System.out.println(MAPPER.writeValueAsString(read));
        }
    }
}
