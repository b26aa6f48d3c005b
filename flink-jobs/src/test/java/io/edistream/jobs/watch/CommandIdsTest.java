package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Action;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CommandIdsTest {

    private static final SequenceId SEQUENCE = Ids.sequenceId(0x0123456789ABCDEFL, 42);

    /**
     * Computed with coreutils: {@code printf '...' | sha256sum | cut -c1-32} over
     * {@code 0123456789abcdef 000000000000002a 0000000b 'abort-above' 00000003 00000025 'ABORT'}.
     */
    @Test
    void isTheBeginningOfASha256() {
        CommandId id = CommandIds.of(SEQUENCE, "abort-above", 3, 37, Action.ABORT);

        assertThat(Ids.text(id)).isEqualTo("6903510fc3c8c211779884f65dd0b8a6");
    }

    @Test
    void differsInEveryPart() {
        List<CommandId> ids = List.of(
                CommandIds.of(SEQUENCE, "abort-above", 3, 37, Action.ABORT),
                CommandIds.of(Ids.sequenceId(0x0123456789ABCDEFL, 43), "abort-above", 3, 37, Action.ABORT),
                CommandIds.of(SEQUENCE, "abort-abov", 3, 37, Action.ABORT),
                CommandIds.of(SEQUENCE, "abort-above", 4, 37, Action.ABORT),
                CommandIds.of(SEQUENCE, "abort-above", 3, 38, Action.ABORT),
                CommandIds.of(SEQUENCE, "abort-above", 3, 37, Action.BRANCH));

        Set<String> texts = new HashSet<>();
        ids.forEach(id -> texts.add(Ids.text(id)));
        assertThat(texts).hasSize(ids.size());
    }
}
