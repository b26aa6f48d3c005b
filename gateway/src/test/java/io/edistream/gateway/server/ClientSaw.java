package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a client reads of its answer, as OpenAI's clients do. */
final class ClientSaw {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final List<JsonNode> events = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final List<String> finishes = new ArrayList<>();
    private final List<JsonNode> notices = new ArrayList<>();
    private final List<JsonNode> usages = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private @Nullable JsonNode error;
    private boolean whole;
    private boolean done;
    private int status;

    /**
     * @param bytes all that came until its connection was closed
     */
    static ClientSaw of(byte[] bytes) {
        ClientSaw saw = new ClientSaw();
        try {
            saw.read(bytes);
        } catch (IOException e) {
            saw.faults.add("it cannot be read: " + e);
        }
        return saw;
    }

    private void read(byte[] bytes) throws IOException {
        String raw = new String(bytes, ISO_8859_1);
        int end = raw.indexOf("\r\n\r\n");
        if (end < 0) {
            return;
        }
        String head = raw.substring(0, end).toLowerCase(Locale.ROOT);
        status = Integer.parseInt(head.substring(9, 12));
        byte[] body = raw.substring(end + 4).getBytes(ISO_8859_1);
        if (head.contains("transfer-encoding: chunked")) {
            body = joined(body);
        } else {
            int at = head.indexOf("content-length: ") + "content-length: ".length();
            int to = head.indexOf("\r\n", at);
            whole = body.length == Integer.parseInt(head.substring(at, to < 0 ? head.length() : to));
        }
        if (head.contains("text/event-stream")) {
            readStream(new String(body, UTF_8));
        } else if (whole) {
            readBody(MAPPER.readTree(body));
        }
    }

    private byte[] joined(byte[] chunked) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = 0;
        while (at < chunked.length) {
            int line = at;
            while (line < chunked.length && chunked[line] != '\n') {
                line++;
            }
            if (line == chunked.length) {
                break;
            }
            int length = Integer.parseInt(new String(chunked, at, line - at, ISO_8859_1).strip(), 16);
            if (length == 0) {
                whole = true;
                break;
            }
            body.write(chunked, line + 1, Math.min(length, chunked.length - line - 1));
            at = line + 1 + length + 2;
        }
        return body.toByteArray();
    }

    private void readStream(String stream) throws IOException {
        for (String event : stream.split("\n\n")) {
            if (event.isEmpty() || event.startsWith(":")) {
                continue;
            }
            if (done) {
                faults.add("behind [DONE] comes " + event);
            }
            if (!event.startsWith("data: ")) {
                faults.add("no event: " + event);
            } else if (event.equals("data: [DONE]")) {
                done = true;
            } else {
                event(MAPPER.readTree(event.substring("data: ".length())));
            }
        }
    }

    private void event(JsonNode event) {
        events.add(event);
        if (error != null) {
            faults.add("behind the error comes " + event);
        }
        if (event.has("error")) {
            error = event.get("error");
            return;
        }
        if (event.hasNonNull("usage")) {
            usages.add(event.get("usage"));
        }
        if (event.has("edistream")) {
            notices.add(event.get("edistream"));
        }
        for (JsonNode choice : event.path("choices")) {
            if (!finishes.isEmpty()) {
                faults.add("behind the finish comes " + event);
            }
            text.append(
                    choice.has("delta")
                            ? choice.at("/delta/content").asText("")
                            : choice.path("text").asText(""));
            if (choice.hasNonNull("finish_reason")) {
                finishes.add(choice.get("finish_reason").asText());
            }
        }
    }

    private void readBody(JsonNode body) {
        events.add(body);
        if (body.has("error")) {
            error = body.get("error");
            return;
        }
        done = true;
        if (body.hasNonNull("usage")) {
            usages.add(body.get("usage"));
        }
        body.at("/edistream/rerouted").forEach(notices::add);
        body.at("/edistream/concluded").forEach(notices::add);
        body.at("/edistream/ended").forEach(notices::add);
        JsonNode choice = body.at("/choices/0");
        if (body.path("choices").size() != 1) {
            faults.add("not one choice: " + body);
        }
        text.append(
                choice.has("message")
                        ? choice.at("/message/content").asText("")
                        : choice.path("text").asText(""));
        if (choice.hasNonNull("finish_reason")) {
            finishes.add(choice.get("finish_reason").asText());
        }
    }

    /** 0 if there was none. */
    int status() {
        return status;
    }

    /** Its events, or the body in one piece. */
    List<JsonNode> events() {
        return events;
    }

    String text() {
        return text.toString();
    }

    List<String> finishes() {
        return finishes;
    }

    /** What the answer says of commands. */
    List<JsonNode> notices(String action) {
        return notices.stream()
                .filter(notice -> notice.path("action").asText().equals(action))
                .toList();
    }

    List<JsonNode> usages() {
        return usages;
    }

    @Nullable
    JsonNode error() {
        return error;
    }

    /** Whether the transfer came to its proper end. */
    boolean isWhole() {
        return whole;
    }

    /** Whether it said that it is done. */
    boolean isDone() {
        return done;
    }

    /** What no client can read. */
    List<String> faults() {
        return faults;
    }

    @Override
    public String toString() {
        return "status " + status + (whole ? ", whole: " : ", cut: ") + events;
    }
}
