package io.edistream.gateway.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.config.Upstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether upstreams whose tokenizers have one name cut a text into the same tokens. */
public final class TokenizerCheck {

    /** Words, numbers, blanks, several scripts and a character of several tokens. */
    private static final String TEXT = "Ein Satz, 12345 words\n\tund  日本語 😀 naïve def f(x): return x**2";

    private TokenizerCheck() {}

    /** A finding for each name that several upstreams have. */
    public static List<Finding> of(List<Upstream> upstreams) throws InterruptedException {
        Map<String, List<Upstream>> named = new LinkedHashMap<>();
        for (Upstream upstream : upstreams) {
            if (upstream.tokenizer() != null && upstream.kind().takesIds()) {
                named.computeIfAbsent(upstream.tokenizer(), none -> new ArrayList<>())
                        .add(upstream);
            }
        }
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<String, List<Upstream>> one : named.entrySet()) {
            if (one.getValue().size() > 1) {
                findings.add(compare(one.getKey(), one.getValue()));
            }
        }
        return findings;
    }

    private static Finding compare(String name, List<Upstream> upstreams) throws InterruptedException {
        List<String> all = upstreams.stream().map(Upstream::name).toList();
        JsonNode first = null;
        for (Upstream upstream : upstreams) {
            JsonNode tokens;
            try {
                tokens = ContinuationCheck.tokens(upstream, TEXT);
            } catch (IOException e) {
                return Finding.wrong(name, upstream.name() + " cannot be asked: " + e.getMessage());
            }
            if (first == null) {
                first = tokens;
            } else if (tokens.isEmpty() || !tokens.equals(first)) {
                return Finding.wrong(
                        name,
                        "a text has other ids at " + upstream.name() + " than at " + all.get(0)
                                + ": they need different names (tokenizer)");
            }
        }
        return Finding.of(name, "a text has the same ids at " + String.join(", ", all));
    }
}
