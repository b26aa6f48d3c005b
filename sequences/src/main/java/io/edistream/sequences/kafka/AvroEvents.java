package io.edistream.sequences.kafka;

import io.edistream.schemas.Continuation;
import io.edistream.schemas.ContinuationCause;
import io.edistream.schemas.ContinuationMethod;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.GeneratorId;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Label;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.RunText;
import io.edistream.schemas.SamplingChange;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.event.Cut;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.SamplingChanged;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Events as Avro records. The one place where it is decided what leaves the generator. */
final class AvroEvents {

    /** Who says whether an answer is right: the check that the caller gave with the request. */
    private static final String LABELLED_BY = "caller";

    /** Bytes of a record, of a run, of a change and of a start or an end without tokens and text, about. */
    private static final int FRAME_BYTES = 64;

    private static final int RUN_BYTES = 12;
    private static final int CHANGE_BYTES = 48;
    private static final int LIFECYCLE_BYTES = 160;

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
        to.setSamplingChanges(events.changes().stream().map(AvroEvents::change).toList());
        to.setRuns(events.runs().stream().map(AvroEvents::run).toList());
        new TokenColumns(events.runs(), options).writeTo(to);
        to.setTexts(texts(events.runs()));
        to.setFinishes(events.ends().stream().map(this::finish).toList());
        to.setLabels(List.of());
        return to;
    }

    /** The same without prompts, texts and answers that may not be sent, so that none of them is kept for nothing. */
    StepEvents permitted(StepEvents events) {
        if (events.starts().isEmpty() && events.ends().isEmpty()) {
            return events;
        }
        return new StepEvents(
                events.decodedAtMicros(),
                events.starts().stream()
                        .map(start -> options.promptText() ? start : start.withoutPrompt())
                        .toList(),
                events.changes(),
                events.runs(),
                events.ends().stream().map(this::permitted).toList());
    }

    private SequenceEnded permitted(SequenceEnded end) {
        SequenceEnded withAnswer = options.answers() ? end : end.withoutAnswer();
        return options.generatedText() ? withAnswer : withAnswer.withoutText();
    }

    /**
     * One start or end without the largest text that it would be sent with.
     *
     * @param events nothing but that start or end
     * @return empty if it is sent without any text anyway
     */
    Optional<StepEvents> lighter(StepEvents events) {
        for (SequenceStarted start : events.starts()) {
            if (options.promptText() && start.prompt() != null) {
                return Optional.of(lifecycle(events, List.of(start.withoutPrompt()), List.of()));
            }
        }
        for (SequenceEnded end : events.ends()) {
            if (options.generatedText() && end.text() != null) {
                return Optional.of(lifecycle(events, List.of(), List.of(end.withoutText())));
            }
            if (options.answers() && end.answer() != null) {
                return Optional.of(lifecycle(events, List.of(), List.of(end.withoutAnswer())));
            }
        }
        return Optional.empty();
    }

    private static StepEvents lifecycle(StepEvents from, List<SequenceStarted> starts, List<SequenceEnded> ends) {
        return new StepEvents(from.decodedAtMicros(), starts, List.of(), ends);
    }

    /** What the events will take as a record, bytes, about: text is taken for ASCII. */
    long bytesAbout(StepEvents events) {
        long bytes = FRAME_BYTES;
        for (SequenceStarted start : events.starts()) {
            bytes += LIFECYCLE_BYTES + (options.promptText() ? length(start.prompt()) : 0);
        }
        bytes += (long) CHANGE_BYTES * events.changes().size();
        for (io.edistream.sequences.event.TokenRun run : events.runs()) {
            bytes += RUN_BYTES + TokenColumns.bytesAbout(run.tokens(), options);
            bytes += Math.min(options.runTextCharacters(), length(run.text()));
        }
        for (SequenceEnded end : events.ends()) {
            bytes += LIFECYCLE_BYTES
                    + (options.generatedText() ? length(end.text()) : 0)
                    + (options.answers() ? length(end.answer()) : 0);
        }
        return bytes;
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
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
        to.setContinues(continuation(from.continues()));
        to.setSampling(sampling(from.sampling()));
        to.setTokenClasses(from.tokenClasses());
        to.setPlannedSamples(from.plannedSamples());
        to.setStartedAtMicros(from.startedAtMicros());
        to.setRequest(from.request());
        to.setTraceContext(from.traceContext());
        to.setPrompt(options.promptText() ? from.prompt() : null);
        return to;
    }

    private static @Nullable Continuation continuation(io.edistream.sequences.@Nullable Continuation from) {
        return from == null
                ? null
                : new Continuation(
                        from.sequence(),
                        ContinuationCause.valueOf(from.cause().name()),
                        ContinuationMethod.valueOf(from.method().name()),
                        from.sharedTokens());
    }

    private static SamplingChange change(SamplingChanged from) {
        return new SamplingChange(from.sequence(), from.fromToken(), sampling(ToldSampling.of(from.sampling())));
    }

    private static EntropyKind kind(io.edistream.sequences.event.EntropyKind from) {
        return new EntropyKind(
                Distribution.valueOf(from.distribution().name()),
                Measurement.valueOf(from.measurement().name()),
                from.alternatives());
    }

    private static io.edistream.schemas.Sampling sampling(ToldSampling from) {
        return new io.edistream.schemas.Sampling(
                single(from.temperature()),
                from.topK(),
                single(from.topP()),
                single(from.minP()),
                from.seed(),
                from.further());
    }

    private static @Nullable Float single(@Nullable Double value) {
        return value == null ? null : (Float) value.floatValue();
    }

    private static TokenRun run(io.edistream.sequences.event.TokenRun from) {
        return new TokenRun(from.sequence(), from.firstToken(), from.tokens().size());
    }

    private List<RunText> texts(List<io.edistream.sequences.event.TokenRun> runs) {
        List<RunText> texts = new ArrayList<>();
        for (int run = 0; options.runText() && run < runs.size(); run++) {
            String text = runs.get(run).text();
            if (text != null && !text.isEmpty()) {
                texts.add(new RunText(run, Cut.at(options.runTextCharacters(), text)));
            }
        }
        return texts;
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
