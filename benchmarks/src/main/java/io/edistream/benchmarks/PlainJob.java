package io.edistream.benchmarks;

import io.edistream.benchmarks.Clients.Sender;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Token;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Decision;
import java.util.HashMap;
import java.util.Map;

/**
 * What the job does, without Flink: the baseline. Decodes records, keeps a monitor per sequence in a hash map, and sends
 * final scores and commands. What Flink is there for is missing: checkpoints, more than one task, timers that close
 * silent sequences. So are the job's check of values, its rejections and its spikes, of which the traffic has none. Used
 * by one thread.
 */
public final class PlainJob {

    private final Policy policy;
    private final Topics topics;
    private final Sender sender;
    private final RecordCodec<TokenEntropyBatch> batches = RecordCodec.of(TokenEntropyBatch.class);
    private final RecordCodec<Score> scores = RecordCodec.of(Score.class);
    private final RecordCodec<Command> commands = RecordCodec.of(Command.class);
    private final Map<Long, Watched> sequences = new HashMap<>();

    /**
     * @param policy scoring and rules
     * @param topics where to send
     * @param sender sends, and is not closed
     */
    public PlainJob(Policy policy, Topics topics, Sender sender) {
        this.policy = policy;
        this.topics = topics;
        this.sender = sender;
    }

    /** Takes in one record of one generator. */
    public void take(byte[] record) throws UnreadableRecordException {
        TokenEntropyBatch batch = batches.decode(record);
        long generator = Ids.generator(batch.getGenerator());
        for (SequenceStart start : batch.getStarts()) {
            sequences.put(start.getSequence(), new Watched(policy, generator, start));
        }
        for (TokenRun run : batch.getRuns()) {
            Watched watched = sequences.get(run.getSequence());
            watched.decodedAtMicros = batch.getDecodedAtMicros();
            int index = run.getFirstToken();
            for (Token token : run.getTokens()) {
                watched.monitor.add(
                        index++,
                        new io.edistream.signals.Token(
                                token.getEntropy(),
                                io.edistream.signals.Token.UNMEASURED,
                                token.getLogprob(),
                                token.getConfidence(),
                                token.getTokenClass()),
                        watched);
            }
        }
        for (SequenceFinish finish : batch.getFinishes()) {
            Watched watched = sequences.remove(finish.getSequence());
            Score score = watched.finalScore(finish);
            sender.send(topics.scores(), watched.key, scores.encode(score));
        }
    }

    /** A live sequence. */
    private final class Watched implements MonitorListener {
        private final byte[] key;
        private final byte[] generatorKey;
        private final SequenceStart start;
        private final SequenceMonitor monitor;
        private long decodedAtMicros;

        Watched(Policy policy, long generator, SequenceStart start) {
            this.key = Ids.sequenceKey(generator, start.getSequence());
            this.generatorKey = Ids.generatorKey(generator);
            this.start = start;
            this.monitor = new SequenceMonitor(
                    policy,
                    new SequenceInfo(
                            start.getGroup(),
                            start.getModel(),
                            start.getRoute(),
                            // No signal looks at it; the score names the kind that the start has.
                            0,
                            StrictMath.log(start.getVocabularySize()),
                            0),
                    start.getTokenClasses().indexOf(policy.scoring().trackedClass()));
        }

        Score finalScore(SequenceFinish finish) {
            Score score = new Score();
            score.setSequence(new SequenceId(key));
            score.setGroup(start.getGroup());
            score.setModel(start.getModel());
            score.setRoute(start.getRoute());
            score.setEntropyKind(start.getEntropyKind());
            score.setLastToken(monitor.nextToken() - 1);
            score.setTokens(monitor.signals().tokens());
            score.setSignals(monitor.signals().scores());
            score.setFinal$(true);
            score.setFinishReason(finish.getReason());
            score.setMissingTokens(monitor.missingTokens());
            score.setCorrect(finish.getCorrect());
            score.setDecodedAtMicros(decodedAtMicros);
            score.setCommands(monitor.decisions());
            return score;
        }

        @Override
        public void onSpike(
                int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats) {
            throw new IllegalStateException(kind + " at token " + token + ": the traffic must have none");
        }

        @Override
        public void onDecision(Decision decision, boolean armed) {
            Command command = new Command();
            // The job hashes; for a single firing the sequence's own id is unique enough, and cheaper.
            command.setCommandId(new CommandId(key));
            command.setSequence(new SequenceId(key));
            command.setAction(Action.ABORT);
            command.setMode(armed ? CommandMode.ARMED : CommandMode.SHADOW);
            command.setRule(decision.rule().id());
            command.setRuleVersion(decision.rule().version());
            command.setDecidedAtToken(decision.decidedAtToken());
            command.setDecodedAtMicros(decodedAtMicros);
            command.setReason(decision.reason());
            command.setSpareLast(true);
            sender.send(topics.control(), generatorKey, commands.encode(command));
        }
    }
}
