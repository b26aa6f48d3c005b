package io.edistream.jobs.sequences;

import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.source.SourceRecord.Refused;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.jobs.types.ContractType;
import io.edistream.jobs.watch.Heartbeats;
import io.edistream.jobs.watch.Output;
import io.edistream.jobs.watch.Records;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.jobs.watch.Watcher;
import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;

/**
 * Hosts a {@link Watcher} in Flink: brings it records, timers, watermarks and stored state, and sends what it says. Keyed
 * by source. Scores are the main output; commands, heartbeats, spikes and rejections are side outputs.
 *
 * <p>An operator and not a process function, because the state of a sequence has a namespace of its own, see
 * {@link KeyedStore}.
 */
public final class SequenceOperator extends AbstractStreamOperator<Score>
        implements OneInputStreamOperator<SourceRecord, Score>, Triggerable<Long, VoidNamespace>, Output {

    /** The main output. */
    public static final TypeInformation<Score> SCORES = ContractType.of(Score.class);

    /** Commands to sources of tokens. */
    public static final OutputTag<Command> COMMANDS = new OutputTag<>("commands", ContractType.of(Command.class));

    /** Signs of life. */
    public static final OutputTag<Heartbeat> HEARTBEATS =
            new OutputTag<>("heartbeats", ContractType.of(Heartbeat.class));

    /** Bursts and rebounds. */
    public static final OutputTag<Spike> SPIKES = new OutputTag<>("spikes", ContractType.of(Spike.class));

    /** What could not be used. */
    public static final OutputTag<Rejected> REJECTED = new OutputTag<>("rejected", ContractType.of(Rejected.class));

    /** How often heartbeats are sent and summaries looked for. */
    static final long TICK_MILLIS = 2_000;

    private final WatchSettings settings;
    private final JobIdentity job;
    private final String sourceTopic;

    private transient KeyedStore store;
    private transient Watcher watcher;
    private transient Heartbeats heartbeats;

    /**
     * @param sourceTopic topic that the records come from, to be named in rejections
     */
    @SuppressWarnings("NullAway.Init")
    public SequenceOperator(WatchSettings settings, JobIdentity job, String sourceTopic) {
        this.settings = settings;
        this.job = job;
        this.sourceTopic = sourceTopic;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        store = KeyedStore.open(
                getKeyedStateBackend(), getInternalTimerService("silence", VoidNamespaceSerializer.INSTANCE, this));
    }

    @Override
    public void open() throws Exception {
        super.open();
        TaskInfo task = getRuntimeContext().getTaskInfo();
        heartbeats = new Heartbeats(
                getRuntimeContext().getJobInfo().getJobId().toHexString(),
                job.name(),
                job.release(),
                task.getIndexOfThisSubtask(),
                task.getNumberOfParallelSubtasks(),
                settings);
        FlinkCounts counts = new FlinkCounts(getMetricGroup());
        watcher = new Watcher(settings, new Records(sourceTopic), counts, now());
        counts.expose(watcher);
        store.restoreInto(watcher, now());
        tickLater();
    }

    private void tickLater() {
        // What the callback throws fails the task; the future is only for cancelling.
        ScheduledFuture<?> unused = getProcessingTimeService().registerTimer(now() + TICK_MILLIS, this::tick);
    }

    private void tick(long due) {
        send(HEARTBEATS, heartbeats.beat(TimeUnit.MILLISECONDS.toMicros(now())));
        watcher.onTick(now(), this);
        tickLater();
    }

    @Override
    public void processElement(StreamRecord<SourceRecord> element) {
        SourceRecord record = element.getValue();
        if (record instanceof Undecoded undecoded) {
            watcher.onRecord(undecoded.generator(), undecoded.origin(), undecoded.bytes(), now(), store, this);
            heartbeats.processed(undecoded.origin());
        } else if (record instanceof Refused refused) {
            watcher.onRejected(refused.rejected(), now(), this);
        } else {
            throw new IllegalStateException("nothing is done with " + record.getClass());
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        super.processWatermark(mark);
        watcher.backlog().readUpTo(mark.getTimestamp(), now());
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        super.processWatermarkStatus(status);
        watcher.backlog().idle(status.isIdle(), now());
    }

    @Override
    public void onProcessingTime(InternalTimer<Long, VoidNamespace> timer) {
        watcher.onTimer(timer.getKey(), timer.getTimestamp(), now(), store, this);
    }

    @Override
    public void onEventTime(InternalTimer<Long, VoidNamespace> timer) {
        throw new IllegalStateException("no timer of event time is ever set");
    }

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }

    @Override
    public void command(Command command) {
        send(COMMANDS, command);
    }

    @Override
    public void score(Score score) {
        output.collect(new StreamRecord<>(score));
    }

    @Override
    public void spike(Spike spike) {
        send(SPIKES, spike);
    }

    @Override
    public void rejected(Rejected rejected) {
        send(REJECTED, rejected);
    }

    private <T> void send(OutputTag<T> tag, T record) {
        output.collect(tag, new StreamRecord<>(record));
    }
}
