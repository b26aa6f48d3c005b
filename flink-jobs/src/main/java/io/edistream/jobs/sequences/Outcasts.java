package io.edistream.jobs.sequences;

import io.edistream.jobs.types.ImmutableSerializer;
import io.edistream.jobs.types.VarInts;
import io.edistream.jobs.types.VersionedSnapshot;
import java.io.IOException;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.streaming.api.TimerService;
import org.jspecify.annotations.Nullable;

/**
 * Sequences whose events lead nowhere, since they have no start or have ended: remembered so that each has one event
 * rejected and the others counted. Speaks of the sequence that Flink's current key names.
 */
final class Outcasts {

    /** The state's description. */
    static final ValueStateDescriptor<Outcast> STATE = new ValueStateDescriptor<>("outcasts", Serializer.INSTANCE);

    private final ValueState<Outcast> states;
    private final long idleMillis;

    /**
     * @param idleMillis silence after which one without a start is forgotten
     */
    Outcasts(ValueState<Outcast> states, long idleMillis) {
        this.states = states;
        this.idleMillis = idleMillis;
    }

    /** Notes an event of a sequence without a start; says whether it is the first that is remembered. */
    boolean noteHomeless(long nowMillis, TimerService timers) throws IOException {
        Outcast known = states.value();
        long timer = known == null ? nowMillis + idleMillis : known.timerMillis();
        if (known == null) {
            timers.registerProcessingTimeTimer(timer);
        }
        states.update(new Outcast(nowMillis, timer));
        return known == null;
    }

    /** Notes an event of a sequence that has ended, whose own timer forgets this too; says whether it is the first. */
    boolean noteLate(long nowMillis, long timerMillis) throws IOException {
        if (states.value() != null) {
            return false;
        }
        states.update(new Outcast(nowMillis, timerMillis));
        return true;
    }

    /** Its start has come after all. */
    void adopted(TimerService timers) throws IOException {
        Outcast known = states.value();
        if (known != null) {
            timers.deleteProcessingTimeTimer(known.timerMillis());
            states.clear();
        }
    }

    /** The timer of a sequence without a start went off. */
    void onTimer(long nowMillis, Silence silence, TimerService timers) throws IOException {
        Outcast known = states.value();
        if (known == null) {
            return;
        }
        long due = silence.countedFrom(known.lastEventMillis()) + idleMillis;
        if (due > nowMillis) {
            timers.registerProcessingTimeTimer(due);
            states.update(new Outcast(known.lastEventMillis(), due));
        } else {
            states.clear();
        }
    }

    void forget() {
        states.clear();
    }

    /**
     * What is remembered of one.
     *
     * @param lastEventMillis when its last event came, milliseconds of processing time
     * @param timerMillis when the sequence's timer goes off
     */
    record Outcast(long lastEventMillis, long timerMillis) {}

    private static final class Serializer extends ImmutableSerializer<Outcast> {

        private static final Serializer INSTANCE = new Serializer();
        private static final int VARIABLE_LENGTH = -1;

        @Override
        public int getLength() {
            return VARIABLE_LENGTH;
        }

        @Override
        public void serialize(Outcast outcast, DataOutputView out) throws IOException {
            VarInts.write(outcast.lastEventMillis(), out);
            VarInts.writeSigned(outcast.timerMillis() - outcast.lastEventMillis(), out);
        }

        @Override
        public Outcast deserialize(DataInputView in) throws IOException {
            long lastEventMillis = VarInts.readLong(in);
            return new Outcast(lastEventMillis, lastEventMillis + VarInts.readSigned(in));
        }

        @Override
        public TypeSerializerSnapshot<Outcast> snapshotConfiguration() {
            return new Snapshot();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Serializer;
        }

        @Override
        public int hashCode() {
            return Serializer.class.hashCode();
        }
    }

    /** Version of the stored layout. */
    public static final class Snapshot extends VersionedSnapshot<Outcast> {
        private static final int VERSION = 1;

        /** For Flink. */
        public Snapshot() {
            super(Serializer.INSTANCE, VERSION);
        }
    }
}
