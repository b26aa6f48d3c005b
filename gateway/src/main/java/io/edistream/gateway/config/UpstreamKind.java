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

    static UpstreamKind of(String configured) {
        return valueOf(configured.toUpperCase(Locale.ROOT));
    }
}
