package io.edistream.cli.generate;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.GeneratedSequence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What callers were given where an answer went on with another sequence. */
final class WholeTexts {

    private final Map<Long, GeneratedSequence> byCounter = new HashMap<>();

    WholeTexts(List<GeneratedSequence> ended) {
        ended.forEach(sequence -> byCounter.put(sequence.counter(), sequence));
    }

    /** The whole text; null if the sequence goes on from none. */
    @Nullable
    String of(GeneratedSequence sequence) {
        return sequence.continues() == null ? null : upTo(sequence);
    }

    private String upTo(GeneratedSequence sequence) {
        Continuation continues = sequence.continues();
        if (continues == null || continues.method() == Continuation.Method.FROM_PROMPT) {
            return sequence.text();
        }
        GeneratedSequence before = byCounter.get(continues.sequence());
        return before == null ? sequence.text() : upTo(before) + sequence.text();
    }
}
