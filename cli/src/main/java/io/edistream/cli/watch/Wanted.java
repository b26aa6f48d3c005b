package io.edistream.cli.watch;

import io.edistream.cli.UserError;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Which sequences are shown; each member that is given must match. Of a sequence whose start was not seen, model and
 * request are unknown until a score or a command names them, and it matches neither until then.
 */
record Wanted(@Nullable Long generator, @Nullable String model, @Nullable String request) {

    static final Wanted ALL = new Wanted(null, null, null);

    private static final int ID_DIGITS = 16;

    /**
     * From what somebody typed; null matches everything.
     *
     * @throws UserError if the id is none
     */
    static Wanted parse(@Nullable String generator, @Nullable String model, @Nullable String request) {
        try {
            Long id = generator == null ? null : Long.valueOf(HexFormat.fromHexDigitsToLong(generator));
            if (generator == null || generator.length() == ID_DIGITS) {
                return new Wanted(id, model, request);
            }
        } catch (IllegalArgumentException e) {
            // Said below, with what is allowed.
        }
        throw UserError.wrongRequest("--generator '" + generator + "': must be " + ID_DIGITS + " hexadecimal digits");
    }

    boolean matches(long ofGenerator, @Nullable String ofModel, @Nullable String ofRequest) {
        return (generator == null || generator == ofGenerator)
                && (model == null || model.equals(ofModel))
                && (request == null || request.equals(ofRequest));
    }
}
