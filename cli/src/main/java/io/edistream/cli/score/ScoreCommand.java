package io.edistream.cli.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.cli.Edistream;
import io.edistream.cli.Input;
import io.edistream.cli.JsonLine;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import io.edistream.signals.Burst;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Scores recorded entropies: JSON lines in, one JSON line per sequence out. */
@Command(
        name = "score",
        description = {
            "Scores recorded entropies.",
            "",
            "Reads one JSON object per line, {\"id\": \"a\", \"entropies\": [0.1, 2.3]}, entropies in nats, optionally"
                    + " with \"logprobs\" (natural, of the chosen tokens) and \"confidences\" (nats) of the same length,"
                    + " and writes one line per sequence: {\"id\", \"tokens\", \"signals\": {\"edis\", ...}}."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every line was scored", "1:a line was bad; the others were scored", "2:an option is wrong"})
public final class ScoreCommand implements Callable<Integer> {

    private static final int SOME_LINES_BAD = 1;

    @Parameters(paramLabel = "FILE", arity = "0..1", description = "File to read; standard input if left out or -.")
    private Path file = Input.STANDARD;

    @Option(
            names = "--window",
            paramLabel = "TOKENS",
            description = "Window of the burst count, 1 to " + Burst.MAX_WINDOW_TOKENS + ". Default: ${DEFAULT-VALUE}.")
    private int window = Scoring.DEFAULT.burstWindowTokens();

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

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Catalogue catalogue = new Catalogue(options());
        try (InputStream in = open()) {
            return score(Input.reader(in), catalogue);
        }
    }

    private Scoring options() {
        try {
            return new Scoring(window, burstThreshold, reboundThreshold, Scoring.NO_CLASS);
        } catch (IllegalArgumentException e) {
            throw UserError.wrongRequest(e.getMessage());
        }
    }

    private InputStream open() {
        InputStream in = Input.open(file);
        return Terminal.showsErrors() && !file.equals(Input.STANDARD) ? withProgressBar(in) : in;
    }

    private InputStream withProgressBar(InputStream in) {
        ProgressBarBuilder bar = ProgressBar.builder()
                .setTaskName("score")
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" KiB", 1024);
        return ProgressBar.wrap(in, bar);
    }

    private int score(BufferedReader lines, Catalogue catalogue) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        JsonMapper mapper = new JsonMapper();
        boolean good = JsonLine.forEach(
                lines,
                spec.commandLine().getErr(),
                line -> out.println(scored(RecordedSequence.parse(line), catalogue, mapper)));
        out.flush();
        return good ? ExitCode.OK : SOME_LINES_BAD;
    }

    private static String scored(RecordedSequence sequence, Catalogue catalogue, JsonMapper mapper)
            throws JsonProcessingException {
        SequenceSignals signals = catalogue.start(Catalogue.NO_CLASS);
        sequence.tokens().forEach(token -> signals.add(token, SpikeListener.NONE));
        ObjectNode line = mapper.createObjectNode();
        line.set("id", sequence.id());
        line.put("tokens", signals.tokens());
        line.set("signals", mapper.valueToTree(finite(signals.scores())));
        return mapper.writeValueAsString(line);
    }

    /** JSON has no infinity, and a score that has left the range of numbers says nothing. */
    private static Map<String, Double> finite(Map<String, Double> scores) {
        scores.forEach((name, score) -> {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException(
                        "signal " + name + " is " + score + ": the numbers are too large to be scored");
            }
        });
        return scores;
    }
}
