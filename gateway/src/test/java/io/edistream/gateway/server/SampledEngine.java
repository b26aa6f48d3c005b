package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What an engine is asked for by the samples of one request, by their numbers. */
final class SampledEngine implements AutoCloseable {

    /** The head of a stream behind which the connection is closed, so that each sample has one of its own. */
    static final String HEAD = ChatEvents.STREAM.replace("Transfer-Encoding", "Connection: close\r\nTransfer-Encoding");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final RawUpstream upstream;
    private final List<Asked> asked = new ArrayList<>();

    private record Asked(int sample, Peer peer, String head, JsonNode body) {}

    SampledEngine(RawUpstream upstream) {
        this.upstream = upstream;
    }

    /** Waits for the requests of so many more samples. */
    SampledEngine expect(int samples) throws IOException {
        for (int i = 0; i < samples; i++) {
            Peer peer = upstream.accept();
            String head = peer.readHead();
            int at = head.toLowerCase(java.util.Locale.ROOT).indexOf("x-request-id: ") + "x-request-id: ".length();
            String id = head.substring(at, head.indexOf("\r\n", at));
            int sample = id.matches("mine-\\d+") ? Integer.parseInt(id.substring("mine-".length())) : 0;
            asked.add(new Asked(sample, peer, head, MAPPER.readTree(peer.readBody(head))));
        }
        return this;
    }

    private Asked of(int sample) {
        // The latest, if it was asked for again.
        for (int i = asked.size() - 1; i >= 0; i--) {
            if (asked.get(i).sample == sample) {
                return asked.get(i);
            }
        }
        throw new IllegalStateException("nobody asked for sample " + sample);
    }

    String head(int sample) {
        return of(sample).head;
    }

    JsonNode body(int sample) {
        return of(sample).body;
    }

    Peer peer(int sample) {
        return of(sample).peer;
    }

    /** A sample's first token. */
    SampledEngine begin(int sample) throws IOException {
        return begin(sample, "so ", .1);
    }

    /**
     * @param logprob of the token, negated; the rest is another one's
     */
    SampledEngine begin(int sample, String text, double logprob) throws IOException {
        peer(sample).send(HEAD + Peer.chunk(ChatEvents.role(0)) + Peer.chunk(token(text, logprob)));
        return this;
    }

    /** The rest of a sample that has begun, up to its end. */
    SampledEngine finish(int sample, String text) throws IOException {
        peer(sample)
                .send(Peer.chunk(token(text, .1)) + Peer.chunk(ChatEvents.finish(0, "stop"))
                        + Peer.chunk(ChatEvents.usage(4, 2)) + Peer.chunk("data: [DONE]\n\n") + "0\r\n\r\n");
        return this;
    }

    /**
     * An event with a token.
     *
     * @param logprob of the token, negated; the rest is another one's
     */
    static String token(String text, double logprob) {
        double rest = Math.log(1 - Math.exp(-logprob));
        return ChatEvents.event(
                0,
                "\"delta\":{\"content\":\"" + text + "\"},\"logprobs\":{\"content\":[{\"token\":\"x\",\"bytes\":[97],"
                        + "\"logprob\":" + -logprob + ",\"top_logprobs\":[{\"token\":\"x\",\"bytes\":[97],\"logprob\":"
                        + -logprob + "},{\"token\":\"z\",\"bytes\":[122],\"logprob\":" + rest
                        + "}]}]},\"finish_reason\":null");
    }

    @Override
    public void close() throws IOException {
        for (Asked one : asked) {
            one.peer.close();
        }
    }
}
