package io.edistream.jobs.watch;

import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.SequenceStart;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import org.jspecify.annotations.Nullable;

/** Says whether a start makes sense, and makes of it what is watched. */
final class Starts {

    /** The largest token index: room for any model, and far from where counters overflow. */
    static final int MAX_TOKEN = (1 << 24) - 1;

    /** The longest name of a model, route or request: names are kept in the state of every sequence. */
    static final int MAX_NAME_CHARACTERS = RecordLimits.MAX_NAME_CHARACTERS;

    private static final int MIN_VOCABULARY = 2;
    private static final int MAX_VOCABULARY = 1 << 24;
    private static final int MAX_CLASSES = Token.MAX_CLASS + 1;

    private Starts() {}

    /** What is wrong with a start, as the beginning of a sentence; null if nothing is. */
    static @Nullable String problem(SequenceStart start) {
        if (isBadName(start.getModel())) {
            return nameProblem("model", start.getModel());
        }
        if (isBadName(start.getRoute())) {
            return nameProblem("route", start.getRoute());
        }
        if (start.getRequest() != null && start.getRequest().length() > MAX_NAME_CHARACTERS) {
            return "request name of " + start.getRequest().length() + " characters in the start: must be at most "
                    + MAX_NAME_CHARACTERS;
        }
        int vocabulary = start.getVocabularySize();
        if (vocabulary != 0 && (vocabulary < MIN_VOCABULARY || vocabulary > MAX_VOCABULARY)) {
            return "vocabulary of " + vocabulary + " tokens in the start: must be 0, for unknown, or " + MIN_VOCABULARY
                    + " to " + MAX_VOCABULARY;
        }
        if (start.getTokenClasses().size() > MAX_CLASSES) {
            return start.getTokenClasses().size() + " token classes in the start: must be at most " + MAX_CLASSES;
        }
        try {
            Kinds.of(start.getEntropyKind());
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
        return forkProblem(start);
    }

    private static @Nullable String forkProblem(SequenceStart start) {
        Integer fork = start.getForkToken();
        if ((fork == null) != (start.getParent() == null)) {
            return "fork token " + fork + " with parent " + start.getParent()
                    + " in the start: must be both there or both absent";
        }
        if (fork != null && (fork < 0 || fork >= MAX_TOKEN)) {
            return "fork token " + fork + " in the start: must be 0 to " + (MAX_TOKEN - 1);
        }
        return null;
    }

    private static boolean isBadName(String name) {
        return name.isBlank() || name.length() > MAX_NAME_CHARACTERS;
    }

    private static String nameProblem(String what, String name) {
        return what + " name of " + name.strip().length() + " characters in the start: must be 1 to "
                + MAX_NAME_CHARACTERS + " characters";
    }

    /** A monitor for the sequence of a start that has no problem. */
    static SequenceMonitor monitor(SequenceStart start, Catalogue catalogue) {
        Integer fork = start.getForkToken();
        SequenceInfo info = new SequenceInfo(
                start.getGroup(),
                start.getModel(),
                start.getRoute(),
                start.getRequest() == null ? "" : start.getRequest(),
                Kinds.of(start.getEntropyKind()),
                start.getVocabularySize(),
                TokenCheck.maxEntropyNats(start.getVocabularySize()),
                Math.max(1, start.getTokenClasses().size()),
                fork == null ? 0 : fork + 1);
        // -1 if there is none, which is what the catalogue calls it too.
        int tracked = start.getTokenClasses().indexOf(catalogue.scoring().trackedClass());
        return new SequenceMonitor(catalogue, info, tracked);
    }
}
