package io.edistream.jobs.sequences;

import java.util.stream.Stream;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/** Where an operator's state is kept: every test of one runs on both, which hand out and take back values differently. */
enum Backend {
    HEAP {
        @Override
        StateBackend create() {
            return new HashMapStateBackend();
        }
    },
    ROCKSDB {
        @Override
        StateBackend create() {
            return new EmbeddedRocksDBStateBackend();
        }
    };

    /** Names the only one that is tested, where both would take too long: the mutation run starts tests thousands of times. */
    static final String PROPERTY = "edistream.test.backend";

    abstract StateBackend create();

    static Stream<Backend> tested() {
        String only = System.getProperty(PROPERTY);
        return only == null ? Stream.of(values()) : Stream.of(valueOf(only));
    }
}
