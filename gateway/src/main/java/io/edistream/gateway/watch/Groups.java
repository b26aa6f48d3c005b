package io.edistream.gateway.watch;

import io.edistream.sequences.PromptGroup;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Groups that several requests share, since their clients gave them one name: a rule may then spare the last of them. Used by the
 * thread that begins answers.
 */
final class Groups {

    /** Sequences of one group, as in the generator. */
    static final int MAX_SEQUENCES = 256;

    /** Names that are remembered. */
    static final int MAX_NAMES = 10_000;

    /** A name that nobody has used for so long is another group's. */
    static final Duration MEMORY = Duration.ofMinutes(10);

    private final LongSupplier nanos;

    /** Those that were used last come last. */
    private final Map<String, Shared> byName = new LinkedHashMap<>(16, .75f, true);

    Groups(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * The group of a name, which further sequences join.
     *
     * @param first number of the first of them
     */
    PromptGroup join(String name, long first, int sequences) {
        long now = nanos.getAsLong();
        forget(now);
        Shared shared = byName.get(name);
        if (shared == null || shared.sequences + sequences > MAX_SEQUENCES) {
            shared = new Shared(new PromptGroup(first, sequences, () -> {}));
            byName.put(name, shared);
        } else {
            for (int i = 0; i < sequences; i++) {
                shared.group.plansOneMore();
            }
        }
        shared.sequences += sequences;
        shared.lastUsedNanos = now;
        return shared.group;
    }

    private void forget(long now) {
        Iterator<Shared> oldest = byName.values().iterator();
        while (oldest.hasNext()) {
            boolean recent = now - oldest.next().lastUsedNanos < MEMORY.toNanos();
            if (recent && byName.size() < MAX_NAMES) {
                return;
            }
            oldest.remove();
        }
    }

    private static final class Shared {
        private final PromptGroup group;
        private int sequences;
        private long lastUsedNanos;

        private Shared(PromptGroup group) {
            this.group = group;
        }
    }
}
