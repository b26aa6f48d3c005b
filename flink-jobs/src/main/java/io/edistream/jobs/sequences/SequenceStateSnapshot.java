package io.edistream.jobs.sequences;

import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.PolicyCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** What a savepoint says of {@link SequenceStateSerializer}: the version of its layout and, by index, the policies. */
public final class SequenceStateSnapshot implements TypeSerializerSnapshot<SequenceState> {

    private static final int VERSION = 1;

    private List<Policy> policies;

    /** For Flink, which calls {@link #readSnapshot} next. */
    public SequenceStateSnapshot() {
        this(List.of());
    }

    SequenceStateSnapshot(List<Policy> policies) {
        this.policies = policies;
    }

    @Override
    public int getCurrentVersion() {
        return VERSION;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
        out.writeByte(policies.size() - 1);
        for (Policy policy : policies) {
            PolicyCodec.write(policy, out);
        }
    }

    /**
     * @throws IOException if the state was written in a layout that this release does not have
     */
    @Override
    public void readSnapshot(int readVersion, DataInputView in, ClassLoader classLoader) throws IOException {
        if (readVersion != VERSION) {
            throw new IOException(
                    "sequences were stored with layout " + readVersion + ", this release reads layout " + VERSION);
        }
        int count = in.readUnsignedByte() + 1;
        List<Policy> read = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            read.add(PolicyCodec.read(in));
        }
        policies = List.copyOf(read);
    }

    @Override
    public TypeSerializer<SequenceState> restoreSerializer() {
        return new SequenceStateSerializer(policies);
    }

    /** Old policies keep their indices, new ones are put behind them. */
    @Override
    public TypeSerializerSchemaCompatibility<SequenceState> resolveSchemaCompatibility(
            TypeSerializerSnapshot<SequenceState> old) {
        if (!(old instanceof SequenceStateSnapshot stored)) {
            return TypeSerializerSchemaCompatibility.incompatible();
        }
        List<Policy> merged = new ArrayList<>(stored.policies);
        policies.stream().filter(policy -> !merged.contains(policy)).forEach(merged::add);
        if (merged.equals(policies)) {
            return TypeSerializerSchemaCompatibility.compatibleAsIs();
        }
        if (merged.size() > SequenceStateSerializer.MAX_POLICIES) {
            throw new IllegalStateException("the stored sequences know " + stored.policies.size()
                    + " policies already: at most " + SequenceStateSerializer.MAX_POLICIES
                    + " are possible before the job must be started without its state");
        }
        return TypeSerializerSchemaCompatibility.compatibleWithReconfiguredSerializer(
                new SequenceStateSerializer(merged));
    }
}
