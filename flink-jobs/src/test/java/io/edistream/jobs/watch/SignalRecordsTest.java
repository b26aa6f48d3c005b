package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Signals;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.Signal;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class SignalRecordsTest {

    private static final Catalogue CATALOGUE = new Catalogue(Scoring.DEFAULT.withTrackedClass("digit"));

    @Test
    void everySignalHasAFieldAndEveryFieldASignal() {
        Set<String> signals = CATALOGUE.signals().stream().map(Signal::name).collect(Collectors.toSet());
        Set<String> fields = Signals.getClassSchema().getFields().stream()
                .map(Schema.Field::name)
                .collect(Collectors.toSet());
        assertThat(fields).isEqualTo(signals);
    }

    @Test
    void whatHasNoValueIsNullAndNotZero() {
        Signals none = SignalRecords.ofAll(CATALOGUE.start(0));
        assertThat(none).isEqualTo(new Signals());

        SequenceSignals entropies = CATALOGUE.start(Catalogue.NO_CLASS);
        entropies.add(Token.ofEntropy(0), SpikeListener.NONE);
        Signals record = SignalRecords.ofAll(entropies);
        assertThat(record.getMeanEntropy()).isZero();
        assertThat(record.getBurst()).isZero();
        assertThat(record.getPerplexity()).isNull();
        assertThat(record.getTokenConfidence()).isNull();
        assertThat(record.getLowestGroupConfidence()).isNull();
        assertThat(record.getTailConfidence()).isNull();
        assertThat(record.getEntropyGap()).isNull();
        assertThat(SignalRecords.ofClass(entropies)).isEqualTo(new Signals());
    }

    /**
     * By hand: entropies 0 and 2, of which the second token, of the class, has an upper bound of 3. Of a
     * group that is not full, the mean of what there is counts.
     */
    @Test
    void valuesLieInTheFieldsOfTheirNames() {
        SequenceSignals signals = CATALOGUE.start(1);
        signals.add(new Token(0, 0, 0, 4, 0), SpikeListener.NONE);
        signals.add(new Token(2, 3, 0, 6, 1), SpikeListener.NONE);
        assertThat(SignalRecords.ofAll(signals))
                .isEqualTo(Signals.newBuilder()
                        .setEdis(1.0)
                        .setBurst(0)
                        .setRebound(1)
                        .setEntropyVariance(1.0)
                        .setMeanEntropy(1.0)
                        .setSequenceEntropy(2.0)
                        .setSpikeCount(1)
                        .setLargestWindowedEntropy(1.0)
                        .setPerplexity(1.0)
                        .setTokenConfidence(5.0)
                        .setLowestGroupConfidence(5.0)
                        .setTailConfidence(5.0)
                        .setEntropyGap(0.5)
                        .build());
        assertThat(SignalRecords.ofClass(signals))
                .isEqualTo(Signals.newBuilder()
                        .setEdis(0.0)
                        .setBurst(0)
                        .setRebound(0)
                        .setEntropyVariance(0.0)
                        .setMeanEntropy(2.0)
                        .setSequenceEntropy(2.0)
                        .setSpikeCount(0)
                        .setLargestWindowedEntropy(2.0)
                        .setPerplexity(1.0)
                        .setTokenConfidence(6.0)
                        .setLowestGroupConfidence(6.0)
                        .setTailConfidence(6.0)
                        .setEntropyGap(1.0)
                        .build());
    }
}
