package io.edistream.signals.rules;

import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.Scoring;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.Token;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A sequence as a judge sees it, and what was decided about it. */
final class JudgedSequence implements Judged {

    static final Catalogue CATALOGUE = new Catalogue(Scoring.DEFAULT);
    static final EntropyKind BOUNDED = EntropyKind.parse("raw-bounded-20");

    /** Where the limits of tests hold: on one model, every route, exact and bounded entropies. */
    static final LimitScope SCOPE =
            new LimitScope(Set.of("reasoner-s"), Set.of(), Set.of(EntropyKind.RAW_EXACT, BOUNDED));

    String model = "reasoner-s";
    String route = "default";
    EntropyKind kind = EntropyKind.RAW_EXACT;
    double unmeasuredShare;
    boolean gapIsKnown = true;

    /** Of each decision what the rules determine: rule, first deciding token and its time, token, and whether it acts. */
    final List<String> decisions = new ArrayList<>();

    final List<Decision> whole = new ArrayList<>();

    private final SequenceSignals signals;
    private Firings firings = new Firings();
    private int next;

    JudgedSequence() {
        this(CATALOGUE.start(Catalogue.NO_CLASS));
    }

    JudgedSequence(SequenceSignals signals) {
        this.signals = signals;
    }

    static JudgedSequence ofKind(EntropyKind kind) {
        JudgedSequence sequence = new JudgedSequence();
        sequence.kind = kind;
        return sequence;
    }

    static Judge judge(Threshold rule, Mode mode) {
        return new Judge(Rules.of(rule, mode), CATALOGUE);
    }

    /** Adds a token of which only the entropy is known. */
    JudgedSequence add(Judge judge, double entropy) {
        return add(judge, Token.ofEntropy(entropy));
    }

    JudgedSequence add(Judge judge, Token token) {
        signals.add(token, SpikeListener.NONE);
        int index = next++;
        judge.judge(this, firings, token.entropyNats(), token.upperNats(), index, micros(index), decision -> {
            whole.add(decision);
            decisions.add(String.format(
                    "%s %d@%d at %d %s",
                    decision.rule().key(),
                    decision.decidedAtToken(),
                    decision.decodedAtMicros(),
                    decision.atToken(),
                    decision.armed() ? "armed" : "shadow"));
        });
        return this;
    }

    /** Goes on, after tokens that never came, at an index. */
    JudgedSequence at(int index) {
        next = index;
        return this;
    }

    static long micros(int token) {
        return 1_000_000 + 10L * token;
    }

    /** The decision of a rule of revision 1 whose condition first held at one token and was told at another. */
    static String decided(String rule, int first, int at, String mode) {
        return rule + ":1 " + first + "@" + micros(first) + " at " + at + " " + mode;
    }

    byte[] stored() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        firings.write(new StateOutput(new DataOutputStream(bytes)));
        return bytes.toByteArray();
    }

    JudgedSequence restored() throws IOException {
        firings = read(stored());
        return this;
    }

    static Firings read(byte[] stored) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored));
        Firings read = Firings.read(new StateInput(in));
        if (in.read() >= 0) {
            throw new IOException("bytes are left");
        }
        return read;
    }

    Firings firings() {
        return firings;
    }

    @Override
    public String model() {
        return model;
    }

    @Override
    public String route() {
        return route;
    }

    @Override
    public EntropyKind entropyKind() {
        return kind;
    }

    @Override
    public SequenceSignals signals() {
        return signals;
    }

    @Override
    public boolean gapIsKnown() {
        return gapIsKnown;
    }

    @Override
    public double unmeasuredShare() {
        return unmeasuredShare;
    }
}
