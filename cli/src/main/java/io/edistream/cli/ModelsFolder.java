package io.edistream.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the shipped models are; an option of every command that needs them. */
public final class ModelsFolder {

    /** The folder in the checkout that the {@code edistream} script stands in. */
    public static final Path DEFAULT = Path.of(System.getProperty("edistream.home", "."), "models");

    @Option(
            names = "--models",
            paramLabel = "DIR",
            description = "Folder of the models. Default: models, beside the edistream script.")
    private Path folder = DEFAULT;

    /** The folder that was chosen. */
    public Path path() {
        return folder;
    }
}
