package io.edistream.cli.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.cli.Edistream;
import io.edistream.cli.SafeJson;
import io.edistream.cli.UserError;
import io.edistream.jobs.KafkaArguments;
import io.edistream.jobs.properties.SecretMask;
import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.jobs.topics.TopicState;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.Topics;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows how the loop is. */
@Command(
        name = "status",
        description = {
            "Shows who publishes tokens, which jobs watch and how far they are behind, what is sent, refused and lost, and"
                    + " what is wrong.",
            "",
            "Listens to the topics for some seconds; changes nothing."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:something is wrong, each thing named in a sentence; or Kafka does not answer",
            "2:an option is wrong"
        })
public final class StatusCommand implements Callable<Integer> {

    private static final int MAX_SECONDS = 600;
    private static final long DEFAULT_MAX_LAG = 10_000;

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long to listen, 1 to " + MAX_SECONDS + "; a job is heard every 2 s. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int seconds = 3;

    @Option(
            names = "--max-lag",
            paramLabel = "N",
            description =
                    "Records that a job may be behind before that is wrong, at least 0; a heartbeat is up to 2 s old."
                            + " Default: ${DEFAULT-VALUE}.")
    private long maxLag = DEFAULT_MAX_LAG;

    @Option(names = "--json", description = "One JSON object instead of a screen.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        if (seconds < 1 || seconds > MAX_SECONDS) {
            throw UserError.wrongRequest("--seconds " + seconds + ": must be 1 to " + MAX_SECONDS);
        }
        if (maxLag < 0) {
            throw UserError.wrongRequest("--max-lag " + maxLag + ": must be at least 0");
        }
        Topics topics = UserError.checked(kafka::topics);
        String servers = UserError.checked(kafka::servers);
        Report report = report(servers, topics);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(text(report));
        } else {
            StatusText.lines(report).forEach(out::println);
        }
        out.flush();
        return report.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Report report(String servers, Topics topics) throws InterruptedException {
        Clock clock = Clock.systemUTC();
        try (TopicAdmin admin = TopicAdmin.connect(servers, kafka.properties())) {
            Map<String, TopicState> states = admin.look(topics.required());
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(settings(servers), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                TrafficReader.Heard heard = new TrafficReader(consumer, topics, clock)
                        .listen(partitions(states), Duration.ofSeconds(seconds));
                return new Report(
                        servers, topics, states, heard, TimeUnit.MILLISECONDS.toMicros(clock.millis()), maxLag);
            }
        } catch (KafkaRefusal e) {
            throw UserError.of(e.isWrongOption(), String.valueOf(e.getMessage()));
        } catch (KafkaException e) {
            throw UserError.failedWork("Kafka at " + servers + " cannot be read: "
                    + SecretMask.of(kafka.properties()).hide(String.valueOf(e.getMessage())));
        }
    }

    private static List<TopicPartition> partitions(Map<String, TopicState> states) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (TopicState state : states.values()) {
            for (int partition = 0; partition < state.partitions(); partition++) {
                partitions.add(new TopicPartition(state.name(), partition));
            }
        }
        return partitions;
    }

    private Map<String, Object> settings(String servers) {
        Map<String, Object> settings = new HashMap<>(kafka.properties());
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RecordLimits.MAX_POLL_RECORDS);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
        return settings;
    }

    private static String text(Report report) {
        try {
            return new ObjectMapper(SafeJson.factory()).writeValueAsString(StatusJson.of(report));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report could not be written", e);
        }
    }
}
