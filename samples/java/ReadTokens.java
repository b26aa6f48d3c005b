import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Step;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Prints what the sequence job understands of the first records of token-entropy, a line each. */
final class ReadTokens {

    private ReadTokens() {}

    /**
     * @param arguments where the broker listens, the topic, how many records
     */
    public static void main(String[] arguments) throws UnreadableRecordException {
        TopicPartition partition = new TopicPartition(arguments[1], 0);
        int left = Integer.parseInt(arguments[2]);
        StepDecoder decoder = new StepDecoder();
        Step step = new Step();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", arguments[0]), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (left > 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    decoder.decode(record.value(), step);
                    System.out.println(line(step));
                    left--;
                }
            }
        }
    }

    private static String line(Step step) {
        StringBuilder line = new StringBuilder(Ids.text(step.generator(), step.recordNumber()));
        for (SequenceStart start : step.starts()) {
            line.append(" start ").append(start.getSequence()).append(' ').append(start.getModel());
            line.append(" seed ").append(start.getSampling().getSeed());
        }
        for (int run = 0; run < step.runs(); run++) {
            line.append(" tokens of ").append(step.sequence(run)).append(" from ").append(step.firstToken(run));
            for (int place = step.place(run); place < step.place(run) + step.length(run); place++) {
                line.append(' ').append(step.entropy(place)).append('/').append(step.logprob(place)).append('/');
                line.append(step.confidence(place)).append(step.isUnmeasured(place) ? " unmeasured" : "");
            }
        }
        for (SequenceFinish finish : step.finishes()) {
            line.append(" finish ").append(finish.getSequence()).append(' ').append(finish.getReason());
            line.append(" after ").append(finish.getTokens());
        }
        return line.append(step.columnProblem()).toString();
    }
}
