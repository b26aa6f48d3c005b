package io.edistream.cli.tail;

import com.fasterxml.jackson.core.JsonGenerator;
import io.edistream.schemas.ForcedTokens;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RunText;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.UnmeasuredTokens;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Writes a record of token-entropy: its columns cut into the runs that they belong to, so that a token's numbers stand
 * with its sequence. Dense columns become lists as long as the run; sparse ones name the tokens that they speak of.
 */
final class StepJson {

    private static final List<String> DENSE = List.of(
            "entropies",
            "logprobs",
            "confidences",
            "upper_bounds",
            "rest_masses",
            "ranks",
            "self_certainties",
            "varentropies",
            "probes",
            "importances",
            "phases",
            "token_ids");

    /** What is written elsewhere, or by run. */
    private static final Set<String> COLUMNS =
            Set.of("runs", "starts", "sampling_changes", "finishes", "labels", "unmeasured", "token_classes", "forced");

    private final RecordJson values;
    private final boolean showText;

    StepJson(RecordJson values, boolean showText) {
        this.values = values;
        this.showText = showText;
    }

    /**
     * Writes the fields of a step into the object that was begun.
     *
     * @param wanted which of its sequences, by their counters
     */
    void fields(JsonGenerator json, TokenEntropyBatch step, LongPredicate wanted) throws IOException {
        long source = Ids.generator(step.getGenerator());
        for (Schema.Field field : step.getSchema().getFields()) {
            String name = field.name();
            if (!COLUMNS.contains(name) && !DENSE.contains(name) && !name.equals("texts")) {
                values.field(json, name, step.get(field.pos()), source);
            }
        }
        events(json, "starts", step, wanted, source);
        events(json, "sampling_changes", step, wanted, source);
        runs(json, step, wanted, source);
        events(json, "finishes", step, wanted, source);
        events(json, "labels", step, wanted, source);
    }

    private void events(JsonGenerator json, String name, TokenEntropyBatch step, LongPredicate wanted, long source)
            throws IOException {
        @SuppressWarnings("unchecked") // So says the schema.
        List<SpecificRecordBase> events = ((List<SpecificRecordBase>) step.get(name))
                .stream()
                        .filter(event -> wanted.test((Long) event.get("sequence")))
                        .toList();
        values.field(json, name, events, source);
    }

    private void runs(JsonGenerator json, TokenEntropyBatch step, LongPredicate wanted, long source)
            throws IOException {
        if (step.getRuns().stream().noneMatch(run -> wanted.test(run.getSequence()))) {
            return;
        }
        json.writeArrayFieldStart("runs");
        long place = 0;
        for (int index = 0; index < step.getRuns().size(); index++) {
            TokenRun run = step.getRuns().get(index);
            if (wanted.test(run.getSequence())) {
                json.writeStartObject();
                values.fields(json, run, source);
                columns(json, step, index, new Span(place, Math.max(0, run.getTokens()), run.getFirstToken()));
                json.writeEndObject();
            }
            place += Math.max(0, run.getTokens());
        }
        json.writeEndArray();
    }

    /** Places of a run among those of the step, and the index of its first token. */
    private record Span(long place, int tokens, int firstToken) {

        boolean holds(long at) {
            return at >= place && at < place + tokens;
        }

        /** The index of the token at a place. */
        long token(long at) {
            return firstToken + (at - place);
        }
    }

    private void columns(JsonGenerator json, TokenEntropyBatch step, int index, Span span) throws IOException {
        for (String name : DENSE) {
            List<?> column = (List<?>) step.get(name);
            // A column that is shorter than the tokens is an error of its source; what there is gets shown.
            long from = Math.min(span.place(), column.size());
            long to = Math.min(span.place() + span.tokens(), column.size());
            values.field(json, name, column.subList((int) from, (int) to), null);
        }
        if (step.getUnmeasured().stream().anyMatch(entry -> overlaps(entry.getPlace(), entry.getCount(), span))) {
            json.writeArrayFieldStart("unmeasured");
            for (UnmeasuredTokens entry : step.getUnmeasured()) {
                if (overlaps(entry.getPlace(), entry.getCount(), span)) {
                    part(json, entry.getPlace(), entry.getCount(), span);
                    json.writeStringField("reason", entry.getReason().toString());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
        }
        if (step.getTokenClasses().stream().anyMatch(entry -> span.holds(entry.getPlace()))) {
            json.writeArrayFieldStart("token_classes");
            for (TokenClass entry : step.getTokenClasses()) {
                if (span.holds(entry.getPlace())) {
                    json.writeStartObject();
                    json.writeNumberField("token", span.token(entry.getPlace()));
                    json.writeNumberField("token_class", entry.getTokenClass());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
        }
        if (step.getForced().stream().anyMatch(entry -> overlaps(entry.getPlace(), entry.getCount(), span))) {
            json.writeArrayFieldStart("forced");
            for (ForcedTokens entry : step.getForced()) {
                if (overlaps(entry.getPlace(), entry.getCount(), span)) {
                    part(json, entry.getPlace(), entry.getCount(), span);
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
        }
        if (showText) {
            for (RunText text : step.getTexts()) {
                if (text.getRun() == index) {
                    json.writeStringField("text", text.getText());
                }
            }
        }
    }

    private static boolean overlaps(long place, long count, Span span) {
        return place < span.place() + span.tokens() && place + count > span.place();
    }

    /** Begins an object with the part of an entry that lies in the run. */
    private static void part(JsonGenerator json, long place, long count, Span span) throws IOException {
        long from = Math.max(place, span.place());
        long to = Math.min(place + count, span.place() + span.tokens());
        json.writeStartObject();
        json.writeNumberField("token", span.token(from));
        json.writeNumberField("count", to - from);
    }
}
