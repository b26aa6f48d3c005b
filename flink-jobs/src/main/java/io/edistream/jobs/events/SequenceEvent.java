package io.edistream.jobs.events;

import io.edistream.jobs.types.SerializerTypeInfo;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.RejectReason;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * One thing that happened to one sequence, as it travels from the source to the operator. Immutable.
 *
 * <p>Every event knows the partition and offset of the record that it came in, so that a rejection can point there.
 */
public sealed interface SequenceEvent permits SequenceEvent.Start, Run, SequenceEvent.Finish, SequenceEvent.Unusable {

    /** How Flink moves events. */
    TypeInformation<SequenceEvent> TYPE =
            SerializerTypeInfo.ofValue(SequenceEvent.class, SequenceEventSerializer.INSTANCE);

    /** What the stream of events is keyed by: the sequence. */
    SequenceKey key();

    /** Where the event came from. */
    Origin origin();

    /**
     * A record in Kafka.
     *
     * @param partition its partition
     * @param offset its offset in the partition
     */
    record Origin(int partition, long offset) {}

    /**
     * A sequence starts. The values are checked.
     *
     * @param group prompt group
     * @param model name of the model
     * @param route name of the route
     * @param entropyKind ordinal of the kind of entropy in the contract
     * @param vocabularySize tokens of the model's vocabulary
     * @param firstJudgedToken index from which on rules and spikes look at its tokens, 0 unless it was forked
     * @param tokenClasses names of the token classes 0, 1, ... that its tokens may name, at least one
     */
    record Start(
            SequenceKey key,
            Origin origin,
            long group,
            String model,
            String route,
            int entropyKind,
            int vocabularySize,
            int firstJudgedToken,
            List<String> tokenClasses)
            implements SequenceEvent {}

    /**
     * A sequence ends.
     *
     * @param tokens tokens that it had in all, as the generator says
     * @param reason why it ended
     * @param correct whether its answer is right, empty if nobody knows
     */
    record Finish(SequenceKey key, Origin origin, int tokens, FinishReason reason, Optional<Boolean> correct)
            implements SequenceEvent {}

    /**
     * Something that could not be read, or makes no sense by itself. It travels with the events so that all rejections
     * leave the job in one place; it concerns no state.
     *
     * @param key the sequence, or any key if {@code ofSequence} is false
     * @param ofSequence whether the sequence is known
     * @param reason what is wrong
     * @param detail one sentence: which value, where, what is allowed; cut at {@value #MAX_DETAIL_CHARACTERS} characters
     * @param token index of the first token concerned, {@link #NO_TOKEN} if none
     * @param payload first bytes of the record if it could not be read
     */
    record Unusable(
            SequenceKey key,
            Origin origin,
            boolean ofSequence,
            RejectReason reason,
            String detail,
            int token,
            Optional<Payload> payload)
            implements SequenceEvent {

        /** Stands for no token. */
        public static final int NO_TOKEN = -1;

        private static final int MAX_DETAIL_CHARACTERS = 1000;

        /** Cuts a long detail. */
        public Unusable {
            detail = detail.substring(0, Math.min(detail.length(), MAX_DETAIL_CHARACTERS));
        }
    }
}
