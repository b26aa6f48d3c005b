package io.edistream.generator.kafka;

import io.edistream.generator.event.EventOptions;
import io.edistream.generator.event.SequenceEnded;
import io.edistream.generator.event.SequenceStarted;
import io.edistream.generator.event.StepEvents;
import io.edistream.generator.sequence.DecodedToken;
import io.edistream.generator.sequence.Sampling;
import io.edistream.generator.sequence.TokenStats;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.GeneratorId;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Token;
import io.edistream.schemas.TokenDetail;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import java.util.List;

/** Events as Avro records. The one place where it is decided what leaves the generator. */
final class AvroEvents {

    private static final int NO_TOKEN_ID = -1;

    private final GeneratorId generator;
    private final EventOptions options;

    AvroEvents(long generator, EventOptions options) {
        this.generator = Ids.generatorId(generator);
        this.options = options;
    }

    TokenEntropyBatch batch(StepEvents events, long recordNumber) {
        return new TokenEntropyBatch(
                generator,
                recordNumber,
                events.decodedAtMicros(),
                events.starts().stream().map(this::start).toList(),
                events.runs().stream().map(AvroEvents::run).toList(),
                details(events),
                events.ends().stream().map(this::finish).toList());
    }

    private SequenceStart start(SequenceStarted from) {
        Sampling sampling = from.sampling();
        SequenceStart to = new SequenceStart();
        to.setSequence(from.sequence());
        to.setGroup(from.group());
        to.setModel(from.model());
        to.setRoute(from.route());
        to.setEntropyKind(EntropyKind.valueOf(from.entropyKind().name()));
        to.setVocabularySize(from.vocabularySize());
        to.setPromptTokens(from.promptTokens());
        to.setParent(from.parent());
        to.setForkToken(from.forkToken());
        to.setTemperature((float) sampling.temperature());
        to.setTopK(sampling.topK());
        to.setTopP((float) sampling.topP());
        to.setMinP((float) sampling.minP());
        to.setSeed(sampling.seed());
        to.setTokenClasses(from.tokenClasses());
        to.setRequest(from.request());
        to.setPrompt(options.promptText() ? from.prompt() : null);
        return to;
    }

    private static TokenRun run(io.edistream.generator.event.TokenRun from) {
        return new TokenRun(
                from.sequence(),
                from.firstToken(),
                from.tokens().stream().map(AvroEvents::token).toList());
    }

    private static Token token(DecodedToken from) {
        TokenStats stats = from.stats();
        return new Token(stats.entropyNats(), stats.logProbability(), stats.confidence(), from.tokenClass());
    }

    private List<TokenDetail> details(StepEvents events) {
        if (!options.details() && !options.tokenIds()) {
            return List.of();
        }
        return events.runs().stream()
                .flatMap(run -> run.tokens().stream())
                .map(this::detail)
                .toList();
    }

    private TokenDetail detail(DecodedToken from) {
        TokenStats stats = from.stats();
        return new TokenDetail(stats.selfCertainty(), stats.varentropy(), options.tokenIds() ? from.id() : NO_TOKEN_ID);
    }

    private SequenceFinish finish(SequenceEnded from) {
        SequenceFinish to = new SequenceFinish();
        to.setSequence(from.sequence());
        to.setTokens(from.tokens());
        to.setReason(FinishReason.valueOf(from.reason().name()));
        to.setAnswer(options.answers() ? from.answer() : null);
        to.setCorrect(from.correct());
        to.setText(options.generatedText() ? from.text() : null);
        return to;
    }
}
