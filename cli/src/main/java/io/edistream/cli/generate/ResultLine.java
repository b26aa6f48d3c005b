package io.edistream.cli.generate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.edistream.schemas.Ids;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.signals.groups.Votes;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One line of output: a sequence that has ended.
 *
 * @param id of the line that asked for it
 * @param sequence its id in all topics, as text
 * @param parent the sequence that it was branched from, left out for a sample
 * @param forkToken index of the first token that it does not share with its parent, left out for a sample
 * @param continues the sequence that it goes on from after a reroute, left out if there is none
 * @param continued what it was given of that one: by_ids, by_text or from_prompt
 * @param route that decoded it
 * @param model that decoded it
 * @param end why it ended
 * @param thinkingOpen whether the model had not begun to answer
 * @param promptTokens tokens of the prompt
 * @param tokens generated tokens, those shared with the parent included
 * @param forcedTokens how many of them a command forced, left out if none
 * @param text the generated text
 * @param wholeText what its caller was given, with the text of the sequences that it goes on from; left out if there is none
 * @param answer the answer in it, left out if there is none
 * @param answerClass number of the answer among those to the same prompt, from 0 by first appearance, left out if there is
 *     none: equal answers, equal class
 * @param correct whether that is the expected one, left out if nobody knows
 * @param agreement where a strategy decides about the samples: share of the votes that the leading answer has, in the lines of the
 *     sequences that gave it, left out in the others
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(Include.NON_NULL)
record ResultLine(
        JsonNode id,
        String sequence,
        @Nullable String parent,
        @Nullable Integer forkToken,
        @Nullable String continues,
        @Nullable String continued,
        String route,
        String model,
        String end,
        boolean thinkingOpen,
        int promptTokens,
        int tokens,
        @Nullable Integer forcedTokens,
        String text,
        @Nullable String wholeText,
        @Nullable String answer,
        @Nullable Integer answerClass,
        @Nullable Boolean correct,
        @Nullable Double agreement) {

    static ResultLine of(
            JsonNode id, long generator, GeneratedSequence ended, @Nullable String wholeText, @Nullable Votes votes) {
        Long parent = ended.parent();
        Continuation continues = ended.continues();
        int forced = (int) ended.tokens().stream().filter(DecodedToken::forced).count();
        return new ResultLine(
                id,
                Ids.text(generator, ended.counter()),
                parent == null ? null : Ids.text(generator, parent),
                ended.forkToken(),
                continues == null ? null : Ids.text(generator, continues.sequence()),
                continues == null ? null : continues.method().name().toLowerCase(Locale.ROOT),
                ended.route(),
                ended.model(),
                ended.reason().name(),
                ended.thinkingOpen(),
                ended.promptTokens().size(),
                ended.tokens().size(),
                forced == 0 ? null : (Integer) forced,
                ended.text(),
                wholeText,
                ended.answer(),
                ended.answerClass(),
                ended.correct(),
                votes != null && isLeading(ended, votes) ? (Double) votes.agreement() : null);
    }

    private static boolean isLeading(GeneratedSequence ended, Votes votes) {
        Integer answer = ended.answerClass();
        return answer != null && ended.reason().isNatural() && votes.leading().equals(OptionalInt.of(answer));
    }
}
