package io.edistream.cli.problems;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.cli.Edistream;
import io.edistream.cli.ModelsFolder;
import io.edistream.cli.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints word problems that the shipped models were trained to solve, as input for {@code generate}. */
@Command(
        name = "problems",
        description = {
            "Prints word problems for the shipped models, one JSON line each: {\"id\", \"prompt\", \"answer\"}.",
            "",
            "As input for generate. Equal seeds print equal problems."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false)
public final class ProblemsCommand implements Callable<Integer> {

    private static final int MAX_PROBLEMS = 1_000_000;

    @Option(
            names = "--problems",
            paramLabel = "N",
            description = "How many, 1 to " + MAX_PROBLEMS + ". Default: ${DEFAULT-VALUE}.")
    private int problems = 16;

    @Option(names = "--seed", paramLabel = "S", description = "Seed of the problems. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Mixin
    private ModelsFolder models = new ModelsFolder();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (problems < 1 || problems > MAX_PROBLEMS) {
            throw UserError.wrongRequest("--problems " + problems + ": must be 1 to " + MAX_PROBLEMS);
        }
        PrintWriter out = spec.commandLine().getOut();
        JsonMapper mapper = new JsonMapper();
        WordProblems drawn = WordProblems.fromModels(models.path(), seed);
        for (int i = 1; i <= problems; i++) {
            WordProblem problem = drawn.next();
            ObjectNode line = mapper.createObjectNode();
            line.put("id", String.valueOf(i));
            line.put("prompt", problem.prompt());
            line.put("answer", String.valueOf(problem.answer()));
            out.println(mapper.writeValueAsString(line));
        }
        out.flush();
        return ExitCode.OK;
    }
}
