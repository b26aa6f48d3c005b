package io.edistream.cli;

import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.torch.TorchOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which models a generator has, and what they may use. */
public final class ModelArguments {

    @Option(
            names = "--route",
            paramLabel = "NAME=DIR",
            description = "A model folder and the name that requests give it; may be repeated. Default: "
                    + GenerationRequest.DEFAULT_ROUTE + ", the repository's reasoner-s.")
    private Map<String, Path> routes = new LinkedHashMap<>();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "The model folder of the route " + GenerationRequest.DEFAULT_ROUTE + ", the same as --route "
                    + GenerationRequest.DEFAULT_ROUTE + "=DIR.")
    private @Nullable Path model;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "${COMPLETION-CANDIDATES}. A GPU needs a libtorch for it; docs/gpu.md says how. Default:"
                    + " ${DEFAULT-VALUE}.")
    private TorchOptions.Device device = TorchOptions.Device.CPU;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads per operation on the CPU. Default: ${DEFAULT-VALUE}.")
    private int threads = TorchOptions.defaults().threads();

    @Option(
            names = "--cache-blocks",
            paramLabel = "N",
            description = "Blocks of 16 tokens in each route's key-value cache. Default: ${DEFAULT-VALUE}.")
    private int cacheBlocks = TorchOptions.defaults().blocks();

    @Option(
            names = "--live-sequences",
            paramLabel = "N",
            description = "Sequences that a route decodes at a time. Default: ${DEFAULT-VALUE}.")
    private int liveSequences = DecodeOptions.defaults().maxLiveSequences();

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            description =
                    "Tokens of prompts that a route reads between two tokens of its running sequences; longer prompts"
                            + " are read in parts. Default: ${DEFAULT-VALUE}.")
    private int promptTokens = DecodeOptions.defaults().maxPromptTokensPerStep();

    @Option(
            names = "--working-memory",
            paramLabel = "MIB",
            description =
                    "MiB that a call of a model may allocate while it runs, beside model and cache; what needs more is"
                            + " decoded in several calls. Default: ${DEFAULT-VALUE}.")
    private int workingMemory = Math.toIntExact(DecodeOptions.DEFAULT_WORKING_BYTES >> 20);

    /**
     * The model folder of each route, by name.
     *
     * @throws IllegalArgumentException if two name the same route
     */
    public Map<String, Path> folders() {
        if (model == null) {
            return routes.isEmpty()
                    ? Map.of(GenerationRequest.DEFAULT_ROUTE, ModelsFolder.DEFAULT.resolve("reasoner-s"))
                    : routes;
        }
        if (routes.containsKey(GenerationRequest.DEFAULT_ROUTE)) {
            throw new IllegalArgumentException("--model and --route " + GenerationRequest.DEFAULT_ROUTE
                    + "=DIR name the same route: give one of them");
        }
        Map<String, Path> folders = new LinkedHashMap<>(routes);
        folders.put(GenerationRequest.DEFAULT_ROUTE, model);
        return folders;
    }

    /**
     * How the models run.
     *
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public TorchOptions torch() {
        return new TorchOptions(device, TorchOptions.defaults().blockSize(), cacheBlocks, threads);
    }

    /**
     * Limits of the decode loop.
     *
     * @param waitingRequests requests that may wait for room
     * @throws IllegalArgumentException if an option is out of its bounds
     */
    public DecodeOptions decode(int waitingRequests) {
        return new DecodeOptions(liveSequences, waitingRequests, promptTokens, (long) workingMemory << 20);
    }
}
