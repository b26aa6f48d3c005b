package io.edistream.cli.score;

import io.edistream.cli.Edistream;
import io.edistream.cli.Input;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import io.edistream.signals.Burst;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Scores recorded entropies: JSON lines in, one JSON line or row of CSV per sequence out. */
@Command(
        name = "score",
        description = {
            "Scores recorded entropies.",
            "",
            "Reads one JSON object per line, {\"id\": \"a\", \"entropies\": [0.1, 2.3]}, entropies in nats, optionally"
                    + " with \"uppers\" (upper bounds of the entropies, nats), \"logprobs\" (natural, of the chosen"
                    + " tokens) and \"confidences\" (nats) of the same length, and with \"correct\": true or false. null"
                    + " stands for a value that was not measured. Writes one line per sequence: {\"id\", \"tokens\","
                    + " \"measured\", \"signals\": {\"edis\", ...}}."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every line was scored",
            "1:a line or file was bad; the others were scored",
            "2:an option or file name is wrong; nothing was scored"
        })
public final class ScoreCommand implements Callable<Integer> {

    private static final int SOMETHING_BAD = 1;
    private static final int DEFAULT_PREFIX_TOKENS = 64;

    /** 128 MiB. The numbers of such a line may take four times as much. */
    private static final int MAX_LINE_BYTES = 1 << 27;

    /** How scores are written. */
    enum Format {
        /** One JSON object per line. */
        JSONL,
        /** A table. */
        CSV
    }

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Files to read, also packed with gzip; standard input if left out or -.")
    private List<Path> files = List.of(Input.STANDARD);

    @Option(
            names = "--burst-window",
            paramLabel = "TOKENS",
            description = "Window of the burst count, 1 to " + Burst.MAX_WINDOW_TOKENS + ". Default: ${DEFAULT-VALUE}.")
    private int burstWindow = Scoring.DEFAULT.burstWindowTokens();

    @Option(
            names = "--burst-threshold",
            paramLabel = "NATS",
            description = "Rise over the window that makes a burst. Default: ${DEFAULT-VALUE}.")
    private double burstThreshold = Scoring.DEFAULT.burstThresholdNats();

    @Option(
            names = "--rebound-threshold",
            paramLabel = "NATS",
            description = "Rise over the smallest entropy so far that makes a rebound. Default: ${DEFAULT-VALUE}.")
    private double reboundThreshold = Scoring.DEFAULT.reboundThresholdNats();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "What is written: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.JSONL;

    @Option(
            names = "--keep",
            description = "Write the other fields of a line too, as they are; only with --format jsonl.")
    private boolean keep;

    @Option(
            names = "--summary",
            description =
                    "At the end, say on standard error how well each signal tells wrong answers from right ones, by"
                            + " the lines with \"correct\".")
    private boolean summaryWanted;

    @Option(
            names = "--prefix",
            paramLabel = "TOKENS",
            description = "Length of the equal prefixes that the summary compares, at least 1. Default: "
                    + DEFAULT_PREFIX_TOKENS + ".")
    private @Nullable Integer prefix;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Catalogue catalogue = new Catalogue(
                UserError.checked(() -> new Scoring(burstWindow, burstThreshold, reboundThreshold, Scoring.NO_CLASS)));
        Optional<Summary> summary = summary(catalogue);
        ScoreOutput output = output(catalogue);
        for (Path file : files) {
            Input.requireFile(file);
        }
        Scorer scorer = new Scorer(
                catalogue,
                new LineParser(keep),
                output,
                summary,
                spec.commandLine().getErr(),
                MAX_LINE_BYTES);
        output.begin();
        for (Path file : files) {
            try (InputStream in = open(file)) {
                scorer.score(in, file.equals(Input.STANDARD) ? "standard input" : file.toString(), files.size() > 1);
            }
        }
        spec.commandLine().getOut().flush();
        summary.ifPresent(known -> known.print(spec.commandLine().getErr()));
        return scorer.allGood() ? ExitCode.OK : SOMETHING_BAD;
    }

    private Optional<Summary> summary(Catalogue catalogue) {
        if (prefix != null && !summaryWanted) {
            throw UserError.wrongRequest("--prefix " + prefix + ": must stand together with --summary");
        }
        int prefixTokens = prefix == null ? DEFAULT_PREFIX_TOKENS : prefix;
        if (prefixTokens < 1) {
            throw UserError.wrongRequest("--prefix " + prefixTokens + ": must be at least 1");
        }
        return summaryWanted ? Optional.of(new Summary(catalogue.signals(), prefixTokens)) : Optional.empty();
    }

    private ScoreOutput output(Catalogue catalogue) {
        PrintWriter out = spec.commandLine().getOut();
        if (keep && format != Format.JSONL) {
            throw UserError.wrongRequest(
                    "--keep: must stand together with --format jsonl, since a table has fixed columns");
        }
        return switch (format) {
            case JSONL -> new JsonOutput(catalogue.names(), out);
            case CSV -> new CsvOutput(catalogue.names(), out);
        };
    }

    private static InputStream open(Path file) {
        InputStream in = Input.open(file);
        return Terminal.showsErrors() && !file.equals(Input.STANDARD) ? withProgressBar(in) : in;
    }

    private static InputStream withProgressBar(InputStream in) {
        ProgressBarBuilder bar = ProgressBar.builder()
                .setTaskName("score")
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" KiB", 1024);
        return ProgressBar.wrap(in, bar);
    }
}
