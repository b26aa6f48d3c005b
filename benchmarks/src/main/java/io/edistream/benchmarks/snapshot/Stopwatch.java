package io.edistream.benchmarks.snapshot;

import io.edistream.schemas.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * A sink of scores that notes when each came and where the barriers of checkpoints lay between them. It is chained to the
 * operator that watches and so runs in its thread: with a score for every token it sees how that thread gets on.
 */
final class Stopwatch implements Sink<Score> {

    private static final long serialVersionUID = 1;

    /** The writer is made by Flink from serialized bytes; this is how it finds where to note. */
    private static final AtomicReference<Times> CURRENT = new AtomicReference<>();

    /** Notes into these from now on. */
    static Stopwatch noting(Times times) {
        CURRENT.set(times);
        return new Stopwatch();
    }

    @Override
    public SinkWriter<Score> createWriter(WriterInitContext context) {
        return new Writer(CURRENT.get());
    }

    /**
     * What was noted. Written by one thread; to be read by others after {@link #await}.
     */
    static final class Times {
        private final long[] nanos;
        private final List<Integer> barriers = new ArrayList<>();
        private final CountDownLatch complete = new CountDownLatch(1);
        private int count;

        Times(int scores) {
            nanos = new long[scores];
        }

        /** Returns when all scores have come. */
        void await() throws InterruptedException {
            complete.await();
        }

        /** When each score came, nanoseconds since any moment. */
        long[] nanos() {
            return nanos;
        }

        /** Of each barrier, how many scores came before it. */
        List<Integer> barriers() {
            return barriers;
        }

        private void score() {
            if (count < nanos.length) {
                nanos[count++] = System.nanoTime();
                if (count == nanos.length) {
                    complete.countDown();
                }
            }
        }

        private void barrier() {
            if (count < nanos.length) {
                barriers.add(count);
            }
        }
    }

    private record Writer(Times times) implements SinkWriter<Score> {
        @Override
        public void write(Score score, Context context) {
            times.score();
        }

        @Override
        public void flush(boolean endOfInput) {
            times.barrier();
        }

        @Override
        public void close() {}
    }
}
