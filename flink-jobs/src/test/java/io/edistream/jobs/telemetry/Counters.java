package io.edistream.jobs.telemetry;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** Keeps counters under their full names, {@code edistream.topic.T.kind.K.telemetry_dropped_total} for instance. */
final class Counters extends UnregisteredMetricsGroup {

    private final String scope;
    private final Map<String, Counter> counters;

    Counters() {
        this("", new ConcurrentHashMap<>());
    }

    private Counters(String scope, Map<String, Counter> counters) {
        this.scope = scope;
        this.counters = counters;
    }

    long dropped(String topic, String kind) {
        return counters.get("edistream.topic." + topic + ".kind." + kind + ".telemetry_dropped_total")
                .getCount();
    }

    @Override
    public MetricGroup addGroup(String name) {
        return new Counters(scope + name + ".", counters);
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
        return addGroup(key).addGroup(value);
    }

    @Override
    public <C extends Counter> C counter(String name, C counter) {
        counters.put(scope + name, counter);
        return counter;
    }
}
