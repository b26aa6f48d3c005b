package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Mode;
import io.edistream.schemas.ReadPosition;
import io.edistream.schemas.RuleInForce;
import io.edistream.schemas.ScoringId;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeartbeatsTest {

    private static final Scoring SCORING = Scoring.DEFAULT.withTrackedClass("digit");

    private static Setting setting(String id, int revision, io.edistream.signals.rules.Mode mode) {
        return new Setting(
                Threshold.above(new RuleKey(id, revision), LimitScope.ofModels("m"), "edis", 1, new Act.Prune()), mode);
    }

    @Test
    void tellsWhoRunsWhatIsInForceAndWhereReadingIs() {
        Rules rules = new Rules(List.of(
                setting("off", 1, io.edistream.signals.rules.Mode.OFF),
                setting("armed", 2, io.edistream.signals.rules.Mode.ARMED),
                setting("shadow", 3, io.edistream.signals.rules.Mode.SHADOW)));
        Heartbeats heartbeats = new Heartbeats("id", "name", "1.2.3", 4, 5, WatchSettings.of(SCORING, rules));
        ScoringId scoring =
                new ScoringId(ByteBuffer.allocate(8).putLong(SCORING.id()).array());
        List<RuleInForce> modes = List.of(
                new RuleInForce("off", 1, Mode.OFF),
                new RuleInForce("armed", 2, Mode.ARMED),
                new RuleInForce("shadow", 3, Mode.SHADOW));
        assertThat(heartbeats.beat(99))
                .isEqualTo(new Heartbeat("id", "name", "1.2.3", 4, 5, 99L, scoring, false, modes, List.of()));

        heartbeats.processed(new Origin(3, 10));
        heartbeats.processed(new Origin(1, 7));
        heartbeats.processed(new Origin(3, 11));
        assertThat(heartbeats.beat(100).getPositions())
                .containsExactly(new ReadPosition(1, 8L), new ReadPosition(3, 12L));
    }
}
