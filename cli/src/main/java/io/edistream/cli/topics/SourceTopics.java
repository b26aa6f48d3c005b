package io.edistream.cli.topics;

import io.edistream.jobs.topics.KafkaRefusal;
import io.edistream.jobs.topics.TopicAdmin;
import io.edistream.jobs.topics.TopicCheck;
import io.edistream.sequences.kafka.KafkaOptions;
import java.time.Duration;
import java.util.List;

/** The topics as a source of tokens needs them. */
public final class SourceTopics {

    private SourceTopics() {}

    /**
     * What somebody should know of them. Nothing keeps a source from its work.
     *
     * @param patience how long a broker that does not answer is waited for
     */
    public static List<String> warnings(KafkaOptions kafka, Duration patience) {
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrapServers(), kafka.clientProperties(), patience)) {
            return TopicCheck.look(admin, TopicCheck.Reader.SOURCE, kafka.topics(), kafka.bootstrapServers())
                    .warnings();
        } catch (KafkaRefusal e) {
            return List.of("the topics were not looked at: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
