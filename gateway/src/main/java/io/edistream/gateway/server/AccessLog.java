package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One JSON line per request, without a word of what was asked or answered. Whoever reads slowly delays nobody: lines that find no
 * room are left out, and counted in the next one. Thread-safe.
 */
public final class AccessLog implements AutoCloseable {

    /** Lines that wait to be written. */
    static final int MAX_WAITING = 4096;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final BlockingQueue<ObjectNode> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final Thread writer;
    private volatile boolean closing;

    /** Writes to a stream, which is not closed. */
    public AccessLog(PrintWriter out) {
        writer = new Thread(() -> write(out), "edistream-access-log");
        writer.setDaemon(true);
        writer.start();
    }

    /** A line with no members yet. */
    static ObjectNode line() {
        return MAPPER.createObjectNode();
    }

    /** Does not wait for anything. */
    void add(ObjectNode line) {
        if (!waiting.offer(line)) {
            lost.incrementAndGet();
        }
    }

    private void write(PrintWriter out) {
        try {
            while (!closing || !waiting.isEmpty()) {
                ObjectNode line = waiting.poll(100, TimeUnit.MILLISECONDS);
                if (line != null) {
                    long left = lost.getAndSet(0);
                    if (left > 0) {
                        line.put("lines_left_out_before", left);
                    }
                    out.println(line);
                    out.flush();
                }
            }
        } catch (InterruptedException e) {
            // What waits is lost: its reader takes nothing.
        }
    }

    /** Writes what waits, for a second at most. */
    @Override
    public void close() {
        closing = true;
        try {
            writer.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.interrupt();
    }
}
