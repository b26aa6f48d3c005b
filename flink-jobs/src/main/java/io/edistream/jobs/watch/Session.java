package io.edistream.jobs.watch;

import io.edistream.schemas.RejectReason;
import org.jspecify.annotations.Nullable;

/** The record or timer that is being handled: of which source, where it came from, and where what follows goes. */
final class Session {

    private final Records records;
    private final Rejections rejections;
    private long generator;
    private Origin origin = new Origin(0, 0);
    private long nowMillis;
    private Store store;
    private Output out;

    @SuppressWarnings("NullAway.Init")
    Session(Records records, Rejections rejections) {
        this.records = records;
        this.rejections = rejections;
    }

    /** Begins with a record of a source. */
    void open(long ofGenerator, Origin from, long now, Store of, Output output) {
        generator = ofGenerator;
        origin = from;
        nowMillis = now;
        store = of;
        out = output;
    }

    /** Begins with restored state of a source, of which nothing follows that goes anywhere. */
    void open(long ofGenerator, long now, Store of) {
        generator = ofGenerator;
        nowMillis = now;
        store = of;
    }

    long generator() {
        return generator;
    }

    Origin origin() {
        return origin;
    }

    /** Processing time, milliseconds. */
    long nowMillis() {
        return nowMillis;
    }

    Store store() {
        return store;
    }

    Output out() {
        return out;
    }

    /** Rejects something of one sequence. */
    void reject(RejectReason reason, String detail, long counter, @Nullable Integer token) {
        rejections.add(generator, records.rejected(origin, reason, detail, generator, counter, token), nowMillis, out);
    }

    /** Rejects something of the whole record. */
    void reject(RejectReason reason, String detail) {
        rejections.add(generator, records.rejected(origin, reason, detail, generator), nowMillis, out);
    }

    /**
     * Rejects an event of a sequence that does not run.
     *
     * @param token index of the first token, null for a finish
     * @param started whether it had a start
     */
    void rejectUnknown(long counter, @Nullable Integer token, boolean started) {
        String what = token == null ? "finish" : "tokens from " + token + " on";
        if (started) {
            reject(
                    RejectReason.AFTER_FINISH,
                    what + " of a sequence that has ended or was not admitted: ignored",
                    counter,
                    token);
        } else {
            reject(
                    RejectReason.UNKNOWN_SEQUENCE,
                    what + " of a sequence without a start: must come after its start; ignored",
                    counter,
                    token);
        }
    }
}
