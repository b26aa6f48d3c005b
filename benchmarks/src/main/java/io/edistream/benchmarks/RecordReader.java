package io.edistream.benchmarks;

import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Step;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Token;

/** How the records of token-entropy are decoded. */
public interface RecordReader {

    /** Reads a record and tells a visitor what is in it, in order. */
    void read(byte[] record, Visitor visitor) throws UnreadableRecordException;

    /** Is told what a record holds. */
    interface Visitor {

        /** A sequence starts. */
        void start(SequenceStart start);

        /** The tokens that follow are of this sequence. */
        void run(long sequence, int firstToken, long decodedAtMicros);

        /** The next token of the run. */
        void token(Token token);

        /** A sequence ends. */
        void finish(SequenceFinish finish);
    }

    /** The decoder of the job. */
    static RecordReader byHand() {
        StepDecoder decoder = new StepDecoder();
        Step step = new Step();
        return (record, visitor) -> {
            decoder.decode(record, step);
            step.starts().forEach(visitor::start);
            for (int run = 0; run < step.runs(); run++) {
                visitor.run(step.sequence(run), step.firstToken(run), step.decodedAtMicros());
                int end = step.place(run) + step.length(run);
                for (int place = step.place(run); place < end; place++) {
                    visitor.token(new Token(
                            step.entropy(place),
                            step.upperBound(place),
                            step.logprob(place),
                            step.confidence(place),
                            step.tokenClass(place)));
                }
            }
            step.finishes().forEach(visitor::finish);
        };
    }

    /** Avro's decoder, as any consumer in Java would use it. The records must have the columns that the traffic has. */
    static RecordReader byAvro() {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        return (record, visitor) -> {
            TokenEntropyBatch batch = codec.decode(record);
            batch.getStarts().forEach(visitor::start);
            int[] classes = new int[batch.getEntropies().size()];
            for (TokenClass entry : batch.getTokenClasses()) {
                classes[entry.getPlace()] = entry.getTokenClass();
            }
            int place = 0;
            for (TokenRun run : batch.getRuns()) {
                visitor.run(run.getSequence(), run.getFirstToken(), batch.getDecodedAtMicros());
                for (int end = place + run.getTokens(); place < end; place++) {
                    visitor.token(new Token(
                            batch.getEntropies().get(place),
                            Token.UNMEASURED,
                            batch.getLogprobs().get(place),
                            batch.getConfidences().get(place),
                            classes[place]));
                }
            }
            batch.getFinishes().forEach(visitor::finish);
        };
    }
}
