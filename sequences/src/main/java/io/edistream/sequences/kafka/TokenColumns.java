package io.edistream.sequences.kafka;

import io.edistream.schemas.ForcedTokens;
import io.edistream.schemas.Phase;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnmeasuredTokens;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.TokenRun;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;
import org.apache.avro.generic.PrimitivesArrays.IntArray;

/**
 * The tokens of one record as columns: places are counted through all runs. A dense column in which nothing is known is
 * left out. The numbers stay unboxed until Avro writes them, one at a time.
 */
final class TokenColumns {

    private static final Schema FLOATS = Schema.createArray(Schema.create(Schema.Type.FLOAT));
    private static final Schema INTS = Schema.createArray(Schema.create(Schema.Type.INT));

    /** Of an int that is seldom above a million. */
    private static final int VARIABLE_INT_BYTES = 3;
    /** Of a place and a class. */
    private static final int SPARSE_BYTES = 5;

    private final List<DecodedToken> tokens;
    private final EventOptions options;

    TokenColumns(List<TokenRun> runs, EventOptions options) {
        this.tokens = runs.size() == 1
                ? runs.get(0).tokens()
                : runs.stream().flatMap(run -> run.tokens().stream()).toList();
        this.options = options;
    }

    /** What tokens will take in a record, bytes, about. */
    static long bytesAbout(List<DecodedToken> tokens, EventOptions options) {
        int details = options.details() ? 2 * Float.BYTES + VARIABLE_INT_BYTES : 0;
        int id = options.tokenIds() ? VARIABLE_INT_BYTES : 0;
        // One phase that is known fills the column.
        long each = 3L * Float.BYTES + details + id + 1;
        long sparse = 0;
        boolean bounded = false;
        for (DecodedToken token : tokens) {
            sparse += token.tokenClass() == 0 ? 0 : SPARSE_BYTES;
            bounded |= !Float.isNaN(token.stats().restMass());
        }
        return (each + (bounded ? 2 * Float.BYTES : 0)) * tokens.size() + sparse;
    }

    void writeTo(TokenEntropyBatch to) {
        to.setEntropies(floats(TokenStats::entropyNats));
        to.setLogprobs(floats(TokenStats::logProbability));
        to.setConfidences(floats(TokenStats::confidence));
        to.setUnmeasured(unmeasured());
        to.setTokenClasses(classes());
        to.setForced(forced());
        to.setUpperBounds(floats(TokenStats::upperBoundNats));
        to.setRestMasses(floats(TokenStats::restMass));
        to.setRanks(options.details() ? ints(TokenStats::rank) : List.of());
        to.setSelfCertainties(options.details() ? floats(TokenStats::selfCertainty) : List.of());
        to.setVarentropies(options.details() ? floats(TokenStats::varentropy) : List.of());
        to.setProbes(List.of());
        to.setImportances(List.of());
        to.setPhases(phases());
        to.setTokenIds(options.tokenIds() ? ints(TokenStats::token) : List.of());
    }

    private List<Float> floats(FloatOf value) {
        FloatArray column = new FloatArray(tokens.size(), FLOATS);
        boolean known = false;
        for (int place = 0; place < tokens.size(); place++) {
            float next = value.of(tokens.get(place).stats());
            known |= !Float.isNaN(next);
            column.add(place, next);
        }
        return known ? column : List.of();
    }

    private List<Integer> ints(IntOf value) {
        IntArray column = new IntArray(tokens.size(), INTS);
        boolean known = false;
        for (int place = 0; place < tokens.size(); place++) {
            int next = value.of(tokens.get(place).stats());
            known |= next >= 0;
            column.add(place, next);
        }
        return known ? column : List.of();
    }

    /** One entry for neighbours of one reason. */
    private List<UnmeasuredTokens> unmeasured() {
        List<UnmeasuredTokens> entries = new ArrayList<>();
        for (int place = 0; place < tokens.size(); ) {
            UnmeasuredReason reason = tokens.get(place).unmeasured();
            int end = place + 1;
            while (end < tokens.size() && tokens.get(end).unmeasured() == reason) {
                end++;
            }
            if (reason != null) {
                entries.add(new UnmeasuredTokens(
                        place, end - place, io.edistream.schemas.UnmeasuredReason.valueOf(reason.name())));
            }
            place = end;
        }
        return entries;
    }

    private List<ForcedTokens> forced() {
        List<ForcedTokens> entries = new ArrayList<>();
        for (int place = 0; place < tokens.size(); ) {
            boolean forced = tokens.get(place).forced();
            int end = place + 1;
            while (end < tokens.size() && tokens.get(end).forced() == forced) {
                end++;
            }
            if (forced) {
                entries.add(new ForcedTokens(place, end - place));
            }
            place = end;
        }
        return entries;
    }

    private List<TokenClass> classes() {
        List<TokenClass> entries = new ArrayList<>();
        for (int place = 0; place < tokens.size(); place++) {
            int tokenClass = tokens.get(place).tokenClass();
            if (tokenClass != 0) {
                entries.add(new TokenClass(place, tokenClass));
            }
        }
        return entries;
    }

    private List<Phase> phases() {
        boolean told = tokens.stream().anyMatch(token -> token.phase() != io.edistream.sequences.Phase.UNKNOWN);
        return told
                ? tokens.stream()
                        .map(token -> Phase.valueOf(token.phase().name()))
                        .toList()
                : List.of();
    }

    @FunctionalInterface
    private interface FloatOf {
        float of(TokenStats stats);
    }

    @FunctionalInterface
    private interface IntOf {
        int of(TokenStats stats);
    }
}
