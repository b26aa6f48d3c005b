package io.edistream.cli.gateway;

import io.edistream.cli.Edistream;
import io.edistream.gateway.check.Finding;
import io.edistream.gateway.check.TokenizerCheck;
import io.edistream.gateway.check.UpstreamCheck;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.config.Upstream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks each upstream of a configuration what it can do. */
@Command(
        name = "check",
        description = {
            "Asks each upstream of a configuration what it can do: which log-probabilities it gives, what their entropies are of,"
                    + " whether it stops when a stream is closed, and goes on with an answer that was cut. It costs each seven"
                    + " short answers. Needs no Kafka.",
            "",
            "A line with WRONG says what to change, and in which member of the configuration."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all is well", "1:something is wrong with an upstream", "2:the configuration is wrong"})
final class CheckCommand implements Callable<Integer> {

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration of a gateway, YAML.")
    private @Nullable Path config;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        GatewayConfig gateway = GatewayCommand.read(config);
        PrintWriter out = spec.commandLine().getOut();
        boolean well = true;
        for (Upstream upstream : gateway.upstreams()) {
            out.println(upstream.name() + ": " + upstream.kind().configured() + " at " + upstream.base());
            out.flush();
            List<Finding> findings = UpstreamCheck.of(upstream);
            for (Finding finding : findings) {
                well &= !finding.wrong();
                out.printf("  %-10s  %s%s%n", finding.subject(), finding.wrong() ? "WRONG: " : "", finding.sentence());
            }
            out.flush();
        }
        for (Finding finding : TokenizerCheck.of(gateway.upstreams())) {
            well &= !finding.wrong();
            out.printf("tokenizer %s: %s%s%n", finding.subject(), finding.wrong() ? "WRONG: " : "", finding.sentence());
        }
        return well ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
