package io.edistream.jobs.events;

import io.edistream.jobs.events.SequenceEvent.Finish;
import io.edistream.jobs.events.SequenceEvent.Origin;
import io.edistream.jobs.events.SequenceEvent.Start;
import io.edistream.jobs.events.SequenceEvent.Unusable;
import io.edistream.jobs.types.ImmutableSerializer;
import io.edistream.jobs.types.Symbols;
import io.edistream.jobs.types.VarInts;
import io.edistream.jobs.types.VersionedSnapshot;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.RejectReason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes events compactly: a run of one token takes some 45 bytes. */
final class SequenceEventSerializer extends ImmutableSerializer<SequenceEvent> {

    static final SequenceEventSerializer INSTANCE = new SequenceEventSerializer();

    private static final int START = 1;
    private static final int RUN = 2;
    private static final int FINISH = 3;
    private static final int UNUSABLE = 4;

    private static final int UNKNOWN = -1;
    private static final int VARIABLE_LENGTH = -1;
    private static final FinishReason[] FINISH_REASONS = FinishReason.values();
    private static final RejectReason[] REJECT_REASONS = RejectReason.values();

    private SequenceEventSerializer() {}

    @Override
    public int getLength() {
        return VARIABLE_LENGTH;
    }

    @Override
    public void serialize(SequenceEvent event, DataOutputView out) throws IOException {
        if (event instanceof Run run) {
            writeHead(RUN, run, out);
            writeRun(run, out);
        } else if (event instanceof Start start) {
            writeHead(START, start, out);
            writeStart(start, out);
        } else if (event instanceof Finish finish) {
            writeHead(FINISH, finish, out);
            VarInts.write(finish.tokens(), out);
            out.writeByte(Symbols.position(finish.reason()));
            out.writeByte(finish.correct().map(correct -> correct ? 1 : 0).orElse(UNKNOWN));
        } else if (event instanceof Unusable unusable) {
            writeHead(UNUSABLE, unusable, out);
            writeUnusable(unusable, out);
        }
    }

    private static void writeHead(int kind, SequenceEvent event, DataOutputView out) throws IOException {
        out.writeByte(kind);
        out.writeLong(event.key().generator());
        VarInts.write(event.key().counter(), out);
        VarInts.write(event.origin().partition(), out);
        VarInts.write(event.origin().offset(), out);
    }

    private static void writeRun(Run run, DataOutputView out) throws IOException {
        out.writeLong(run.decodedAtMicros());
        VarInts.write(run.firstToken(), out);
        VarInts.write(run.tokens(), out);
        for (int i = 0; i < run.tokens(); i++) {
            out.writeFloat(run.entropy(i));
            out.writeFloat(run.logprob(i));
            out.writeFloat(run.confidence(i));
            VarInts.write(run.tokenClass(i), out);
        }
    }

    private static void writeStart(Start start, DataOutputView out) throws IOException {
        VarInts.write(start.group(), out);
        out.writeUTF(start.model());
        out.writeUTF(start.route());
        out.writeByte(start.entropyKind());
        VarInts.write(start.vocabularySize(), out);
        VarInts.write(start.firstJudgedToken(), out);
        VarInts.write(start.tokenClasses().size(), out);
        for (String name : start.tokenClasses()) {
            out.writeUTF(name);
        }
    }

    private static void writeUnusable(Unusable unusable, DataOutputView out) throws IOException {
        out.writeBoolean(unusable.ofSequence());
        out.writeByte(Symbols.position(unusable.reason()));
        out.writeUTF(unusable.detail());
        out.writeInt(unusable.token());
        out.writeBoolean(unusable.payload().isPresent());
        if (unusable.payload().isPresent()) {
            byte[] bytes = unusable.payload().get().array();
            VarInts.write(bytes.length, out);
            out.write(bytes);
        }
    }

    @Override
    public SequenceEvent deserialize(DataInputView in) throws IOException {
        int kind = in.readUnsignedByte();
        SequenceKey key = new SequenceKey(in.readLong(), VarInts.readLong(in));
        Origin origin = new Origin(VarInts.readInt(in), VarInts.readLong(in));
        return switch (kind) {
            case START -> readStart(key, origin, in);
            case RUN -> readRun(key, origin, in);
            case FINISH -> readFinish(key, origin, in);
            case UNUSABLE -> readUnusable(key, origin, in);
            default -> throw new IOException("event of unknown kind " + kind);
        };
    }

    private static Start readStart(SequenceKey key, Origin origin, DataInputView in) throws IOException {
        return new Start(
                key,
                origin,
                VarInts.readLong(in),
                in.readUTF(),
                in.readUTF(),
                in.readUnsignedByte(),
                VarInts.readInt(in),
                VarInts.readInt(in),
                readNames(in));
    }

    private static List<String> readNames(DataInputView in) throws IOException {
        String[] names = new String[VarInts.readInt(in)];
        for (int i = 0; i < names.length; i++) {
            names[i] = in.readUTF();
        }
        return List.of(names);
    }

    private static Run readRun(SequenceKey key, Origin origin, DataInputView in) throws IOException {
        long decodedAtMicros = in.readLong();
        int firstToken = VarInts.readInt(in);
        int tokens = VarInts.readInt(in);
        Run.Builder run = new Run.Builder(key, origin, decodedAtMicros, firstToken, tokens);
        for (int i = 0; i < tokens; i++) {
            run.add(in.readFloat(), in.readFloat(), in.readFloat(), VarInts.readInt(in));
        }
        return run.build();
    }

    private static Finish readFinish(SequenceKey key, Origin origin, DataInputView in) throws IOException {
        int tokens = VarInts.readInt(in);
        FinishReason reason = FINISH_REASONS[in.readUnsignedByte()];
        int correct = in.readByte();
        return new Finish(
                key, origin, tokens, reason, correct == UNKNOWN ? Optional.empty() : Optional.of(correct == 1));
    }

    private static Unusable readUnusable(SequenceKey key, Origin origin, DataInputView in) throws IOException {
        boolean ofSequence = in.readBoolean();
        RejectReason reason = REJECT_REASONS[in.readUnsignedByte()];
        String detail = in.readUTF();
        int token = in.readInt();
        Optional<Payload> payload = Optional.empty();
        if (in.readBoolean()) {
            byte[] bytes = new byte[VarInts.readInt(in)];
            in.readFully(bytes);
            payload = Optional.of(new Payload(bytes));
        }
        return new Unusable(key, origin, ofSequence, reason, detail, token, payload);
    }

    @Override
    public TypeSerializerSnapshot<SequenceEvent> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceEventSerializer;
    }

    @Override
    public int hashCode() {
        return SequenceEventSerializer.class.hashCode();
    }

    /** Version of the layout. */
    public static final class Snapshot extends VersionedSnapshot<SequenceEvent> {
        private static final int VERSION = 1;

        /** For Flink. */
        public Snapshot() {
            super(INSTANCE, VERSION);
        }
    }
}
