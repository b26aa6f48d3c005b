package io.edistream.jobs.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailureTest {

    static Stream<Arguments> exceptions() {
        return Stream.of(
                Arguments.of(new UnknownTopicOrPartitionException(), Failure.MISSING),
                Arguments.of(new TimeoutException("t", new UnknownTopicOrPartitionException()), Failure.MISSING),
                Arguments.of(new InvalidTopicException("t"), Failure.MISSING),
                Arguments.of(new TopicAuthorizationException(Set.of("t")), Failure.FORBIDDEN),
                Arguments.of(new ClusterAuthorizationException("t"), Failure.FORBIDDEN),
                Arguments.of(new SaslAuthenticationException("t"), Failure.LOGIN),
                Arguments.of(new TimeoutException("t"), Failure.UNREACHABLE),
                Arguments.of(new KafkaStorageException(), Failure.UNREACHABLE),
                Arguments.of(new NotEnoughReplicasException(), Failure.UNREACHABLE),
                Arguments.of(new RecordTooLargeException(), Failure.RECORD),
                Arguments.of(new RecordBatchTooLargeException(), Failure.RECORD),
                Arguments.of(new InvalidTimestampException("t"), Failure.RECORD),
                Arguments.of(new InvalidRecordException("t"), Failure.RECORD),
                Arguments.of(new OutOfOrderSequenceException("t"), Failure.BROKEN),
                Arguments.of(new KafkaException("t"), Failure.BROKEN),
                Arguments.of(new IllegalStateException("closed"), Failure.BROKEN),
                Arguments.of(new OutOfMemoryError("t"), Failure.BROKEN));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void exceptionsTellWhatIsWrong(Throwable thrown, Failure failure) {
        assertThat(Failure.of(thrown)).isEqualTo(failure);
    }
}
