package io.edistream.jobs.watch;

import io.edistream.schemas.Command;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Spike;

/** Is told what there is to count. */
public interface Counts {

    /** Tokens were taken in. */
    void tokens(int count);

    /** Of these, some had no entropy. */
    void unmeasured(int count);

    /** Tokens never came. */
    void missingTokens(int count);

    /** Tokens came again. */
    void repeatedTokens(int count);

    /** Records of a source never came. */
    void missingRecords(long count);

    /** A sequence started. */
    void started();

    /** A sequence was ended by its source. */
    void finished();

    /**
     * A sequence was ended by the job.
     *
     * @param byClock whether because its source fell silent altogether
     */
    void abandoned(boolean byClock);

    /** Something was rejected, told of or not. */
    void rejected(RejectReason reason);

    /** A spike was published. */
    void spike(Spike spike);

    /** A command was sent. */
    void command(Command command);

    /** A score was published. */
    void score(boolean last);

    /** A label came after its sequence's end. */
    void lateLabel();
}
