package io.edistream.benchmarks.signals;

import io.edistream.benchmarks.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Time per token of a sequence's monitor with the whole catalogue, measured by JMH. */
public final class SignalsBenchmark {

    private SignalsBenchmark() {}

    /**
     * The table.
     *
     * @param forks JVMs to measure in, 0 for this one
     * @param iterations iterations for warming up, and again for measuring, per JVM
     * @param iterationMillis how long one takes
     */
    public static List<Row> run(int forks, int iterations, int iterationMillis) throws RunnerException {
        TimeValue time = TimeValue.milliseconds(iterationMillis);
        Options options = new OptionsBuilder()
                .include(MonitorBenchmark.class.getName())
                .forks(forks)
                .warmupIterations(iterations)
                .warmupTime(time)
                .measurementIterations(iterations)
                .measurementTime(time)
                .timeUnit(TimeUnit.NANOSECONDS)
                .verbosity(VerboseMode.SILENT)
                .build();
        List<Row> rows = new ArrayList<>();
        for (RunResult run : new Runner(options).run()) {
            Result<?> result = run.getPrimaryResult();
            boolean tracked = Boolean.parseBoolean(run.getParams().getParam("tracked"));
            rows.add(Row.told(
                    "a token through the whole catalogue, " + (tracked ? "tracked class" : "no tracked class"),
                    result.getScore(),
                    "ns",
                    "all in " + Row.number(result.getStatistics().getMin()) + " to "
                            + Row.number(result.getStatistics().getMax()) + ", n = " + result.getSampleCount()));
        }
        return rows;
    }
}
