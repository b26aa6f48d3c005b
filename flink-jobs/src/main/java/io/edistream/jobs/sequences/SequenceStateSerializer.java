package io.edistream.jobs.sequences;

import io.edistream.jobs.sequences.SequenceState.Finished;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.jobs.types.VarInts;
import io.edistream.signals.Catalogue;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Stores sequences. A live one names the policy that it was started with by one byte, an index into the list of
 * policies that the serializer's snapshot holds.
 */
final class SequenceStateSerializer extends TypeSerializer<SequenceState> {

    /** How many policies one byte can name. */
    static final int MAX_POLICIES = 256;

    private static final int LIVE = 0;
    private static final int FINISHED = 1;
    private static final int VARIABLE_LENGTH = -1;
    private static final int COPY_BYTES = 512;
    private static final long MICROS_PER_MILLI = 1000;

    private final PolicyList policies;

    SequenceStateSerializer(List<Policy> policies) {
        this.policies = new PolicyList(policies);
    }

    /** The policies that stored sequences may name, oldest first. */
    List<Policy> policies() {
        return policies.list();
    }

    @Override
    public void serialize(SequenceState state, DataOutputView out) throws IOException {
        if (state instanceof Live live) {
            out.writeByte(LIVE);
            writeTimes(state, out);
            writeLive(live, out);
        } else {
            out.writeByte(FINISHED);
            writeTimes(state, out);
        }
    }

    private static void writeTimes(SequenceState state, DataOutputView out) throws IOException {
        VarInts.write(state.lastEventMillis(), out);
        VarInts.writeSigned(state.timerMillis() - state.lastEventMillis(), out);
    }

    private void writeLive(Live live, DataOutputView out) throws IOException {
        SequenceMonitor monitor = live.monitor();
        SequenceInfo info = monitor.info();
        out.writeByte(policies.indexOf(monitor.policy()));
        VarInts.write(info.group(), out);
        writeName(info.model(), out);
        writeName(info.route(), out);
        out.writeByte(info.entropyKind());
        VarInts.write(info.firstJudgedToken(), out);
        VarInts.write(live.vocabularySize(), out);
        VarInts.write(live.tokenClasses(), out);
        VarInts.writeSigned(live.lastDecodedAtMicros() - nearMicros(live.lastEventMillis()), out);
        monitor.write(new StateOutput(out));
    }

    @Override
    public SequenceState deserialize(DataInputView in) throws IOException {
        int kind = in.readUnsignedByte();
        long lastEventMillis = VarInts.readLong(in);
        long timerMillis = lastEventMillis + VarInts.readSigned(in);
        return switch (kind) {
            case LIVE -> readLive(lastEventMillis, timerMillis, in);
            case FINISHED -> new Finished(lastEventMillis, timerMillis);
            default -> throw new IOException("stored sequence is of unknown kind " + kind);
        };
    }

    private Live readLive(long lastEventMillis, long timerMillis, DataInputView in) throws IOException {
        Policy policy = policies.get(in.readUnsignedByte());
        long group = VarInts.readLong(in);
        String model = readName(in);
        String route = readName(in);
        int entropyKind = in.readUnsignedByte();
        int firstJudgedToken = VarInts.readInt(in);
        int vocabularySize = VarInts.readInt(in);
        int tokenClasses = VarInts.readInt(in);
        long lastDecodedAtMicros = nearMicros(lastEventMillis) + VarInts.readSigned(in);
        SequenceInfo info = new SequenceInfo(
                group, model, route, entropyKind, TokenCheck.maxEntropy(vocabularySize), firstJudgedToken);
        SequenceMonitor monitor = new SequenceMonitor(policy, info, Catalogue.NO_CLASS);
        monitor.read(new StateInput(in));
        return new Live(monitor, vocabularySize, tokenClasses, lastDecodedAtMicros, lastEventMillis, timerMillis);
    }

    /** The time, in microseconds, that a token which arrived then was probably decoded at. */
    private static long nearMicros(long millis) {
        return millis * MICROS_PER_MILLI;
    }

    private static void writeName(String name, DataOutputView out) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        VarInts.write(bytes.length, out);
        out.write(bytes);
    }

    private static String readName(DataInputView in) throws IOException {
        byte[] bytes = new byte[VarInts.readInt(in)];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A deep copy, which the heap backend asks for once per sequence and snapshot. */
    @Override
    public SequenceState copy(SequenceState from) {
        try {
            DataOutputSerializer out = new DataOutputSerializer(COPY_BYTES);
            serialize(from, out);
            return deserialize(new DataInputDeserializer(out.getSharedBuffer(), 0, out.length()));
        } catch (IOException e) {
            throw new IllegalStateException("a sequence's state could not be copied", e);
        }
    }

    @Override
    public SequenceState copy(SequenceState from, SequenceState reuse) {
        return copy(from);
    }

    @Override
    public SequenceState deserialize(SequenceState reuse, DataInputView in) throws IOException {
        return deserialize(in);
    }

    @Override
    public void copy(DataInputView in, DataOutputView out) throws IOException {
        serialize(deserialize(in), out);
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    /** The serializer holds nothing that changes, so all threads may share it. */
    @Override
    public TypeSerializer<SequenceState> duplicate() {
        return this;
    }

    @Override
    public @Nullable SequenceState createInstance() {
        return null;
    }

    @Override
    public int getLength() {
        return VARIABLE_LENGTH;
    }

    @Override
    public TypeSerializerSnapshot<SequenceState> snapshotConfiguration() {
        return new SequenceStateSnapshot(policies());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceStateSerializer that && policies().equals(that.policies());
    }

    @Override
    public int hashCode() {
        return policies().hashCode();
    }
}
