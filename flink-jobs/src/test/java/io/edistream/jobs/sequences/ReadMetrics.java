package io.edistream.jobs.sequences;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionGraphTestUtils;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;

/** Reads the metrics that an operator registers. */
final class ReadMetrics {

    private final Map<String, Metric> metrics = new TreeMap<>();
    private final TaskMetricGroup taskGroup = TaskManagerMetricGroup.createTaskManagerMetricGroup(
                    TestingMetricRegistry.builder()
                            .setRegisterConsumer((metric, name, group) -> metrics.put(name + labels(group), metric))
                            .build(),
                    "localhost",
                    new ResourceID("test"))
            .addJob(new JobID(), "test")
            .addTask(ExecutionGraphTestUtils.createExecutionAttemptId(), "test");

    TaskMetricGroup taskGroup() {
        return taskGroup;
    }

    long value(String name) {
        Metric metric = metrics.get(name);
        if (metric instanceof Counter counter) {
            return counter.getCount();
        }
        if (metric instanceof Gauge<?> gauge) {
            return ((Number) gauge.getValue()).longValue();
        }
        throw new AssertionError("no metric " + name + " among " + metrics.keySet());
    }

    Set<String> names() {
        return Set.copyOf(metrics.keySet());
    }

    /** Those of the operator's own labels; all others are Flink's. */
    private static String labels(MetricGroup group) {
        return group.getAllVariables().entrySet().stream()
                .filter(label -> label.getKey().matches("<(reason|kind|action|mode|closed_by)>"))
                .sorted(Map.Entry.comparingByKey())
                .map(label -> " " + label.getKey().replaceAll("[<>]", "") + "=" + label.getValue())
                .collect(Collectors.joining());
    }
}
