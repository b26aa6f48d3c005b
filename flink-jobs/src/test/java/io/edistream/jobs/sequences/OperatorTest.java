package io.edistream.jobs.sequences;

import io.edistream.jobs.watch.WatchSettings;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Base of the tests of the operator: each runs once on every backend, or on the one that system property {@value
 * Backend#PROPERTY} names.
 */
@ParameterizedClass
@MethodSource("io.edistream.jobs.sequences.Backend#tested")
abstract class OperatorTest {

    static final long IDLE = WatchSettings.DEFAULT_IDLE_TIMEOUT.toMillis();
    static final long RETENTION = WatchSettings.DEFAULT_RETENTION.toMillis();

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Backend backend;

    final SequenceHarness open() throws Exception {
        return open(WatchSettings.DEFAULT);
    }

    final SequenceHarness open(WatchSettings settings) throws Exception {
        return SequenceHarness.open(backend, settings);
    }

    final SequenceHarness restore(WatchSettings settings, OperatorSubtaskState state, long nowMillis) throws Exception {
        return SequenceHarness.restore(backend, settings, state, nowMillis);
    }

    static WatchSettings settings(Threshold rule, Mode mode) {
        return WatchSettings.of(Scoring.DEFAULT, Rules.of(rule, mode));
    }
}
