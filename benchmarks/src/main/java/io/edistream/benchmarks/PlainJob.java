package io.edistream.benchmarks;

import io.edistream.benchmarks.Clients.Sender;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Action;
import io.edistream.schemas.ClassSignals;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Signals;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.Judge;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * What the job does, without Flink: the baseline. Decodes records, keeps a monitor per sequence in a hash map, asks the
 * rules, and sends scores and commands. What Flink is there for is missing: checkpoints, more than one task, timers that
 * close silent sequences. So are the job's check of values, its rejections, and its spikes, of which the traffic has none.
 * Used by one thread.
 */
public final class PlainJob implements RecordReader.Visitor {

    private final RecordReader reader;
    private final Topics topics;
    private final Sender sender;
    private final Catalogue catalogue;
    private final Judge judge;
    private final int scoreInterval;
    private final ScoringId scoring;
    private final SignalFields fields;
    private final RecordCodec<Score> scores = RecordCodec.of(Score.class);
    private final RecordCodec<Command> commands = RecordCodec.of(Command.class);
    private final Map<Long, Watched> sequences = new HashMap<>();
    private Watched watched;
    private int index;
    private long decodedAtMicros;

    /**
     * @param reader decodes
     * @param settings scoring, rules and score interval; the rest is of no effect
     * @param topics where to send
     * @param sender sends, and is not closed
     */
    @SuppressWarnings("NullAway.Init")
    public PlainJob(RecordReader reader, WatchSettings settings, Topics topics, Sender sender) {
        this.reader = reader;
        this.topics = topics;
        this.sender = sender;
        this.catalogue = new Catalogue(settings.scoring());
        this.judge = new Judge(settings.rules(), catalogue);
        this.scoreInterval = settings.scoreIntervalTokens();
        this.scoring = new ScoringId(
                ByteBuffer.allocate(Long.BYTES).putLong(catalogue.scoringId()).array());
        this.fields = new SignalFields(catalogue);
    }

    /** Takes in one record of the generator. */
    public void take(byte[] record) throws UnreadableRecordException {
        reader.read(record, this);
    }

    @Override
    public void start(SequenceStart start) {
        sequences.put(start.getSequence(), new Watched(start));
    }

    @Override
    public void run(long sequence, int firstToken, long micros) {
        watched = sequences.get(sequence);
        index = firstToken;
        decodedAtMicros = micros;
    }

    @Override
    public void token(Token token) {
        watched.monitor.add(index++, token, decodedAtMicros, judge, watched);
        if (watched.monitor.tokens() % scoreInterval == 0) {
            send(watched.score());
        }
    }

    @Override
    public void finish(SequenceFinish finish) {
        Watched ended = sequences.remove(finish.getSequence());
        Score score = ended.score();
        score.setFinal$(true);
        score.setFinishReason(finish.getReason());
        score.setThinkingOpen(finish.getThinkingOpen());
        score.setAnswerClass(finish.getAnswerClass());
        score.setLabel(finish.getLabel());
        send(score);
    }

    private void send(Score score) {
        sender.send(topics.scores(), score.getSequence().bytes(), scores.encode(score));
    }

    /** A live sequence. */
    private final class Watched implements MonitorListener {
        private final SequenceId id;
        private final SequenceStart start;
        private final SequenceMonitor monitor;

        Watched(SequenceStart start) {
            this.id = Ids.sequenceId(Traffic.GENERATOR, start.getSequence());
            this.start = start;
            this.monitor = new SequenceMonitor(
                    catalogue,
                    new SequenceInfo(
                            start.getGroup(),
                            start.getModel(),
                            start.getRoute(),
                            "",
                            EntropyKind.RAW_EXACT,
                            start.getVocabularySize(),
                            StrictMath.log(start.getVocabularySize()),
                            start.getTokenClasses().size(),
                            0),
                    start.getTokenClasses().indexOf(catalogue.scoring().trackedClass()));
        }

        Score score() {
            Score score = new Score();
            score.setSequence(id);
            score.setGroup(start.getGroup());
            score.setModel(start.getModel());
            score.setRoute(start.getRoute());
            score.setEntropyKind(start.getEntropyKind());
            score.setScoring(scoring);
            score.setLastToken(monitor.nextToken() - 1);
            score.setTokens(monitor.tokens());
            score.setUnmeasured(monitor.unmeasured());
            score.setMissing(monitor.missing());
            score.setFinishReason(FinishReason.UNKNOWN);
            score.setDecodedAtMicros(monitor.lastDecodedAtMicros());
            score.setDecisions(monitor.decisions());
            score.setCutBy(List.of());
            score.setSignals(fields.of(monitor.signals(), 0));
            score.setClassSignals(
                    monitor.signals().hasClass()
                            ? List.of(new ClassSignals(
                                    catalogue.scoring().trackedClass(),
                                    fields.of(
                                            monitor.signals(),
                                            catalogue.signals().size())))
                            : List.of());
            return score;
        }

        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {
            throw new IllegalStateException(kind + " at token " + token + ": the traffic must have none");
        }

        @Override
        public void onDecision(Decision decision) {
            Command command = new Command();
            // The job hashes; for a single firing the sequence's own id is unique enough, and cheaper.
            command.setCommandId(new CommandId(id.bytes()));
            command.setSequence(id);
            command.setAction(Action.ABORT);
            command.setMode(decision.armed() ? CommandMode.ARMED : CommandMode.SHADOW);
            command.setRule(decision.rule().key().id());
            command.setRevision(decision.rule().key().revision());
            command.setModel(start.getModel());
            command.setRoute(start.getRoute());
            command.setDecidedAtToken(decision.decidedAtToken());
            command.setDecodedAtMicros(decision.decodedAtMicros());
            command.setSentAtToken(decision.atToken());
            command.setSentTokenAtMicros(decodedAtMicros);
            command.setReason(decision.reason());
            command.setSpareLast(true);
            command.setForcedIds(List.of());
            command.setParameters(Map.of());
            sender.send(topics.control(), Ids.generatorKey(Traffic.GENERATOR), commands.encode(command));
        }
    }

    /** Where the contract has which signal. */
    private static final class SignalFields {
        private final int[] positions;
        private final boolean[] counts;

        SignalFields(Catalogue catalogue) {
            positions = new int[catalogue.signals().size()];
            counts = new boolean[positions.length];
            for (int i = 0; i < positions.length; i++) {
                Schema.Field field = Signals.getClassSchema()
                        .getField(catalogue.signals().get(i).name());
                positions[i] = field.pos();
                counts[i] = field.schema().getTypes().stream().anyMatch(type -> type.getType() == Schema.Type.INT);
            }
        }

        Signals of(SequenceSignals signals, int from) {
            Signals record = new Signals();
            for (int i = 0; i < positions.length; i++) {
                double score = signals.score(from + i);
                if (!Double.isNaN(score)) {
                    record.put(positions[i], counts[i] ? (Object) (int) score : (Object) score);
                }
            }
            return record;
        }
    }
}
