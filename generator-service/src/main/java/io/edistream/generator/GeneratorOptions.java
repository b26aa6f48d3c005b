package io.edistream.generator;

import io.edistream.generator.decode.DecodeOptions;
import io.edistream.sequences.control.ControlOptions;

/**
 * Limits of a generator.
 *
 * @param decode limits of the decode loop
 * @param control limits for commands
 */
public record GeneratorOptions(DecodeOptions decode, ControlOptions control) {

    /** The defaults of both. */
    public static GeneratorOptions defaults() {
        return new GeneratorOptions(DecodeOptions.defaults(), ControlOptions.defaults());
    }
}
