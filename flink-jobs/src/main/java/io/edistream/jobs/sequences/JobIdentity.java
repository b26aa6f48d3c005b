package io.edistream.jobs.sequences;

import java.io.Serializable;

/**
 * Who the job is, for whoever reads its heartbeats.
 *
 * @param name name that its operator gave it, 1 to {@value #MAX_NAME_CHARACTERS} characters; jobs of one name are meant
 *     to be the same job
 * @param release release that runs
 */
public record JobIdentity(String name, String release) implements Serializable {

    /** The name of a job that was given none. */
    public static final String DEFAULT_NAME = "edistream";

    private static final int MAX_NAME_CHARACTERS = 128;

    /**
     * @throws IllegalArgumentException if the name is blank or too long
     */
    public JobIdentity {
        if (name.isBlank() || name.length() > MAX_NAME_CHARACTERS) {
            throw new IllegalArgumentException("job name of " + name.length() + " characters: must be 1 to "
                    + MAX_NAME_CHARACTERS + ", not all of them blank");
        }
    }
}
