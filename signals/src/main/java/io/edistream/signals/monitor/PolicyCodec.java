package io.edistream.signals.monitor;

import io.edistream.signals.Scoring;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.RuleHeader;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Stores policies beside the sequences that were started under them. */
public final class PolicyCodec {

    private static final int ABORT_ABOVE = 1;
    private static final int BRANCH_ABOVE = 2;

    private PolicyCodec() {}

    /** Writes a policy. */
    public static void write(Policy policy, DataOutput out) throws IOException {
        policy.scoring().write(out);
        out.writeInt(policy.rules().size());
        for (Rule rule : policy.rules()) {
            writeRule(rule, out);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException if it holds a rule of a kind that this release does not know
     */
    public static Policy read(DataInput in) throws IOException {
        Scoring scoring = Scoring.read(in);
        return new Policy(scoring, readRules(in));
    }

    private static List<Rule> readRules(DataInput in) throws IOException {
        int count = in.readInt();
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rules.add(readRule(in));
        }
        return rules;
    }

    private static void writeRule(Rule rule, DataOutput out) throws IOException {
        if (rule instanceof AbortAbove abort) {
            out.writeByte(ABORT_ABOVE);
            writeHeader(abort.header(), out);
            out.writeUTF(abort.signal());
            out.writeDouble(abort.limit());
            out.writeInt(abort.minTokens());
        } else if (rule instanceof BranchAbove branch) {
            out.writeByte(BRANCH_ABOVE);
            writeHeader(branch.header(), out);
            out.writeDouble(branch.limitNats());
            out.writeInt(branch.width());
            out.writeInt(branch.maxLeaves());
            out.writeInt(branch.maxFirings());
        }
    }

    private static Rule readRule(DataInput in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case ABORT_ABOVE -> new AbortAbove(readHeader(in), in.readUTF(), in.readDouble(), in.readInt());
            case BRANCH_ABOVE ->
                new BranchAbove(readHeader(in), in.readDouble(), in.readInt(), in.readInt(), in.readInt());
            default -> throw new IOException("stored policy holds a rule of unknown kind " + kind);
        };
    }

    private static void writeHeader(RuleHeader header, DataOutput out) throws IOException {
        out.writeUTF(header.id());
        out.writeInt(header.version());
        out.writeBoolean(header.armed());
        out.writeInt(header.models().size());
        for (String model : new TreeSet<>(header.models())) {
            out.writeUTF(model);
        }
    }

    private static RuleHeader readHeader(DataInput in) throws IOException {
        String id = in.readUTF();
        int version = in.readInt();
        boolean armed = in.readBoolean();
        int count = in.readInt();
        Set<String> models = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            models.add(in.readUTF());
        }
        return new RuleHeader(id, version, armed, models);
    }
}
