package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Events of an engine's chat, and what they say. */
final class ChatEvents {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The head of a stream. */
    static final String STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** Two log-probabilities of a token, by its text. */
    static final String LISTS =
            "\"logprobs\":{\"content\":[{\"token\":\"%1$s\",\"bytes\":[97],\"logprob\":-0.5,\"top_logprobs\":["
                    + "{\"token\":\"%1$s\",\"bytes\":[97],\"logprob\":-0.5},{\"token\":\"z\",\"bytes\":[122],\"logprob\":-1.5}]}]}";

    private ChatEvents() {}

    static String event(int choice, String members) {
        return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":"
                + choice + "," + members + "}]}\n\n";
    }

    static String role(int choice) {
        return event(choice, "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null");
    }

    static String plain(int choice, String text) {
        return event(choice, "\"delta\":{\"content\":\"" + text + "\"},\"finish_reason\":null");
    }

    static String token(int choice, String text) {
        return event(
                choice,
                "\"delta\":{\"content\":\"" + text + "\"}," + LISTS.formatted(text) + ",\"finish_reason\":null");
    }

    static String finish(int choice, String why) {
        return event(choice, "\"delta\":{},\"finish_reason\":\"" + why + "\"");
    }

    static String usage(int prompt, int completion) {
        return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":"
                + "{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + completion + ",\"total_tokens\":"
                + (prompt + completion) + "}}\n\n";
    }

    static List<JsonNode> events(String stream) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String line : stream.split("\n")) {
            if (line.startsWith("data: {")) {
                events.add(MAPPER.readTree(line.substring("data: ".length())));
            }
        }
        return events;
    }

    /** The text that a choice of a stream has, of a chat or a completion. */
    static String text(String stream, int choice) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (JsonNode event : events(stream)) {
            for (JsonNode one : event.path("choices")) {
                if (one.path("index").asInt() == choice) {
                    text.writeBytes(one.at("/delta/content")
                            .asText(one.path("text").asText(""))
                            .getBytes(UTF_8));
                }
            }
        }
        return text.toString(UTF_8);
    }

    /** Tokens of the prompt and of the answer, wherever a stream tells them. */
    static List<List<Integer>> usages(String stream) throws IOException {
        return events(stream).stream()
                .filter(event -> event.hasNonNull("usage"))
                .map(event -> List.of(
                        event.at("/usage/prompt_tokens").asInt(),
                        event.at("/usage/completion_tokens").asInt()))
                .toList();
    }
}
