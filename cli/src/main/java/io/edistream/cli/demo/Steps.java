package io.edistream.cli.demo;

import io.edistream.cli.Interruption;
import java.io.PrintWriter;
import java.util.Locale;

/** Says what is being started, and how long it took as soon as it stands. */
record Steps(PrintWriter err) {

    private static final double NANOS_PER_SECOND = 1e9;

    /** Does a step between its name and its time. */
    <T> T step(String name, Interruption.Step<T> step) throws InterruptedException {
        long begun = System.nanoTime();
        err.printf(Locale.ROOT, "edistream: %-34s ", name + " ...");
        err.flush();
        boolean done = false;
        try {
            T result = step.run();
            done = true;
            return result;
        } finally {
            err.println(
                    done
                            ? String.format(Locale.ROOT, "%5.1f s", (System.nanoTime() - begun) / NANOS_PER_SECOND)
                            : " not done");
            err.flush();
        }
    }
}
