package io.edistream.benchmarks;

import io.edistream.benchmarks.decoding.DecodingBenchmark;
import io.edistream.benchmarks.decoding.LlamaBatchedBench;
import io.edistream.benchmarks.drain.DrainBenchmark;
import io.edistream.benchmarks.gateway.ProxiesBenchmark;
import io.edistream.benchmarks.gateway.RerouteBenchmark;
import io.edistream.benchmarks.gateway.SoakBenchmark;
import io.edistream.benchmarks.gateway.StreamsBenchmark;
import io.edistream.benchmarks.latency.LatencyBenchmark;
import io.edistream.benchmarks.latency.OnlookersBenchmark;
import io.edistream.benchmarks.lengths.LengthsBenchmark;
import io.edistream.benchmarks.lengths.PromptPartsBenchmark;
import io.edistream.benchmarks.million.MillionBenchmark;
import io.edistream.benchmarks.publishing.PublishingBenchmark;
import io.edistream.benchmarks.reaction.ReactionBenchmark;
import io.edistream.benchmarks.replay.ReplayBenchmark;
import io.edistream.benchmarks.score.ScoreBenchmark;
import io.edistream.benchmarks.signals.SignalsBenchmark;
import io.edistream.benchmarks.snapshot.SnapshotBenchmark;
import io.edistream.benchmarks.state.StateBenchmark;
import io.edistream.benchmarks.waves.WavesBenchmark;
import io.edistream.benchmarks.wire.WireBenchmark;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The benchmarks' command: each subcommand prints its results as a Markdown table. */
@Command(
        name = "benchmarks",
        description = "Measures what the system costs, against what the same work costs without it.",
        synopsisSubcommandLabel = "COMMAND")
public final class Benchmarks {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli looks at the option, nobody at the field
    private boolean help;

    @Option(
            names = "--quick",
            scope = ScopeType.INHERIT,
            description = "Tiny sizes: shows that it runs; the numbers mean nothing.")
    private boolean quick;

