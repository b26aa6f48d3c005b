package io.edistream.gateway.config;

import java.util.Locale;

/** What answers behind an upstream's address. Each kind asks for log-probabilities, and sends them, in a way of its own. */
public enum UpstreamKind {
    VLLM,
    LLAMACPP,
    SGLANG,
    LMDEPLOY,
    OPENAI,
    /** Anything that speaks OpenAI's protocol, of which nothing else is known. */
    GENERIC;

    /** As it stands in a configuration. */
    public String configured() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether it is known to stop decoding when a stream's connection is closed. Of others it is said, and cannot be seen.
     *
     * <p>Source: measured on llama-server b11434 and vLLM 0.32.0; a prompt that is being read goes on for a while on both.
     */
    public boolean stopsWhenClosed() {
        return this == VLLM || this == LLAMACPP;
    }

    /**
     * Whether it goes on with a last message of the assistant's instead of answering it.
     *
     * <p>Source: measured on llama-server b11434, which repeats the message, and vLLM 0.32.0, which does not.
     */
    public boolean goesOnWithAMessage() {
        return this == VLLM || this == LLAMACPP;
    }

    /**
     * Whether it tells the ids of tokens, or lets them be found out, and takes them as a prompt.
     *
     * <p>Source: measured on llama-server b11434 and vLLM 0.32.0, greedy: the rest is the one of the uncut answer.
     */
    public boolean takesIds() {
        return this == VLLM || this == LLAMACPP;
    }

    /**
     * How long the gateway keeps an idle connection to it, seconds; 0 if not at all. Engines close theirs after 5 s, and asking on one
     * that is being closed fails. With llama.cpp a thread waits on each one, and where its machine is busy others wait for that thread.
     *
     * <p>Source: measured on llama-server b11434, which {@code gateway/kept-connections} does again, and vLLM 0.32.0.
     */
    public int keepAliveSeconds() {
        return this == LLAMACPP ? 0 : 3;
    }

    static UpstreamKind of(String configured) {
        return valueOf(configured.toUpperCase(Locale.ROOT));
    }
}
