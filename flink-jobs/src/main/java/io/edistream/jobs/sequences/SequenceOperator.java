package io.edistream.jobs.sequences;

import io.edistream.jobs.events.BatchReader;
import io.edistream.jobs.events.Run;
import io.edistream.jobs.events.SequenceEvent;
import io.edistream.jobs.events.SequenceEvent.Finish;
import io.edistream.jobs.events.SequenceEvent.Start;
import io.edistream.jobs.events.SequenceEvent.Unusable;
import io.edistream.jobs.events.SequenceKey;
import io.edistream.jobs.sequences.SequenceState.Finished;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.jobs.types.ContractType;
import io.edistream.schemas.Command;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Hosts one {@link SequenceMonitor} per sequence: feeds it the sequence's events, and writes down what follows. Scores
 * are the main output; spikes, commands and rejections are side outputs.
 *
 * <p>What it writes depends on the events of a sequence in their order and on the policy at its start, on nothing else.
 * Processing time only closes sequences that fell silent and forgets ended ones; each sequence has exactly one timer,
 * which re-arms itself when it goes off too early.
 */
public final class SequenceOperator extends KeyedProcessFunction<SequenceKey, SequenceEvent, Score>
        implements CheckpointedFunction {

    /** The main output. */
    public static final TypeInformation<Score> SCORES = ContractType.of(Score.class);

    /** Commands to generators. */
    public static final OutputTag<Command> COMMANDS = new OutputTag<>("commands", ContractType.of(Command.class));

    /** Bursts and rebounds. */
    public static final OutputTag<Spike> SPIKES = new OutputTag<>("spikes", ContractType.of(Spike.class));

    /** Events that could not be used. */
    public static final OutputTag<Rejected> REJECTED = new OutputTag<>("rejected", ContractType.of(Rejected.class));

    private static final String SEQUENCES = "sequences";
    private static final String LIVE_SEQUENCES = "live-sequences";

    private final PolicyList policy;
    private final int scoreIntervalTokens;
    private final long idleMillis;
    private final long memoryMillis;
    private final String sourceTopic;

    private transient ValueState<SequenceState> states;
    private transient Outcasts outcasts;
    private transient ListState<Long> storedLive;
    private transient Records records;
    private transient SequenceMetrics metrics;
    private transient Silence silence;

    /**
     * @param sourceTopic topic that the events come from, to be named in rejections
     */
    @SuppressWarnings("NullAway.Init")
    public SequenceOperator(SequenceSettings settings, String sourceTopic) {
        this.policy = new PolicyList(List.of(settings.policy()));
        this.scoreIntervalTokens = settings.scoreIntervalTokens();
        this.idleMillis = settings.idleTimeout().toMillis();
        this.memoryMillis = settings.finishedMemory().toMillis();
        this.sourceTopic = sourceTopic;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        storedLive = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>(LIVE_SEQUENCES, LongSerializer.INSTANCE));
    }

    @Override
    public void open(OpenContext context) throws Exception {
        long live = 0;
        for (long stored : storedLive.get()) {
            live += stored;
        }
        metrics = new SequenceMetrics(getRuntimeContext().getMetricGroup(), live);
        records = new Records(sourceTopic);
        states = getRuntimeContext()
                .getState(new ValueStateDescriptor<>(SEQUENCES, new SequenceStateSerializer(policy.list())));
        outcasts = new Outcasts(getRuntimeContext().getState(Outcasts.STATE), idleMillis);
        silence = new Silence(idleMillis);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        storedLive.update(List.of(metrics.live()));
    }

    @Override
    public void processElement(SequenceEvent event, Context context, Collector<Score> out) throws Exception {
        silence.heard(now(context));
        if (event instanceof Unusable unusable) {
            reject(records.rejected(unusable), context);
            return;
        }
        SequenceState state = states.value();
        if (event instanceof Start start) {
            onStart(start, state, context);
        } else if (state instanceof Live live) {
            if (event instanceof Run run) {
                onRun(run, live, context, out);
            } else if (event instanceof Finish finish) {
                onFinish(finish, live, context, out);
            }
        } else {
            rejectHomeless(event, state, context);
        }
    }

    private void onStart(Start start, SequenceState state, Context context) throws Exception {
        if (state != null) {
            String detail = "start of a sequence that " + (state instanceof Live ? "runs" : "has ended")
                    + ": must come once; it was ignored";
            reject(start, RejectReason.SECOND_START, detail, Unusable.NO_TOKEN, context);
            return;
        }
        SequenceInfo info = new SequenceInfo(
                start.group(),
                start.model(),
                start.route(),
                start.entropyKind(),
                TokenCheck.maxEntropy(start.vocabularySize()),
                start.firstJudgedToken());
        Policy current = policy.list().get(0);
        long now = now(context);
        long timer = now + idleMillis;
        outcasts.adopted(context.timerService());
        context.timerService().registerProcessingTimeTimer(timer);
        SequenceMonitor monitor = new SequenceMonitor(
                current, info, start.tokenClasses().indexOf(current.scoring().trackedClass()));
        states.update(
                new Live(monitor, start.vocabularySize(), start.tokenClasses().size(), 0, now, timer));
        metrics.sequenceStarted();
    }

    private void onRun(Run run, Live live, Context context, Collector<Score> out) throws Exception {
        RunIntake intake = new RunIntake(run, live, records, metrics, scoreIntervalTokens);
        intake.take(
                out::collect,
                spike -> context.output(SPIKES, spike),
                command -> context.output(COMMANDS, command),
                rejected -> reject(rejected, context));
        live.touched(now(context));
        // The heap backend has the change already; others only store what they are given.
        states.update(live);
    }

    private void onFinish(Finish finish, Live live, Context context, Collector<Score> out) throws Exception {
        int next = live.monitor().nextToken();
        if (finish.tokens() < next || finish.tokens() > BatchReader.MAX_TOKEN + 1) {
            String detail = "tokens " + finish.tokens() + " in the finish: must be " + next + " to "
                    + (BatchReader.MAX_TOKEN + 1) + ", since tokens up to " + (next - 1)
                    + " arrived; the sequence was ended without that number";
            reject(finish, RejectReason.BAD_VALUE, detail, Unusable.NO_TOKEN, context);
            out.collect(records.finalScore(context.getCurrentKey(), live, finish, 0));
        } else {
            metrics.missing(finish.tokens() - next);
            out.collect(records.finalScore(context.getCurrentKey(), live, finish, finish.tokens() - next));
        }
        metrics.sequenceFinished();
        long now = now(context);
        long timer = now + memoryMillis;
        context.timerService().deleteProcessingTimeTimer(live.timerMillis());
        context.timerService().registerProcessingTimeTimer(timer);
        states.update(new Finished(now, timer));
    }

    /** One rejection per sequence: a generator whose start was lost goes on sending tokens, and says so in each. */
    private void rejectHomeless(SequenceEvent event, @Nullable SequenceState state, Context context) throws Exception {
        boolean ended = state != null;
        RejectReason reason = ended ? RejectReason.AFTER_FINISH : RejectReason.UNKNOWN_SEQUENCE;
        boolean first = ended
                ? outcasts.noteLate(now(context), state.timerMillis())
                : outcasts.noteHomeless(now(context), context.timerService());
        if (!first) {
            metrics.rejectedAgain(reason);
            return;
        }
        String what = event instanceof Run run
                ? "tokens " + run.firstToken() + " to " + (run.firstToken() + run.tokens() - 1)
                : "finish";
        String problem = ended
                ? " of a sequence that has ended: must come before its finish"
                : " of a sequence without a start: must come after its start";
        int token = event instanceof Run run ? run.firstToken() : Unusable.NO_TOKEN;
        reject(event, reason, what + problem + "; ignored, and what else comes of it is only counted", token, context);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Score> out) throws Exception {
        long now = now(context);
        silence.timer(timestamp, now);
        SequenceState state = states.value();
        if (state == null) {
            outcasts.onTimer(now, silence, context.timerService());
            return;
        }
        long due = state instanceof Live
                ? silence.abandonedAt(state.lastEventMillis())
                : silence.countedFrom(state.lastEventMillis()) + memoryMillis;
        if (due > now) {
            state.rearmed(due);
            context.timerService().registerProcessingTimeTimer(due);
            states.update(state);
            return;
        }
        if (state instanceof Live live) {
            out.collect(records.abandonedScore(context.getCurrentKey(), live));
            metrics.sequenceAbandoned();
        }
        states.clear();
        outcasts.forget();
    }

    private static long now(KeyedProcessFunction<?, ?, ?>.Context context) {
        return context.timerService().currentProcessingTime();
    }

    private void reject(SequenceEvent event, RejectReason reason, String detail, int token, Context context) {
        reject(records.rejected(event, reason, detail, token), context);
    }

    private void reject(Rejected rejected, Context context) {
        metrics.rejected(rejected.getReason());
        context.output(REJECTED, rejected);
    }
}
