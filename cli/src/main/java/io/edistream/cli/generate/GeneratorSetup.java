package io.edistream.cli.generate;

import io.edistream.cli.KafkaConnection;
import io.edistream.cli.UserError;
import io.edistream.generator.GeneratorOptions;
import io.edistream.generator.GeneratorParts;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.Route;
import io.edistream.generator.torch.FolderRoutes;
import io.edistream.generator.torch.ModelFolderException;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaLink;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Everything that a generator is made of, checked, before any of it is started.
 *
 * @param kafka where it publishes
 * @param folders model folder of each route, by name
 * @param torch how the models run
 * @param decode limits of the decode loop
 * @param events what may leave it
 */
public record GeneratorSetup(
        KafkaOptions kafka, Map<String, Path> folders, TorchOptions torch, DecodeOptions decode, EventOptions events) {

    /**
     * Loads the models and starts the generator.
     *
     * @param id random, never used before
     * @param say takes what was loaded, a sentence for each route
     * @throws UserError if a model or a Kafka property is wrong; nothing stays open
     */
    public GeneratorService start(long id, PrometheusRegistry registry, Consumer<String> say) {
        GeneratorMetrics metrics = new GeneratorMetrics(registry);
        MicrosClock clock = MicrosClock.system();
        List<Route> routes = routes();
        routes.forEach(route ->
                say.accept("route " + route.name() + ": " + route.model().summary()));
        KafkaLink link;
        try {
            link = KafkaConnection.open(kafka, events, id, metrics, clock);
        } catch (UserError e) {
            routes.forEach(Route::close);
            throw e;
        }
        return GeneratorService.start(
                new GeneratorParts(routes, link.events(), link.commands(), link.outcomes(), metrics, clock),
                new GeneratorOptions(decode, ControlOptions.defaults()));
    }

    /**
     * Says which limit holds if the cache has room for fewer sequences than may be decoded at a time.
     *
     * @param newTokens that a sequence has usually, its prompt not counted
     */
    public Optional<String> cacheWarning(int newTokens) {
        int sequences = torch.sequencesOf(newTokens);
        return sequences >= decode.maxLiveSequences()
                ? Optional.empty()
                : Optional.of("the cache holds at most " + sequences + " sequences of " + newTokens
                        + " tokens (--cache-blocks "
                        + torch.blocks() + ", --max-new-tokens), prompts not counted, and --live-sequences would allow "
                        + decode.maxLiveSequences() + ": the others wait");
    }

    private List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        try {
            folders.forEach((name, folder) -> routes.add(FolderRoutes.load(name, folder, torch)));
            return routes;
        } catch (ModelFolderException e) {
            routes.forEach(Route::close);
            throw UserError.wrongRequest(e.getMessage());
        }
    }
}
