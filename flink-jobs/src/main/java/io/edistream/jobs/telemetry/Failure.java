package io.edistream.jobs.telemetry;

import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Why records do not get through, and what somebody can do about it. */
enum Failure {
    /** More records come than go. */
    FULL("more records come than Kafka takes, so the oldest are dropped"),
    /** No topic of this name. */
    MISSING("is missing; create it with: edistream topics --create"),
    /** A right is missing. */
    FORBIDDEN("may not be written by this user: it needs the rights DESCRIBE and WRITE"),
    /** The login is refused. */
    LOGIN("cannot be written, since the brokers refuse the login of --kafka-config or --kafka-property"),
    /** Nobody answers, or nobody who leads the partition, whose disk may be full. */
    UNREACHABLE("gets no answer from its brokers in time: are they there, and have they room on their disks?"),
    /** One record and not the topic. */
    RECORD("refuses records that are larger, or otherwise other, than its settings allow: see its max.message.bytes"),
    /** A record that has no bytes. */
    UNWRITABLE("got a record that cannot be written as its schema demands, a defect of this release"),
    /** Something else; a new client is opened, since some of these leave one that never sends again. */
    BROKEN("cannot be written, a new client is opened for it");

    private final String sentence;

    Failure(String sentence) {
        this.sentence = sentence;
    }

    /** The rest of a sentence that begins with the topic. */
    String sentence() {
        return sentence;
    }

    /** What an exception of Kafka's client tells. */
    static Failure of(Throwable thrown) {
        // A wait for a topic ends in a time-out, whose cause says whether the brokers know of no such topic.
        if (thrown instanceof UnknownTopicOrPartitionException
                || thrown instanceof InvalidTopicException
                || thrown.getCause() instanceof UnknownTopicOrPartitionException) {
            return MISSING;
        }
        if (thrown instanceof AuthorizationException) {
            return FORBIDDEN;
        }
        if (thrown instanceof AuthenticationException) {
            return LOGIN;
        }
        if (thrown instanceof RecordTooLargeException
                || thrown instanceof RecordBatchTooLargeException
                || thrown instanceof InvalidRecordException
                || thrown instanceof InvalidTimestampException) {
            return RECORD;
        }
        return thrown instanceof RetriableException ? UNREACHABLE : BROKEN;
    }
}
