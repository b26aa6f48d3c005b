package io.edistream.jobs.watch;

import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.EntropyKind.Distribution;
import io.edistream.signals.Scoring;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is remembered of one sequence that has started and not ended: the monitor, and when its source's clock stood where
 * at its last event. Mutable. Stored whole in itself, its scoring included, so that sequences keep the scoring that they
 * were started with whatever the job is restarted with.
 */
public final class SequenceState {

    private static final Distribution[] DISTRIBUTIONS = Distribution.values();
    private static final int EXACT = 1;
    private static final int DEFAULT_SCORING = 2;

    /** A few scorings serve all sequences. */
    private static final Map<Scoring, Catalogue> CATALOGUES = new ConcurrentHashMap<>();

    private final Catalogue catalogue;
    private final SequenceMonitor monitor;
    private long lastEventMicros;

    SequenceState(Catalogue catalogue, SequenceMonitor monitor, long lastEventMicros) {
        this.catalogue = catalogue;
        this.monitor = monitor;
        this.lastEventMicros = lastEventMicros;
    }

    /** The catalogue of a scoring, the same one for equal scorings. */
    static Catalogue catalogue(Scoring scoring) {
        return CATALOGUES.computeIfAbsent(scoring, Catalogue::new);
    }

    Catalogue catalogue() {
        return catalogue;
    }

    SequenceMonitor monitor() {
        return monitor;
    }

    /** When the last event came, by its source's clock. */
    long lastEventMicros() {
        return lastEventMicros;
    }

    void touched(long clockMicros) {
        lastEventMicros = clockMicros;
    }

    /** Writes it. */
    @SuppressWarnings("EnumOrdinal") // Part of the stored layout, which has a version.
    public void write(StateOutput out) throws IOException {
        SequenceInfo info = monitor.info();
        Scoring scoring = catalogue.scoring();
        boolean defaultScoring = scoring.equals(Scoring.DEFAULT);
        out.writeCount((info.entropyKind().exact() ? EXACT : 0) | (defaultScoring ? DEFAULT_SCORING : 0));
        if (!defaultScoring) {
            scoring.write(out);
        }
        out.writeLong(info.group());
        out.writeText(info.model());
        out.writeText(info.route());
        out.writeText(info.request());
        out.writeCount(info.entropyKind().distribution().ordinal());
        if (!info.entropyKind().exact()) {
            out.writeCount(info.entropyKind().alternatives());
        }
        out.writeCount(info.vocabularySize());
        out.writeCount(info.tokenClasses());
        out.writeCount(info.firstJudgedToken());
        out.writeLong(lastEventMicros);
        monitor.write(out);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException if it is damaged
     */
    public static SequenceState read(StateInput in) throws IOException {
        int flags = in.readCount();
        Scoring scoring = (flags & DEFAULT_SCORING) != 0 ? Scoring.DEFAULT : Scoring.read(in);
        long group = in.readLong();
        String model = in.readText();
        String route = in.readText();
        String request = in.readText();
        int distribution = in.readCount();
        if (distribution >= DISTRIBUTIONS.length) {
            throw new IOException("stored state is damaged: distribution " + distribution);
        }
        boolean exact = (flags & EXACT) != 0;
        EntropyKind kind = new EntropyKind(DISTRIBUTIONS[distribution], exact, exact ? 0 : in.readCount());
        int vocabularySize = in.readCount();
        SequenceInfo info = new SequenceInfo(
                group,
                model,
                route,
                request,
                kind,
                vocabularySize,
                TokenCheck.maxEntropyNats(vocabularySize),
                in.readCount(),
                in.readCount());
        long lastEventMicros = in.readLong();
        Catalogue catalogue = catalogue(scoring);
        return new SequenceState(catalogue, SequenceMonitor.read(catalogue, info, in), lastEventMicros);
    }
}