    @Option(
            names = "--models",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Folder of the models. Default: models, in the checkout.")
    private Path models = Path.of(System.getProperty("edistream.home", "."), "models");

    private Benchmarks() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command with its subcommands. */
    static CommandLine commandLine() {
        return new CommandLine(new Benchmarks());
    }

    @Command(description = "Draining a filled topic: the Flink job against a plain consumer loop.")
    void drain() throws Exception {
        print(
                "drain",
                DrainBenchmark.run(
                        quick ? new DrainBenchmark.Size(40, 40, 0, 1) : new DrainBenchmark.Size(4_000, 12_000, 3, 9)));
    }

    @Command(description = "Bytes per token in the log of the broker.")
    void wire() throws Exception {
        print("wire", WireBenchmark.run(quick ? 40 : 1_000));
    }

    @Command(description = "Control latency: from an event to the command that it causes.")
    void latency() throws Exception {
        print("latency", quick ? LatencyBenchmark.run(0, 1, 100) : LatencyBenchmark.run(4, 31, 2_000));
    }

    @Command(description = "Control latency beside an exporter, hostile scrapes and stopped terminals.")
    void onlookers() throws Exception {
        print("onlookers", quick ? OnlookersBenchmark.run(0, 1, 100) : OnlookersBenchmark.run(4, 31, 2_000));
    }

    @Command(description = "Bytes of a live sequence in state.")
    void state() {
        print("state", StateBenchmark.run());
    }

    @Command(description = "How long a checkpoint halts the job with 100,000 live sequences of one generator.")
    void snapshot() throws Exception {
        print("snapshot", quick ? SnapshotBenchmark.run(320, 4, 0) : SnapshotBenchmark.run(100_000, 80, 2));
    }

    @Command(description = "The same recording at different speed and parallelism: the same scores and decisions.")
    void replay() throws Exception {
        print("replay", quick ? ReplayBenchmark.run(2, 40) : ReplayBenchmark.run(8, 400));
    }

    @Command(
            description = "A million live sequences. Not among all: it wants a heap of its own, named by"
                    + " JAVA_TOOL_OPTIONS=-Xmx4g.")
    void million() throws Exception {
        print("million", quick ? MillionBenchmark.run(2_560, 5_000, 1) : MillionBenchmark.run(1_000_000, 50_000, 3));
    }

    @Command(description = "What publishing costs the decode loop.")
    void publishing() {
        print(
                "publishing",
                PublishingBenchmark.run(
                        models,
                        quick
                                ? new PublishingBenchmark.Size(4, 20, 0, 1)
                                : new PublishingBenchmark.Size(64, 160, 4, 31)));
    }

    @Command(description = "Tokens between the one that causes a command and its effect, around the whole loop.")
    void reaction() throws Exception {
        print("reaction", quick ? ReactionBenchmark.run(models, 0, 4) : ReactionBenchmark.run(models, 96, 480));
    }

    @Command(description = "How fast a model folder decodes.")
    void decoding(
            @Option(names = "--model", paramLabel = "DIR", required = true, description = "The model folder.")
                    Path model,
            @Option(names = "--threads", paramLabel = "N", defaultValue = "2", description = "Threads per operation.")
                    int threads,
            @Option(
                            names = "--llama",
                            paramLabel = "FILE",
                            description = "llama.cpp's llama-batched-bench, to stand beside.")
                    @Nullable
                    Path llama,
            @Option(names = "--gguf", paramLabel = "FILE", description = "The same weights for llama.cpp.") @Nullable
                    Path gguf)
            throws IOException {
        if ((llama == null) != (gguf == null)) {
            throw new IllegalArgumentException("--llama and --gguf go together");
        }
        LlamaBatchedBench peer = llama == null || gguf == null ? null : new LlamaBatchedBench(llama, gguf);
        print("decoding", DecodingBenchmark.run(model, threads, quick ? 0 : 5, quick ? 1 : 31, peer));
    }

    @Command(
            description =
                    "What rows of different lengths cost each other in a decode step, and a long prompt those that run.")
    void lengths() {
        print(
                "lengths",
                LengthsBenchmark.run(
                        models,
                        quick ? new LengthsBenchmark.Size(4, 1, 0, 1) : new LengthsBenchmark.Size(64, 10, 10, 51)));
        print(
                "lengths, tokens of prompts that a step reads",
                quick ? PromptPartsBenchmark.run(models, 0, 1) : PromptPartsBenchmark.run(models, 6, 51));
    }

    @Command(description = "Time per token of the signals themselves, measured by JMH.")
    void signals() throws Exception {
        print("signals", quick ? SignalsBenchmark.run(0, 1, 10) : SignalsBenchmark.run(2, 5, 1_000));
    }

    @Command(description = "Scoring a file of recorded entropies.")
    void score() throws Exception {
        print(
                "score",
                ScoreBenchmark.run(
                        quick ? new ScoreBenchmark.Size(100_000, 0, 1) : new ScoreBenchmark.Size(60_000_000, 4, 15)));
    }

    @Command(
            description =
                    "What starting samples in waves saves, on recorded samples. Not among all: they are no part of"
                            + " the checkout.")
    void waves(
            @Option(
                            names = "--traces",
                            paramLabel = "FOLDER",
                            required = true,
                            description = "Folder of the recorded samples.")
                    Path traces)
            throws Exception {
        try {
            print(
                    "waves",
                    WavesBenchmark.run(
                            traces, quick ? new WavesBenchmark.Size(2, 40) : new WavesBenchmark.Size(200, 4_000)));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    @Command(description = "What the gateway costs and how long it takes, beside other proxies.")
    void gateway(
            @Option(names = "--nginx", paramLabel = "FILE", description = "nginx, to stand beside.") @Nullable
                    Path nginx,
            @Option(names = "--litellm", paramLabel = "FILE", description = "LiteLLM's proxy, to stand beside.")
                    @Nullable
                    Path litellm)
            throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        if (nginx == null) {
            err.println("benchmarks: without --nginx it is not measured");
        }
        if (litellm == null) {
            err.println("benchmarks: without --litellm its proxy is not measured");
        }
        err.flush();
        print(
                "gateway",
                ProxiesBenchmark.run(
                        quick ? new ProxiesBenchmark.Size(0.2, 1, 0.2) : new ProxiesBenchmark.Size(15, 9, 3),
                        new ProxiesBenchmark.Others(nginx, litellm)));
    }

    @Command(
            name = "gateway-streams",
            description = "How many streams and events the gateway watches, what they hold, and how soon they end.")
    void gatewayStreams() throws Exception {
        print(
                "gateway-streams",
                StreamsBenchmark.run(
                        quick
                                ? new StreamsBenchmark.Size(20, List.of(100), 0.2, 1, 2)
                                : new StreamsBenchmark.Size(
                                        2_000, List.of(1_000, 2_000, 5_000, 10_000, 20_000), 5, 15, 100)));
    }

    @Command(
            name = "gateway-reroute",
            description = "How long a client waits where its answer moves to another engine.")
    void gatewayReroute(
            @Option(names = "--from", paramLabel = "URL", description = "A llama-server where answers begin.") @Nullable
                    URI from,
            @Option(names = "--to", paramLabel = "URL", description = "Another one, where they go on.") @Nullable
                    URI to)
            throws Exception {
        if ((from == null) != (to == null)) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--from and --to go together");
        }
        RerouteBenchmark.LlamaServers llama =
                from == null || to == null ? null : new RerouteBenchmark.LlamaServers(from, to);
        if (llama == null) {
            spec.commandLine().getErr().println("benchmarks: without --from and --to no llama-server is measured");
            spec.commandLine().getErr().flush();
        }
        print(
                "gateway-reroute",
                RerouteBenchmark.run(
                        quick ? new RerouteBenchmark.Size(1, 2) : new RerouteBenchmark.Size(20, 200), llama));
    }

    @Command(
            name = "gateway-soak",
            description =
                    "What stays behind in the gateway after ten minutes of clients that come and go. Not among all.")
    void gatewaySoak() throws Exception {
        print(
                "gateway-soak",
                SoakBenchmark.run(
                        quick ? new SoakBenchmark.Size(10, 1, 1, 10) : new SoakBenchmark.Size(100, 10, 60, 60)));
    }

    @Command(description = "All of them, one after the other.")
    void all() throws Exception {
        drain();
        wire();
        latency();
        onlookers();
        state();
        snapshot();
        replay();
        publishing();
        reaction();
        lengths();
        signals();
        score();
        gateway(null, null);
        gatewayStreams();
        gatewayReroute(null, null);
    }

    private void print(String title, List<Row> rows) {
        String heading = quick ? title + " (tiny sizes: the numbers mean nothing)" : title;
        ResultTable.print(heading, rows, spec.commandLine().getOut());
    }
}
