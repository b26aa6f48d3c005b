package io.edistream.gateway.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Changes to JSON that leave every other byte as it was. Not thread-safe. */
public final class JsonEdit {

    private final byte[] json;
    private final List<Change> changes = new ArrayList<>();

    public JsonEdit(byte[] json) {
        this.json = json;
    }

    /** Whether nothing was changed. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Takes out all members of an object that have one of the names, with the comma that each leaves over. */
    public JsonEdit cut(JsonSpans object, Set<String> names) {
        return change(object, names, Map.of());
    }

    /**
     * Takes members out of an object and gives others a value, whether the object has them or not. At most once for an
     * object.
     *
     * @param cut names of members to take out, all of each name
     * @param values by name, as JSON; where the object has a name several times, all of them
     */
    public JsonEdit change(JsonSpans object, Set<String> cut, Map<String, String> values) {
        List<JsonSpans.Member> members = object.members();
        boolean kept = false;
        Set<String> found = new HashSet<>();
        for (int i = 0; i < members.size(); i++) {
            JsonSpans.Member member = members.get(i);
            String value = values.get(member.name());
            if (value != null) {
                replace(member.valueFrom(), member.to(), value);
                found.add(member.name());
                kept = true;
            } else if (!cut.contains(member.name())) {
                kept = true;
            } else if (kept) {
                replace(members.get(i - 1).to(), member.to(), "");
            } else if (i + 1 < members.size()) {
                replace(member.from(), members.get(i + 1).from(), "");
            } else {
                replace(member.from(), member.to(), "");
            }
        }
        add(object, kept, values, found);
        return this;
    }

    private void add(JsonSpans object, boolean behindOthers, Map<String, String> values, Set<String> found) {
        StringBuilder added = new StringBuilder();
        values.forEach((name, value) -> {
            if (!found.contains(name)) {
                added.append(behindOthers || added.length() > 0 ? "," : "")
                        .append('"')
                        .append(name)
                        .append("\":")
                        .append(value);
            }
        });
        if (added.length() > 0) {
            int at = behindOthers
                    ? object.members().get(object.members().size() - 1).to()
                    : object.from() + 1;
            replace(at, at, added.toString());
        }
    }

    /** Puts something in the place of some bytes. */
    public JsonEdit replace(int from, int to, String by) {
        changes.add(new Change(from, to, by));
        return this;
    }

    /** What comes of it. */
    public byte[] bytes() {
        if (changes.isEmpty()) {
            return json;
        }
        ByteArrayOutputStream result = new ByteArrayOutputStream(json.length + 256);
        int copied = 0;
        changes.sort(Comparator.comparingInt(Change::from).thenComparingInt(Change::to));
        for (Change change : changes) {
            if (change.from() < copied) {
                throw new IllegalStateException("changes overlap at byte " + change.from());
            }
            result.write(json, copied, change.from() - copied);
            result.writeBytes(change.by().getBytes(StandardCharsets.UTF_8));
            copied = change.to();
        }
        result.write(json, copied, json.length - copied);
        return result.toByteArray();
    }

    private record Change(int from, int to, String by) {}
}
