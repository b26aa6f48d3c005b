package io.edistream.cli.demo;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.ModelsFolder;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the whole loop on this machine: a model, Kafka, Flink, control. */
@Command(
        name = "demo",
        description = {
            "Runs the whole loop on this machine and shows what happens as it happens.",
            "",
            "A small language model solves word problems, several times each. Every token's entropy goes through Kafka to a"
                    + " Flink job, which scores the sequences while they run; its commands abort unstable sequences and"
                    + " branch uncertain ones. Needs nothing but this JDK, and leaves nothing running."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the loop ran and every final score was right",
            "1:the loop failed, or a score differs from the one computed in batch",
            "2:an option is wrong; nothing was started"
        })
public final class DemoCommand implements Callable<Integer> {

    private static final int SCORES_DIFFER = 1;

    @Option(
            names = "--problems",
            paramLabel = "N",
            description = "Problems to ask, 1 to " + DemoOptions.MAX_PROBLEMS + ". Default: ${DEFAULT-VALUE}.")
    private int problems = 16;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Sequences per problem, 1 to " + DemoOptions.MAX_SAMPLES + ". Default: ${DEFAULT-VALUE}.")
    private int samples = 4;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Seed of the problems and of the sampling. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Sampling temperature, 0 to 2. Default: ${DEFAULT-VALUE}.")
    private double temperature = 0.8;

    @Option(
            names = "--abort-limit",
            paramLabel = "EDIS",
            description = "Running EDIS above which a sequence is aborted. Default: ${DEFAULT-VALUE}.")
    private double abortLimit = DemoOptions.DEFAULT_ABORT_LIMIT;

    @Option(
            names = "--branch-limit",
            paramLabel = "NATS",
            description = "Entropy above which a sequence is branched. Default: ${DEFAULT-VALUE}.")
    private double branchLimit = DemoOptions.DEFAULT_BRANCH_LIMIT_NATS;

    @Option(names = "--shadow", description = "Decide and report, but let every sequence run to its end.")
    private boolean shadow;

    @Option(names = "--report", paramLabel = "FILE", description = "Also write what the run came to as JSON.")
    private @Nullable Path report;

    @Mixin
    private ModelsFolder models = new ModelsFolder();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        DemoOptions options = options();
        checkReportFile();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Demo demo = new Demo(options, models.path(), out, err, Terminal.showsOutput());
        DemoReport result = Interruption.cleanUp(demo::run);
        new DemoSummary(result).print(out);
        if (report != null) {
            write(result, report);
        }
        return result.scoresMismatched() == 0 ? ExitCode.OK : SCORES_DIFFER;
    }

    private DemoOptions options() {
        try {
            return new DemoOptions(problems, samples, seed, temperature, abortLimit, branchLimit, !shadow);
        } catch (IllegalArgumentException e) {
            throw UserError.wrongRequest(e.getMessage());
        }
    }

    /** Minutes of work should not end in a report that cannot be written. */
    private void checkReportFile() {
        if (report == null) {
            return;
        }
        try {
            Files.newOutputStream(report, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw UserError.wrongRequest("--report " + report + ": must be a file that can be written to");
        }
    }

    private static void write(DemoReport result, Path file) {
        try {
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build()
                    .writeValue(file.toFile(), result);
        } catch (IOException e) {
            throw UserError.failedWork("report " + file + " cannot be written: " + e.getMessage());
        }
    }
}
