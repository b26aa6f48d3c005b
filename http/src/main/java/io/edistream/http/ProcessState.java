package io.edistream.http;

import java.util.List;

/** What a process says of itself. Asked on the server's thread: must not wait for anything. */
public interface ProcessState {

    /** Whether it lives; one that does not should be started anew. */
    boolean isAlive();

    /** What it needs to do its work; it is ready when all of them hold. */
    List<Check> checks();

    /**
     * One thing that a process needs.
     *
     * @param name what, for instance a topic
     * @param holds whether it is so now
     * @param reason one sentence: how it is
     */
    record Check(String name, boolean holds, String reason) {}
}
