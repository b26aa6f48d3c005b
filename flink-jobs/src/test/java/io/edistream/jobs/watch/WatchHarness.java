package io.edistream.jobs.watch;

import io.edistream.jobs.Batches;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;

/** A watcher with state in maps and a clock that is set by hand. */
final class WatchHarness {

    final Told told = new Told();
    final Tally counts = new Tally();
    MapStore store = new MapStore(false);
    Watcher watcher;
    long now = 1_700_000_000_000L;
    private WatchSettings settings;
    private long offset;

    WatchHarness(WatchSettings settings) {
        this.settings = settings;
        this.watcher = new Watcher(settings, new Records("token-entropy"), counts, now);
    }

    /** State is handed out in copies. */
    static WatchHarness copying(WatchSettings settings) {
        WatchHarness harness = new WatchHarness(settings);
        harness.store = new MapStore(true);
        return harness;
    }

    WatchHarness feed(Batches batch) {
        return feed(Batches.GENERATOR, batch);
    }

    WatchHarness feed(long generator, Batches batch) {
        return feed(generator, new Origin(0, offset++), batch.bytes());
    }

    WatchHarness feed(long generator, Origin origin, byte[] record) {
        watcher.onRecord(generator, origin, record, now, store.of(generator), told);
        return this;
    }

    /** Lets time pass; timers go off in time. */
    WatchHarness pass(Duration time) {
        long end = now + time.toMillis();
        while (true) {
            long first = store.timers.values().stream()
                    .flatMap(TreeSet::stream)
                    .min(Long::compare)
                    .orElse(Long.MAX_VALUE);
            if (first > end) {
                now = end;
                return this;
            }
            now = Math.max(now, first);
            fire(first);
        }
    }

    /** Time passes while the task stands still; timers go off late. */
    WatchHarness halt(Duration time) {
        now += time.toMillis();
        return pass(Duration.ZERO);
    }

    private void fire(long time) {
        for (Map.Entry<Long, TreeSet<Long>> timers : store.timers.entrySet()) {
            if (timers.getValue().remove(time)) {
                watcher.onTimer(timers.getKey(), time, now, store.of(timers.getKey()), told);
            }
        }
    }

    WatchHarness restart() throws IOException {
        return restart(settings);
    }

    /** A new watcher with the stored state. */
    WatchHarness restart(WatchSettings others) throws IOException {
        settings = others;
        store = store.restored();
        watcher = new Watcher(settings, new Records("token-entropy"), counts, now);
        for (long generator : store.generators.keySet()) {
            watcher.restored(generator, now, store.of(generator));
        }
        store.sequences.forEach(
                (generator, all) -> all.forEach((counter, state) -> watcher.restored(generator, counter, state)));
        return this;
    }

    WatchHarness tick() {
        watcher.onTick(now, told);
        return this;
    }

    /** Timers that have not gone off, of all sources. */
    int timers() {
        return store.timers.values().stream().mapToInt(TreeSet::size).sum();
    }
}
