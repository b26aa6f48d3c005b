package io.edistream.cli.topics;

import io.edistream.cli.Edistream;
import io.edistream.cli.UserError;
import io.edistream.jobs.BrokerArguments;
import io.edistream.jobs.KafkaOptions;
import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Moves the beginning of a partition behind a record that nobody can read. That is the only thing which helps a job that
 * restarts from a checkpoint: it reads its own offsets and never asks for those of its group, but an offset that is gone
 * makes it go on at the first one that is kept.
 */
@Command(
        name = "skip",
        description = {
            "Steps over a record that fails the job each time it reads it. The job's error names topic, partition and"
                    + " offset.",
            "",
            "Deletes the records of the partition up to the end of the batch that holds the record, so that the job goes on"
                    + " behind it with its next restart. Lost are also the records before it that the job has not yet"
                    + " covered by a checkpoint; docs/topics.md says what that means."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the record is gone",
            "1:Kafka refused, or more would be lost than --max-lost; nothing was deleted",
            "2:an option or argument is wrong; nothing was deleted"
        })
final class SkipCommand implements Callable<Integer> {

    private static final long DEFAULT_MAX_LOST = 10_000;

    @Parameters(index = "0", paramLabel = "TOPIC", description = "Full name of the topic.")
    private String topic = "";

    @Parameters(index = "1", paramLabel = "PARTITION", description = "Number of the partition.")
    private int partition;

    @Parameters(index = "2", paramLabel = "OFFSET", description = "Offset of the record.")
    private long offset;

    @Mixin
    private BrokerArguments brokers = new BrokerArguments();

    @Option(
            names = "--group-id",
            paramLabel = "ID",
            description = "Consumer group of the job, whose commits tell what it has covered by checkpoints. Default:"
                    + " ${DEFAULT-VALUE}.")
    private String groupId = KafkaOptions.DEFAULT_GROUP_ID;

    @Option(
            names = "--max-lost",
            paramLabel = "N",
            description = "Records that may be lost, this one included. Default: ${DEFAULT-VALUE}.")
    private long maxLost = DEFAULT_MAX_LOST;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        if (partition < 0 || offset < 0 || maxLost < 1) {
            throw UserError.wrongRequest("PARTITION " + partition + ", OFFSET " + offset + ", --max-lost " + maxLost
                    + ": must be at least 0, 0 and 1");
        }
        return Cluster.connected(brokers, this::skip);
    }

    private int skip(TopicAdmin kafka) throws InterruptedException {
        TopicPartition from = new TopicPartition(topic, partition);
        TopicDescription description = describe(kafka);
        TopicPartitionInfo info = info(description);
        if (info.leader() == null) {
            throw UserError.failedWork(from + " has no leader at present: try again when its broker is back");
        }
        long first = offset(kafka, from, OffsetSpec.earliest());
        long end = offset(kafka, from, OffsetSpec.latest());
        if (offset < first) {
            say("record " + offset + " of " + from + " is gone already: the first one is " + first);
            return ExitCode.OK;
        }
        if (offset >= end) {
            throw UserError.wrongRequest("OFFSET " + offset + ": " + from
                    + (first == end
                            ? " is empty; its next record will be " + end
                            : " has " + first + " to " + (end - 1)));
        }
        long last = new BatchLookup(brokers.servers(), brokers.properties())
                .lastOffset(info.leader(), from, description.topicId(), offset);
        OptionalLong committed = committed(kafka, from);
        // A group that is past the record does not say where the job is that fails at it.
        long read = committed.isPresent() && committed.getAsLong() <= offset
                ? Math.max(first, committed.getAsLong())
                : first;
        requireFewLost(from, last, last + 1 - read, committed);
        delete(kafka, from, last + 1);
        say("deleted the records of " + from + " up to " + last + ", the end of the batch that held " + offset
                + ": at most "
                + (last + 1 - read) + " that no checkpoint covered; the job goes on at " + (last + 1)
                + " with its next restart");
        return ExitCode.OK;
    }

    private void requireFewLost(TopicPartition from, long last, long lost, OptionalLong committed) {
        if (lost <= maxLost) {
            return;
        }
        String group = committed.isPresent()
                ? "group " + groupId + " committed offset " + committed.getAsLong()
                : "group " + groupId + " committed nothing, so that all count";
        throw UserError.failedWork(
                "up to " + last + ", the end of the batch that holds " + offset + ", " + from + " has "
                        + lost + " records that no checkpoint is known to cover (" + group + "), more than --max-lost "
                        + maxLost
                        + "; nothing was deleted");
    }

    private TopicDescription describe(TopicAdmin kafka) throws InterruptedException {
        try {
            return kafka.admin()
                    .describeTopics(List.of(topic))
                    .topicNameValues()
                    .get(topic)
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw UserError.wrongRequest("TOPIC '" + topic + "': there is none of this name, which must be the full"
                        + " one, with prefix and version");
            }
            throw kafka.refusal(e);
        }
    }

    private TopicPartitionInfo info(TopicDescription description) {
        return description.partitions().stream()
                .filter(info -> info.partition() == partition)
                .findFirst()
                .orElseThrow(() -> UserError.wrongRequest("PARTITION " + partition + ": " + topic + " has 0 to "
                        + (description.partitions().size() - 1)));
    }

    private static long offset(TopicAdmin kafka, TopicPartition of, OffsetSpec which) throws InterruptedException {
        ListOffsetsResult asked = kafka.admin().listOffsets(Map.of(of, which));
        return kafka.answer(asked.partitionResult(of)).offset();
    }

    private OptionalLong committed(TopicAdmin kafka, TopicPartition of) throws InterruptedException {
        try {
            Map<TopicPartition, OffsetAndMetadata> offsets = kafka.admin()
                    .listConsumerGroupOffsets(groupId)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return Optional.ofNullable(offsets.get(of))
                    .map(found -> OptionalLong.of(found.offset()))
                    .orElseGet(OptionalLong::empty);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return OptionalLong.empty();
            }
            throw kafka.refusal(e);
        }
    }

    private static void delete(TopicAdmin kafka, TopicPartition from, long before) throws InterruptedException {
        long first = kafka.answer(kafka.admin()
                        .deleteRecords(Map.of(from, RecordsToDelete.beforeOffset(before)))
                        .lowWatermarks()
                        .get(from))
                .lowWatermark();
        if (first < before) {
            throw KafkaRefusal.failure(from + " still begins at " + first, null);
        }
    }

    private void say(String what) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(what);
        out.flush();
    }
}
