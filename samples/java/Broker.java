import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import java.io.IOException;

/** A broker with all topics: prints where it listens, and stays until its input ends. */
final class Broker {

    private Broker() {}

    public static void main(String[] arguments) throws IOException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            System.out.println(kafka.bootstrapServers());
            while (System.in.read() >= 0) {
                // Whoever started this says nothing, and closes the pipe when it ends.
            }
        }
    }
}
