package io.edistream.gateway.reading;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.DecodedToken;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that was read of one stream. */
final class Reading {

    static final Additions ALL = new Additions(20, true, true, true, false, false);

    final List<Passage> passages = new ArrayList<>();
    final Map<Integer, List<DecodedToken>> tokens = new TreeMap<>();
    final Map<Integer, String> texts = new TreeMap<>();
    final Map<Integer, String> reasonings = new TreeMap<>();
    final Map<Integer, String> finishes = new TreeMap<>();
    final Ending ending;
    final byte[] forwarded;
    final int unread;

    Reading(ReadingOptions options, List<ServerSentEvent> events) {
        StreamReader reader = new StreamReader(options);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (ServerSentEvent event : events) {
            Passage passage = reader.read(event);
            passages.add(passage);
            if (passage.bytes() != null) {
                bytes.writeBytes(passage.bytes());
            }
            passage.choices().forEach(this::add);
        }
        ending = reader.end();
        unread = reader.unread();
        forwarded = bytes.toByteArray();
    }

    /** Reads events that are written as their data. */
    static Reading of(ReadingOptions options, String... data) {
        StringBuilder stream = new StringBuilder();
        for (String each : data) {
            stream.append("data: ").append(each).append("\n\n");
        }
        return new Reading(options, Fixtures.events(stream.toString().getBytes(UTF_8)));
    }

    static ReadingOptions options(UpstreamKind kind, Additions additions) {
        return new ReadingOptions(kind, Endpoint.CHAT, additions, 20, 32000, null);
    }

    private void add(ChoicePassage choice) {
        List<DecodedToken> known = tokens.computeIfAbsent(choice.index(), index -> new ArrayList<>());
        if (choice.firstToken() != known.size()) {
            throw new AssertionError("token " + choice.firstToken() + " after " + known.size());
        }
        known.addAll(choice.tokens());
        texts.merge(choice.index(), choice.text(), String::concat);
        reasonings.merge(choice.index(), choice.reasoning(), String::concat);
        if (choice.finish() != null && finishes.put(choice.index(), choice.finish()) != null) {
            throw new AssertionError("two finishes");
        }
    }

    String text() {
        return new String(forwarded, UTF_8);
    }
}
