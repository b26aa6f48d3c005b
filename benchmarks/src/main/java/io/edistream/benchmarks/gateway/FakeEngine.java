package io.edistream.benchmarks.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.http.EventLoop;
import io.edistream.http.ListenAddress;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;

/**
 * An engine that decodes nothing, in a process of its own: it streams chunks of a chat in llama.cpp's shape, one token each, at the rate
 * that the request's first message asks for, with lists of 20 log-probabilities where they are asked for. Each text is the time at which
 * it was written, so that whoever reads it knows how old it is. A last message of the assistant's is what it goes on with, and repeats in
 * front of its first token.
 */
final class FakeEngine {

    /** Written before the port, when it listens. */
    static final String READY = "engine: ";

    /** Written before a stream's name and the time, microseconds since 1970, when the stream was closed before its end. */
    static final String CLOSED = "closed: ";

    static final int ALTERNATIVES = 20;

    private static final int VARIANTS = 64;
    private static final double LISTED_MASS = 0.99;
    private static final String PREFIX =
            "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\"";

    /** Every token is a word. */
    private static final String BETWEEN_WORDS = " ";

    private static final String IDS = "\"created\":1795625435,\"id\":\"chatcmpl-jsmc0poXOI4K2BAaJ6Wl0YkZy6d0xGeA\","
            + "\"model\":\"m\",\"system_fingerprint\":\"b0-unknown\",\"object\":\"chat.completion.chunk\"";
    private static final String TIMINGS = ",\"timings\":{\"cache_n\":0,\"prompt_n\":36,\"prompt_ms\":55.63,"
            + "\"prompt_per_token_ms\":1.54,\"prompt_per_second\":647.1,\"predicted_n\":6,\"predicted_ms\":159.6,"
            + "\"predicted_per_token_ms\":31.92,\"predicted_per_second\":31.32}";

    private final Vertx vertx;
    private final ObjectMapper mapper = new ObjectMapper();
    private final byte[][] lists = new byte[VARIANTS][];
    private int opened;

    private FakeEngine(Vertx vertx) {
        this.vertx = vertx;
        Random random = new Random(1);
        for (int i = 0; i < VARIANTS; i++) {
            lists[i] = list(random).getBytes(ISO_8859_1);
        }
    }

    /** Log-probabilities of 20 tokens, the most probable first, which is the one that was drawn; others are left one hundredth. */
    private static String list(Random random) {
        double[] logits = new double[ALTERNATIVES];
        double sum = 0;
        for (int i = 0; i < ALTERNATIVES; i++) {
            logits[i] = i == 0 ? 0 : logits[i - 1] - random.nextDouble();
            sum += Math.exp(logits[i]);
        }
        StringBuilder alternatives = new StringBuilder();
        String drawn = "";
        for (int i = 0; i < ALTERNATIVES; i++) {
            StringBuilder text = new StringBuilder(" ");
            StringBuilder bytes = new StringBuilder("32");
            for (int letter = 2 + random.nextInt(6); letter > 0; letter--) {
                char next = (char) ('a' + random.nextInt(26));
                text.append(next);
                bytes.append(',').append((int) next);
            }
            // A number in front keeps two of them from being the same.
            String entry = "\"id\":" + (i * 2000 + random.nextInt(2000)) + ",\"token\":\"" + text + "\",\"bytes\":["
                    + bytes + "],\"logprob\":" + (logits[i] + Math.log(LISTED_MASS / sum));
            drawn = drawn.isEmpty() ? entry : drawn;
            alternatives.append(i == 0 ? "{" : ",{").append(entry).append('}');
        }
        return "\"},\"logprobs\":{\"content\":[{" + drawn + ",\"top_logprobs\":[" + alternatives + "]}]}}],";
    }

    private void answer(HttpServerRequest request) {
        request.response().exceptionHandler(failure -> {});
        request.body().onSuccess(body -> {
            try {
                stream(mapper.readTree(body.getBytes()), request.response());
            } catch (IOException | IllegalArgumentException e) {
                request.response().setStatusCode(400).end(String.valueOf(e.getMessage()));
            }
        });
    }

    private void stream(JsonNode asked, HttpServerResponse to) {
        JsonNode messages = asked.path("messages");
        Wish wish = Wish.parse(messages.path(0).path("content").asText());
        JsonNode last = messages.path(messages.size() - 1);
        String begun = last.path("role").asText().equals("assistant")
                ? last.path("content").asText()
                : "";
        boolean withLists = asked.path("logprobs").asBoolean();
        byte[] rest = ((withLists ? "" : "\"}}],") + IDS
                        + (asked.path("timings_per_token").asBoolean() ? TIMINGS : "") + "}\n\n")
                .getBytes(ISO_8859_1);
        to.setChunked(true);
        to.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
        int[] written = new int[1];
        // Streams do not all decode in the same millisecond.
        long first = 1 + (opened++ * 7919L) % wish.periodMillis();
        long timer = vertx.setPeriodic(first, wish.periodMillis(), tick -> {
            if (to.ended() || to.closed()) {
                vertx.cancelTimer(tick);
            } else if (written[0] == wish.tokens()) {
                vertx.cancelTimer(tick);
                to.write("data: {\"choices\":[{\"finish_reason\":\"length\",\"index\":0,\"delta\":{}}]," + IDS
                        + "}\n\n");
                to.end("data: [DONE]\n\n");
            } else if (!to.writeQueueFull()) {
                Buffer event = Buffer.buffer(4096)
                        .appendString(PREFIX)
                        .appendString(written[0] == 0 ? begun : "")
                        .appendString(BETWEEN_WORDS)
                        .appendString(Stamp.now());
                if (withLists) {
                    event.appendBytes(lists[written[0] % VARIANTS]);
                }
                to.write(event.appendBytes(rest));
                written[0]++;
            }
        });
        to.closeHandler(gone -> {
            vertx.cancelTimer(timer);
            if (!to.ended()) {
                System.out.println(CLOSED + wish.name() + ' ' + Stamp.micros());
            }
        });
    }

    /**
     * What the message of a request asks for.
     *
     * @param name the stream's
     * @param periodMillis between two tokens
     * @param tokens until it ends by itself
     */
    record Wish(String name, long periodMillis, int tokens) {

        static Wish parse(String text) {
            String[] words = text.split(" ", -1);
            if (words.length != 3) {
                throw new IllegalArgumentException("'" + text + "': want a name, milliseconds per token and tokens");
            }
            return new Wish(words[0], Long.parseLong(words[1]), Integer.parseInt(words[2]));
        }

        String text() {
            return name + ' ' + periodMillis + ' ' + tokens;
        }
    }

    /** What runs in the process, until whoever started it is gone. Needs no arguments. */
    public static void main(String[] arguments) throws IOException {
        Vertx vertx = EventLoop.start(1, true);
        FakeEngine engine = new FakeEngine(vertx);
        HttpServer server = vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(4096));
        server.requestHandler(engine::answer);
        System.out.println(READY
                + EventLoop.listen(server, new ListenAddress("127.0.0.1", 0)).port());
        // Ends with the pipe from the process that started this one.
        System.in.transferTo(OutputStream.nullOutputStream());
    }
}
