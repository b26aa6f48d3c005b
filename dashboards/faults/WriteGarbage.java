import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records that are no events to the topic of tokens: the job is to reject them. Arguments: brokers, topic, how many. */
final class WriteGarbage {

    public static void main(String[] args) throws Exception {
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", args[0]), bytes, bytes)) {
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                byte[] value = ("garbage " + i).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(args[1], value)).get();
            }
        }
    }
}
