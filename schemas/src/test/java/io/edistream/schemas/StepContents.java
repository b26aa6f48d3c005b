package io.edistream.schemas;

import java.util.ArrayList;
import java.util.List;

/** Everything that can be asked of a step, in a form that can be compared. */
record StepContents(
        long generator,
        long recordNumber,
        long decodedAtMicros,
        List<SequenceStart> starts,
        List<SamplingChange> samplingChanges,
        List<Run> runs,
        int tokens,
        boolean isMeasured,
        List<Place> places,
        List<SequenceFinish> finishes,
        List<LateLabel> labels,
        String columnProblem) {

    record Run(long sequence, int firstToken, int place, int length) {}

    /** Records compare floats by their bits, so that NaN equals itself and 0 is not -0. */
    record Place(
            float entropy, float upperBound, float logprob, float confidence, int tokenClass, boolean isUnmeasured) {}

    /** The values of tokens are left out if the columns do not fit, since then there are none. */
    static StepContents of(Step step) {
        List<Run> runs = new ArrayList<>();
        for (int run = 0; run < step.runs(); run++) {
            runs.add(new Run(step.sequence(run), step.firstToken(run), step.place(run), step.length(run)));
        }
        List<Place> places = new ArrayList<>();
        for (int place = 0; place < step.tokens() && step.columnProblem().isEmpty(); place++) {
            places.add(new Place(
                    step.entropy(place),
                    step.upperBound(place),
                    step.logprob(place),
                    step.confidence(place),
                    step.tokenClass(place),
                    step.isUnmeasured(place)));
        }
        return new StepContents(
                step.generator(),
                step.recordNumber(),
                step.decodedAtMicros(),
                List.copyOf(step.starts()),
                List.copyOf(step.samplingChanges()),
                runs,
                step.tokens(),
                step.isMeasured(),
                places,
                List.copyOf(step.finishes()),
                List.copyOf(step.labels()),
                step.columnProblem());
    }
}
