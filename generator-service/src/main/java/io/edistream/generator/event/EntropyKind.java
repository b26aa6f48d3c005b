package io.edistream.generator.event;

/** How the entropies of a sequence were obtained. */
public enum EntropyKind {
    /** From the whole vocabulary, raw logits. */
    FULL_VOCAB_RAW,
    /** From the whole vocabulary, after the sampling temperature. */
    FULL_VOCAB_TEMPERED,
    /** Estimated from the most probable tokens alone. */
    TOP_K_ESTIMATE
}
