package io.edistream.cli.gateway;

import io.edistream.cli.UserError;
import io.edistream.cli.topics.SourceTopics;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.server.Gateway;
import io.edistream.sequences.kafka.KafkaOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** What commands that clients of OpenAI's API ask have in common: how one opens, and what it says while it runs. */
public final class OpenFace {

    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(5);

    private OpenFace() {}

    /** Opens a gateway. */
    @FunctionalInterface
    public interface Opening {

        /**
         * Opens it.
         *
         * @throws IOException if it cannot listen
         */
        Gateway open() throws IOException;
    }

    /**
     * Opens a gateway.
     *
     * @throws UserError if it cannot listen where it should
     */
    public static Gateway of(GatewayConfig config, Opening opening) {
        try {
            return opening.open();
        } catch (IOException e) {
            throw UserError.failedWork("cannot listen on " + config.listen() + ": " + e.getMessage());
        }
    }

    /**
     * Says where it is and where it publishes to, and what is wrong there once that is known. Stays until it is stopped.
     *
     * @param source id of the source of tokens
     * @param say takes a sentence, on any thread
     * @throws InterruptedException when it is stopped
     */
    public static void stay(Gateway open, GatewayConfig config, long source, KafkaOptions kafka, Consumer<String> say)
            throws InterruptedException {
        say.accept("generator " + HexFormat.of().toHexDigits(source) + " publishes to " + kafka.bootstrapServers());
        CompletableFuture<Void> said = CompletableFuture.supplyAsync(
                        () -> SourceTopics.warnings(kafka, BROKER_PATIENCE))
                .thenAccept(warnings -> warnings.forEach(say));
        say.accept("base URL http" + (config.certificate() == null ? "" : "s") + "://" + open.address()
                + "/v1, metrics at /metrics; Ctrl-C ends it");
        try {
            new CountDownLatch(1).await();
        } finally {
            said.cancel(false);
        }
    }
}
