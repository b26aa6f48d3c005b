package io.edistream.jobs.source;

import io.edistream.jobs.types.SerializerTypeInfo;
import io.edistream.jobs.watch.Origin;
import io.edistream.schemas.Rejected;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** What the source hands to the operator: a record as it came, or why it was not even looked into. */
public sealed interface SourceRecord permits SourceRecord.Undecoded, SourceRecord.Refused {

    /** How Flink moves it. */
    TypeInformation<SourceRecord> TYPE =
            SerializerTypeInfo.ofValue(SourceRecord.class, SourceRecordSerializer.INSTANCE);

    /** What the stream is keyed by: the source of tokens, or the partition of a record that was refused. */
    long key();

    /** A record of a known version whose key is its generator. It is decoded behind the shuffle. */
    final class Undecoded implements SourceRecord {
        private final long generator;
        private final Origin origin;
        private final byte[] bytes;

        /**
         * @param generator the source of tokens
         * @param origin where it came from
         * @param bytes the record, not to be changed
         */
        public Undecoded(long generator, Origin origin, byte[] bytes) {
            this.generator = generator;
            this.origin = origin;
            this.bytes = bytes;
        }

        /** The source of tokens. */
        public long generator() {
            return generator;
        }

        /** Where it came from. */
        public Origin origin() {
            return origin;
        }

        /** The record, not to be changed. */
        public byte[] bytes() {
            return bytes;
        }

        @Override
        public long key() {
            return generator;
        }
    }

    /**
     * A record that concerns no state.
     *
     * @param rejected what is wrong with it
     */
    record Refused(Rejected rejected) implements SourceRecord {
        @Override
        public long key() {
            return rejected.getPartition();
        }
    }
}
