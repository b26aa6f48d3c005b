package io.edistream.jobs.topics;

import org.jspecify.annotations.Nullable;

/** A cluster that cannot be asked, or that refused; the message is a sentence for whoever started the command. */
public final class KafkaRefusal extends RuntimeException {

    private final boolean wrongOption;

    private KafkaRefusal(String message, boolean wrongOption, @Nullable Throwable cause) {
        super(message, cause);
        this.wrongOption = wrongOption;
    }

    /** An option is wrong, so that trying again is of no use. */
    public static KafkaRefusal wrongOption(String message, @Nullable Throwable cause) {
        return new KafkaRefusal(message, true, cause);
    }

    /** The cluster does not answer, or not as it should. */
    public static KafkaRefusal failure(String message, @Nullable Throwable cause) {
        return new KafkaRefusal(message, false, cause);
    }

    /** Whether an option is wrong. */
    public boolean isWrongOption() {
        return wrongOption;
    }
}
