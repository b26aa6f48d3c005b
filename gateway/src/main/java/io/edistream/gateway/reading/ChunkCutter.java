package io.edistream.gateway.reading;

import com.fasterxml.jackson.core.JsonToken;
import io.edistream.gateway.json.JsonEdit;
import io.edistream.gateway.json.JsonSpans;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of an event what would not be there if the client had asked alone, and leaves every other byte as it was. A member
 * that the engine then sends with a null becomes null; any other goes.
 */
final class ChunkCutter {

    /** What every event has, so that it is none of its own. */
    private static final Set<String> FRAME =
            Set.of("id", "object", "created", "model", "system_fingerprint", "service_tier", "obfuscation", "choices");

    private final ReadingOptions options;

    /** Members of a choice that are null for those who do not ask. */
    private final Set<String> nulls = new HashSet<>();

    private final Set<String> cutOfChoices;
    private final Set<String> nullsOfAll;

    ChunkCutter(ReadingOptions options) {
        this.options = options;
        boolean logprobs = options.additions().logprobs();
        if (options.additions().ids()) {
            nulls.add("token_ids");
            nulls.add("prompt_token_ids");
        }
        if (logprobs && options.hasNullLogprobs()) {
            nulls.add("logprobs");
        }
        cutOfChoices = logprobs && !options.hasNullLogprobs() ? Set.of("logprobs") : Set.of();
        nullsOfAll = options.additions().ids() ? Set.of("prompt_token_ids") : Set.of();
    }

    /** What is left of an answer that came whole; its usage is there for everybody. */
    byte[] cutBody(byte[] body, Chunk chunk) {
        JsonEdit edit = new JsonEdit(body);
        edit(edit, chunk, Set.of());
        return edit.bytes();
    }

    /** What is left of an event; null if nothing is that a client would miss. */
    byte @Nullable [] cut(ServerSentEvent event, Chunk chunk) {
        JsonEdit edit = new JsonEdit(event.data());
        Set<String> cut = cutOfAll(chunk);
        edit(edit, chunk, cut);
        if (edit.isEmpty()) {
            return event.bytes();
        }
        // The event with the numbers is ours as a whole: it has no choice that a client would expect.
        boolean ours = chunk.choices.isEmpty() && cut.contains("usage") && chunk.usage != null && chunk.error == null;
        if (ours || isEmpty(chunk, cut)) {
            return null;
        }
        return event.isInPlace() ? edit.bytes() : event.withData(edit.bytes());
    }

    private Set<String> cutOfAll(Chunk chunk) {
        boolean finishes = chunk.choices.stream().anyMatch(choice -> choice.finish != null);
        Set<String> cut = new HashSet<>();
        if (options.additions().usage() && (!finishes || chunk.usage == null || options.hasUsageOnlyIfAsked())) {
            cut.add("usage");
        }
        // The last event has them for everybody.
        if (options.additions().timings() && !finishes && !chunk.choices.isEmpty()) {
            cut.add("timings");
        }
        return cut;
    }

    private void edit(JsonEdit edit, Chunk chunk, Set<String> cut) {
        if (!cut.isEmpty()) {
            edit.cut(chunk.members(), cut);
        }
        setNull(edit, chunk.members(), nullsOfAll);
        for (Chunk.Choice choice : chunk.choices) {
            setNull(edit, choice.members(), nulls);
            for (JsonSpans.Member member : choice.members().members()) {
                // A null is there for everybody.
                if (cutOfChoices.contains(member.name()) && member.type() != JsonToken.VALUE_NULL) {
                    edit.cut(choice.members(), cutOfChoices);
                    break;
                }
            }
        }
    }

    private static void setNull(JsonEdit edit, JsonSpans object, Set<String> names) {
        if (names.isEmpty()) {
            return;
        }
        for (JsonSpans.Member member : object.members()) {
            if (names.contains(member.name()) && member.type() != JsonToken.VALUE_NULL) {
                edit.replace(member.valueFrom(), member.to(), "null");
            }
        }
    }

    private boolean isEmpty(Chunk chunk, Set<String> cut) {
        for (JsonSpans.Member member : chunk.members().members()) {
            if (!isBlank(member)
                    && !FRAME.contains(member.name())
                    && !cut.contains(member.name())
                    && !nullsOfAll.contains(member.name())) {
                return false;
            }
        }
        return chunk.choices.stream().allMatch(this::isEmpty);
    }

    private boolean isEmpty(Chunk.Choice choice) {
        for (JsonSpans.Member member : choice.members().members()) {
            boolean empty = isBlank(member)
                    || member.name().equals("index")
                    || nulls.contains(member.name())
                    || cutOfChoices.contains(member.name())
                    || (member.name().equals("delta") && choice.delta != null && isEmptyDelta(choice, choice.delta));
            if (!empty) {
                return false;
            }
        }
        return true;
    }

    private static boolean isEmptyDelta(Chunk.Choice choice, JsonSpans delta) {
        for (JsonSpans.Member member : delta.members()) {
            boolean repeated = member.name().equals("role") && !choice.isFirstRole;
            if (!isBlank(member) && !repeated) {
                return false;
            }
        }
        return true;
    }

    /** Null, or two characters of an empty text, list or object. */
    private static boolean isBlank(JsonSpans.Member member) {
        return switch (member.type()) {
            case VALUE_NULL -> true;
            case VALUE_STRING, START_ARRAY, START_OBJECT -> member.to() - member.valueFrom() == 2;
            default -> false;
        };
    }
}
