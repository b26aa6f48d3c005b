package io.edistream.cli.demo;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.MetricsEndpoint;
import io.edistream.cli.ModelsFolder;
import io.edistream.cli.ReportFile;
import io.edistream.cli.Style;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import io.edistream.http.StatusServer;
import java.io.PrintWriter;
import java.nio.file.Path;
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
                    + " branch uncertain ones. Then the same problems are solved with the same seeds and without control, and a"
                    + " verdict says what control was good for. Needs nothing but this JDK, and leaves nothing running."
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
    private static final String JSON = ".json";
    private static final String HTML = ".html";

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

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description =
                    "Also write all of the run, by the ending of FILE: as data (.json) or as a page to send to somebody"
                            + " (.html). Written too when the run is interrupted or fails.")
    private @Nullable Path report;

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description =
                    "Where to show /metrics, /healthz and /readyz of generator and job while the demo runs, for instance"
                            + " localhost:9404; port 0 is any free one. Default: nowhere.")
    private @Nullable String metrics;

    @Mixin
    private ModelsFolder models = new ModelsFolder();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        DemoOptions options = options();
        checkReportFile();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        DemoPage page = new DemoPage(Edistream.Version.number());
        Demo demo = new Demo(options, models.path(), page, err);
        ScreenLines lines = new ScreenLines(
                Terminal.columns(),
                new Style(Terminal.showsColours()),
                demo.record().problems(),
                options.abortLimit());
        DemoScreen screen = new DemoScreen(out, Terminal.showsOutput(), Terminal.columns(), Terminal.rows(), lines);
        try (page;
                StatusServer server = metrics == null ? null : MetricsEndpoint.open(metrics, page, page)) {
            if (server != null) {
                err.println("edistream: metrics at http://" + server.address() + "/metrics");
                err.flush();
            }
            return Interruption.cleanUp(interruption -> run(demo, screen, lines, interruption));
        }
    }

    private int run(Demo demo, DemoScreen screen, ScreenLines lines, Interruption interruption)
            throws InterruptedException {
        String state = "failed";
        try {
            demo.run(interruption, screen);
            state = "complete";
        } catch (InterruptedException e) {
            state = "interrupted";
            throw e;
        } finally {
            writeReport(demo.record(), state);
        }
        RunReport result = RunReport.of(demo.record(), state);
        new DemoSummary(result, lines).print(spec.commandLine().getOut());
        return result.summary().scoresMismatched() == 0 ? ExitCode.OK : SCORES_DIFFER;
    }

    private DemoOptions options() {
        try {
            return new DemoOptions(problems, samples, seed, temperature, abortLimit, branchLimit);
        } catch (IllegalArgumentException e) {
            throw UserError.wrongRequest(e.getMessage());
        }
    }

    private void checkReportFile() {
        if (report == null) {
            return;
        }
        String name = report.toString();
        if (!name.endsWith(JSON) && !name.endsWith(HTML)) {
            throw UserError.wrongRequest("--report " + report + ": must end in " + JSON + " or " + HTML);
        }
        ReportFile.check("--report", report);
    }

    private void writeReport(RunRecord record, String state) {
        if (report == null) {
            return;
        }
        RunReport result = RunReport.of(record, state);
        ReportFile.write(report, report.toString().endsWith(JSON) ? result.json() : HtmlReport.of(result));
    }
}
