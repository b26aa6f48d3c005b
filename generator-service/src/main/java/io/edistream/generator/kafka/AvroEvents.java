package io.edistream.generator.kafka;

import io.edistream.generator.event.EventOptions;
import io.edistream.generator.event.SequenceEnded;
import io.edistream.generator.event.SequenceStarted;
import io.edistream.generator.event.StepEvents;
import io.edistream.generator.sequence.Sampling;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.GeneratorId;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Label;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.RunText;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events as Avro records. The one place where it is decided what leaves the generator. */
final class AvroEvents {

    /** Who says whether an answer is right: the check that the caller gave with the request. */
    private static final String LABELLED_BY = "caller";

    private final GeneratorId generator;
    private final EventOptions options;

    AvroEvents(long generator, EventOptions options) {
        this.generator = Ids.generatorId(generator);
        this.options = options;
    }

    TokenEntropyBatch batch(StepEvents events, long recordNumber) {
        TokenEntropyBatch to = new TokenEntropyBatch();
        to.setGenerator(generator);
        to.setRecordNumber(recordNumber);
        to.setDecodedAtMicros(events.decodedAtMicros());
        to.setStarts(events.starts().stream().map(this::start).toList());
        to.setSamplingChanges(List.of());
        to.setRuns(events.runs().stream().map(AvroEvents::run).toList());
        new TokenColumns(events.runs(), options).writeTo(to);
        to.setTexts(texts(events.runs()));
        to.setFinishes(events.ends().stream().map(this::finish).toList());
        to.setLabels(List.of());
        return to;
    }

    private SequenceStart start(SequenceStarted from) {
        SequenceStart to = new SequenceStart();
        to.setSequence(from.sequence());
        to.setGroup(from.group());
        to.setModel(from.model());
        to.setRoute(from.route());
        to.setEngine(from.engine());
        to.setEntropyKind(kind(from.entropyKind()));
        to.setVocabularySize(from.vocabularySize());
        to.setPromptTokens(from.promptTokens());
        to.setPrefillTokens(0);
        to.setParent(from.parent());
        to.setForkToken(from.forkToken());
        to.setSampling(sampling(from.sampling()));
        to.setTokenClasses(from.tokenClasses());
        to.setPlannedSamples(from.plannedSamples());
        to.setStartedAtMicros(from.startedAtMicros());
        to.setRequest(from.request());
        to.setTraceContext(from.traceContext());
        to.setPrompt(options.promptText() ? from.prompt() : null);
        return to;
    }

    private static EntropyKind kind(io.edistream.generator.event.EntropyKind from) {
        return new EntropyKind(
                Distribution.valueOf(from.distribution().name()),
                Measurement.valueOf(from.measurement().name()),
                from.alternatives());
    }

    private static io.edistream.schemas.Sampling sampling(Sampling from) {
        return new io.edistream.schemas.Sampling(
                (float) from.temperature(),
                from.topK(),
                (float) from.topP(),
                (float) from.minP(),
                from.seed(),
                Map.of());
    }

    private static TokenRun run(io.edistream.generator.event.TokenRun from) {
        return new TokenRun(from.sequence(), from.firstToken(), from.tokens().size());
    }

    private List<RunText> texts(List<io.edistream.generator.event.TokenRun> runs) {
        List<RunText> texts = new ArrayList<>();
        for (int run = 0; options.runText() && run < runs.size(); run++) {
            String text = runs.get(run).text();
            if (text != null && !text.isEmpty()) {
                texts.add(new RunText(run, cut(text)));
            }
        }
        return texts;
    }

    /** At most as many characters as are allowed, and no half of a surrogate pair. */
    private String cut(String text) {
        int most = options.runTextCharacters();
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    private SequenceFinish finish(SequenceEnded from) {
        SequenceFinish to = new SequenceFinish();
        to.setSequence(from.sequence());
        to.setTokens(from.tokens());
        to.setReason(FinishReason.valueOf(from.reason().name()));
        to.setThinkingOpen(from.thinkingOpen());
        to.setTokensDelivered(from.delivery().delivered());
        to.setTokensHeldBack(from.delivery().heldBack());
        to.setTokensDiscarded(from.delivery().discarded());
        to.setFinishedAtMicros(from.finishedAtMicros());
        to.setAnswerClass(from.answerClass());
        to.setAnswer(options.answers() ? from.answer() : null);
        to.setLabel(label(from.correct()));
        to.setText(options.generatedText() ? from.text() : null);
        return to;
    }

    private static @Nullable Label label(@Nullable Boolean correct) {
        return correct == null ? null : new Label(correct, null, LABELLED_BY);
    }
}
