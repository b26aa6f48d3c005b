package io.edistream.generator.torch;

/** A model folder that cannot be used; the message says which file and why. */
public final class ModelFolderException extends RuntimeException {

    ModelFolderException(String message) {
        super(message);
    }

    ModelFolderException(String message, Throwable cause) {
        super(message, cause);
    }
}
