package io.edistream.gateway.reading;

import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.Phase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of an answer so far, however it comes. Used by one thread. */
final class Answer {

    /** Choices that are read. Of one with a higher index the bytes pass. */
    static final int MAX_CHOICES = 128;

    /** Tokens that an engine may have decoded and not shown at the end; a larger number cannot be believed. */
    static final int MAX_MISSING = 1 << 20;

    private final ReadingOptions options;
    private final Endpoint endpoint;
    private final String before;
    private final ChunkParser parser = new ChunkParser();
    private final TokenMeter meter;
    private final @Nullable ChoiceTokens[] choices = new ChoiceTokens[MAX_CHOICES];
    private String id = "";
    private int known;
    private boolean failed;

    /** Tokens of all choices, as the engine counts them; -1 if it has not said. */
    private int total = -1;

    /**
     * @param endpoint which one its client asked
     * @param before its text before what is read here
     */
    Answer(ReadingOptions options, Endpoint endpoint, String before) {
        this.options = options;
        this.endpoint = endpoint;
        this.before = before;
        meter = new TokenMeter(options, parser.lists());
    }

    /** @throws IOException if it is not one JSON object in UTF-8; then nothing has changed */
    Chunk parse(byte[] bytes, int from, int to) throws IOException {
        return parser.parse(bytes, from, to);
    }

    /**
     * Takes in what was parsed last.
     *
     * @param whole whether it is the whole answer
     */
    List<ChoicePassage> take(Chunk chunk, boolean whole) {
        failed |= chunk.error != null;
        id = id.isEmpty() ? chunk.id : id;
        List<ChoicePassage> passages = new ArrayList<>(chunk.choices.size());
        for (Chunk.Choice part : chunk.choices) {
            if (part.index < 0 || part.index >= MAX_CHOICES) {
                part.isFirstRole = part.hasRole;
                continue;
            }
            ChoiceTokens choice = choice(part.index);
            part.isFirstRole = part.hasRole && choice.takeRole();
            // A finish is the last word: what comes behind it, on whichever side the fault is, are no tokens.
            if (!choice.isFinished()) {
                boolean alone = !whole && chunk.choices.size() == 1;
                passages.add(choice.take(part, alone ? counted(chunk) : -1, meter));
            }
        }
        if (whole || chunk.choices.isEmpty() || known == 1) {
            int completion = chunk.usage == null ? -1 : chunk.usage.completionTokens();
            total = Math.max(total, Math.max(completion, known == 1 ? chunk.predicted : -1));
        }
        return passages;
    }

    /** What the engine calls it; empty if it did not say. */
    String id() {
        return id;
    }

    /** What a choice is at. */
    Phase phase(int index) {
        ChoiceTokens choice = choices[index];
        return choice == null ? Phase.UNKNOWN : choice.phase();
    }

    /** Whether the engine forces the end of a choice's reasoning. */
    void forcesEndOfReasoning(int index, boolean forces) {
        choice(index).forcesEndOfReasoning(forces);
    }

    Ending end() {
        int position = 0;
        int last = -1;
        boolean finished = known > 0;
        for (int index = 0; index < MAX_CHOICES; index++) {
            ChoiceTokens choice = choices[index];
            if (choice != null) {
                position += choice.position();
                finished &= choice.isFinished();
                last = index;
            }
        }
        Ending.Outcome outcome =
                failed ? Ending.Outcome.ERROR : finished ? Ending.Outcome.COMPLETE : Ending.Outcome.CUT;
        int missing = total - position;
        if (known == 0 || missing <= 0 || missing > MAX_MISSING) {
            return new Ending(outcome, Map.of(), 0);
        }
        return known == 1 ? new Ending(outcome, Map.of(last, missing), 0) : new Ending(outcome, Map.of(), missing);
    }

    private ChoiceTokens choice(int index) {
        ChoiceTokens choice = choices[index];
        if (choice == null) {
            choice = new ChoiceTokens(index, options, endpoint, before);
            choices[index] = choice;
            known++;
        }
        return choice;
    }

    /** Tokens so far of the only choice of an event; -1 if the engine does not say. */
    private int counted(Chunk chunk) {
        if (chunk.predicted >= 0) {
            return chunk.predicted;
        }
        boolean each =
                switch (options.kind()) {
                    case VLLM, LLAMACPP -> true;
                    case SGLANG, LMDEPLOY, OPENAI, GENERIC -> known == 1;
                };
        return each && chunk.usage != null ? chunk.usage.completionTokens() : -1;
    }
}
