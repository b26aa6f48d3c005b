package io.edistream.cli.serve;

import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.engine.EnginePrompt;
import io.edistream.gateway.engine.EngineRequest;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.engine.TokenText;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Prompt;
import io.edistream.generator.decode.Route;
import io.edistream.generator.decode.StepRow;
import io.edistream.schemas.Ids;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.event.EntropyKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The generator as the gateway's engine. */
final class GeneratorEngine implements TokenEngine {

    private final GeneratorService generator;
    private final long id;
    private final int defaultMaxTokens;
    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final Map<String, TokenTexts> texts = new LinkedHashMap<>();
    private final List<EngineModel> models;

    /**
     * @param id of the generator
     * @param defaultMaxTokens most tokens of answers to requests that do not say, as far as their prompts leave room; at least 1
     * @throws IllegalArgumentException if {@code defaultMaxTokens} is below 1
     */
    GeneratorEngine(GeneratorService generator, long id, int defaultMaxTokens) {
        GenerationRequest.requireMaxNewTokens(defaultMaxTokens);
        this.generator = generator;
        this.id = id;
        this.defaultMaxTokens = defaultMaxTokens;
        for (Route route : generator.routes()) {
            routes.put(route.name(), route);
            texts.put(route.name(), new TokenTexts(route.tokenizer()));
        }
        models = routes.values().stream().map(this::model).toList();
    }

    /** What has the default route is asked for by its model's own name, unless another route is called so. */
    private EngineModel model(Route route) {
        String own = route.model().info().name();
        boolean byModel = route.name().equals(GenerationRequest.DEFAULT_ROUTE) && !routes.containsKey(own);
        return new EngineModel(
                byModel ? own : route.name(),
                byModel ? Set.of(route.name()) : Set.of(),
                route.name(),
                EntropyKind.RAW_EXACT,
                StepRow.MAX_ALTERNATIVES);
    }

    @Override
    public List<EngineModel> models() {
        return models;
    }

    @Override
    public boolean isReady() {
        return generator.isDecoding();
    }

    @Override
    public List<GenerationHandle> submit(EngineRequest request, TokenListener listener) {
        Prompt prompt = prompt(request.prompt());
        Integer asked = request.maxTokens();
        GenerationRequest wanted = GenerationRequest.of(prompt)
                .onRoute(request.route())
                .withSampling(request.sampling())
                .withMaxNewTokens(asked == null ? roomBehind(prompt, request.route()) : asked)
                .stoppedBy(request.stop())
                .withAlternatives(request.alternatives());
        if (request.name() != null) {
            wanted = wanted.named(request.name());
        }
        if (request.traceContext() != null) {
            wanted = wanted.inTrace(request.traceContext());
        }
        return generator.submit(wanted, request.choices(), listener);
    }

    /** Tokens for an answer to a request that does not say: never so many that its prompt is refused because of them. */
    private int roomBehind(Prompt prompt, String route) {
        Route on = routes.get(route);
        if (on == null) {
            return defaultMaxTokens;
        }
        int left =
                on.model().info().maxPositions() - on.prompts().encode(prompt).size();
        return Math.max(1, Math.min(defaultMaxTokens, left));
    }

    private static Prompt prompt(EnginePrompt prompt) {
        if (prompt instanceof EnginePrompt.Text text) {
            return new Prompt.Text(text.text());
        }
        if (prompt instanceof EnginePrompt.Tokens tokens) {
            return new Prompt.Tokens(tokens.ids());
        }
        return new Prompt.Messages(((EnginePrompt.Conversation) prompt)
                .messages().stream().map(GeneratorEngine::message).toList());
    }

    private static ChatMessage message(EnginePrompt.Message message) {
        return new ChatMessage(ChatMessage.Role.valueOf(message.role().name()), message.text());
    }

    @Override
    public TokenText text(String route, int token) {
        TokenTexts of = texts.get(route);
        if (of == null) {
            throw new IllegalArgumentException("no route " + route + "; there is " + texts.keySet());
        }
        return of.of(token);
    }

    @Override
    public String sequenceName(long sequence) {
        return Ids.text(id, sequence);
    }
}
