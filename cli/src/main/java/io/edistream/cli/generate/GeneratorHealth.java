package io.edistream.cli.generate;

import io.edistream.generator.GeneratorService;
import io.edistream.http.ProcessState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a generator is: ready once its models are there and commands can reach it. */
final class GeneratorHealth implements ProcessState {

    private volatile @Nullable GeneratorService generator;

    /** The models are loaded. */
    void started(GeneratorService service) {
        generator = service;
    }

    @Override
    public boolean isAlive() {
        return true;
    }

    @Override
    public List<Check> checks() {
        GeneratorService service = generator;
        boolean loaded = service != null;
        boolean commands = service != null
                && service.commandsReady().isDone()
                && !service.commandsReady().isCompletedExceptionally();
        return List.of(
                new Check("models", loaded, loaded ? "loaded" : "being loaded"),
                new Check(
                        "control",
                        commands,
                        commands ? "commands can arrive" : "no command has been able to arrive yet"));
    }
}
