package io.edistream.cli.demo;

import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.signals.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes the columns of a record apart. Shares no code with the job, whose scores are checked by it. */
final class RecordedRuns {

    private RecordedRuns() {}

    /** Is told of a run. */
    @FunctionalInterface
    interface Consumer {

        /**
         * Takes it.
         *
         * @param firstToken index of its first token in the sequence
         * @param text what its tokens added to the text, empty if the source does not say
         */
        void accept(long sequence, int firstToken, List<Token> tokens, String text);
    }

    static void forEach(TokenEntropyBatch record, Consumer consumer) {
        Map<Integer, Integer> classes = new HashMap<>();
        for (TokenClass entry : record.getTokenClasses()) {
            classes.put(entry.getPlace(), entry.getTokenClass());
        }
        Map<Integer, String> texts = new HashMap<>();
        record.getTexts().forEach(text -> texts.put(text.getRun(), text.getText()));
        int place = 0;
        int index = 0;
        for (TokenRun run : record.getRuns()) {
            List<Token> tokens = new ArrayList<>();
            for (int end = place + run.getTokens(); place < end; place++) {
                tokens.add(new Token(
                        value(record.getEntropies(), place),
                        value(record.getUpperBounds(), place),
                        value(record.getLogprobs(), place),
                        value(record.getConfidences(), place),
                        classes.getOrDefault(place, 0)));
            }
            consumer.accept(run.getSequence(), run.getFirstToken(), tokens, texts.getOrDefault(index++, ""));
        }
    }

    /** An empty column was measured by nobody. */
    private static double value(List<Float> column, int place) {
        return column.isEmpty() ? Token.UNMEASURED : column.get(place);
    }
}
