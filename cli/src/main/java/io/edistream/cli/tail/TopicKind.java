package io.edistream.cli.tail;

import io.edistream.cli.Suggestion;
import io.edistream.cli.UserError;
import io.edistream.schemas.AuditEntry;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.FleetWindow;
import io.edistream.schemas.GroupSummary;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Panes;
import io.edistream.schemas.Profile;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Rule;
import io.edistream.schemas.RuleMode;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/** A topic of the contract, and what it holds. */
final class TopicKind {

    private final String shortName;
    private final String fullName;
    private final List<Class<? extends SpecificRecordBase>> types;
    private final List<RecordCodec<? extends SpecificRecordBase>> codecs;

    private TopicKind(String shortName, String fullName, List<Class<? extends SpecificRecordBase>> types) {
        this.shortName = shortName;
        this.fullName = fullName;
        this.types = List.copyOf(types);
        this.codecs = types.stream()
                .<RecordCodec<? extends SpecificRecordBase>>map(RecordCodec::of)
                .toList();
    }

    /**
     * The topic of a name, short ({@code scores}) or full ({@code edistream.scores.v1}).
     *
     * @throws UserError if there is none
     */
    static TopicKind of(String name, Topics topics) {
        Map<String, String> fullByShort = new TreeMap<>();
        topics.all().forEach(full -> fullByShort.put(shortName(full, topics), full));
        String shortName = topics.all().contains(name) ? shortName(name, topics) : name;
        String full = fullByShort.get(shortName);
        if (full == null) {
            throw UserError.wrongRequest("TOPIC '" + name + "'" + Suggestion.of(name, fullByShort.keySet())
                    + ": must be one of "
                    + topics.all().stream().map(one -> shortName(one, topics)).collect(Collectors.joining(", "))
                    + ", or its full name, for instance " + topics.scores());
        }
        return new TopicKind(shortName, full, types(full, topics));
    }

    private static String shortName(String full, Topics topics) {
        return full.substring(topics.prefix().length(), full.lastIndexOf('.'));
    }

    private static List<Class<? extends SpecificRecordBase>> types(String full, Topics topics) {
        Map<String, List<Class<? extends SpecificRecordBase>>> types = Map.ofEntries(
                Map.entry(topics.tokenEntropy(), List.of(TokenEntropyBatch.class)),
                Map.entry(topics.scores(), List.of(Score.class)),
                Map.entry(topics.spikes(), List.of(Spike.class)),
                Map.entry(topics.control(), List.of(Command.class, Heartbeat.class)),
                Map.entry(topics.controlOutcomes(), List.of(CommandOutcome.class)),
                Map.entry(topics.rejected(), List.of(Rejected.class)),
                Map.entry(topics.rules(), List.of(Rule.class)),
                Map.entry(topics.ruleModes(), List.of(RuleMode.class)),
                Map.entry(topics.audit(), List.of(AuditEntry.class)),
                Map.entry(topics.profiles(), List.of(Profile.class)),
                Map.entry(topics.groups(), List.of(GroupSummary.class)),
                Map.entry(topics.panes(), List.of(Panes.class)),
                Map.entry(topics.fleet(), List.of(FleetWindow.class)));
        return types.getOrDefault(full, List.of());
    }

    /** For instance {@code scores}. */
    String shortName() {
        return shortName;
    }

    /** For instance {@code edistream.scores.v1}. */
    String fullName() {
        return fullName;
    }

    /** Whether sources publish their tokens here. */
    boolean holdsTokens() {
        return shortName.equals("token-entropy");
    }

    /** Whether some records of it have a field of this name; those of tokens name a model and a request in starts. */
    boolean names(String field) {
        return holdsTokens()
                || types.stream()
                        .anyMatch(type -> SpecificData.get().getSchema(type).getField(field) != null);
    }

    /**
     * The record in these bytes.
     *
     * @throws UnreadableRecordException if they are none of this topic
     */
    SpecificRecordBase decode(byte[] value) throws UnreadableRecordException {
        for (RecordCodec<? extends SpecificRecordBase> codec : codecs) {
            if (codec.claims(value)) {
                return codec.decode(value);
            }
        }
        // The first one says what is wrong.
        return codecs.get(0).decode(value);
    }
}
