package io.edistream.console.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.http.RegistryScrape;
import io.edistream.schemas.Action;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Mode;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Spike;
import io.edistream.schemas.Topics;
import io.edistream.schemas.metrics.ExporterMetrics;
import io.edistream.schemas.metrics.Metric;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoopMetricsTest {

    private static final String MR = "{model=\"m\",route=\"r\"";
    private static final long SECOND = 1_000_000_000L;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private long now = 5 * SECOND;
    private final LoopMetrics metrics = new LoopMetrics(registry, Topics.DEFAULT, () -> now);

    private List<String> scraped() {
        RegistryScrape scrape = new RegistryScrape(registry);
        byte[] page = scrape.render(scrape.format("application/openmetrics-text; version=1.0.0"));
        return new String(page, StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aRunningScoreAnnouncesARouteWithZeros() {
        metrics.onScore(LoopRecords.running(1).build());
        assertThat(scraped())
                .contains(
                        "edistream_final_edis_count" + MR + "} 0",
                        "edistream_sequences_ended_total{model=\"m\",reason=\"aborted\",route=\"r\"} 0.0",
                        "edistream_spikes_total{kind=\"rebound\",model=\"m\",route=\"r\"} 0.0")
                .noneMatch(line -> line.startsWith("edistream_reaction_tokens_count"));
        metrics.onCommand(
                LoopRecords.command(Action.BRANCH, CommandMode.SHADOW, "rule").build());
        assertThat(scraped())
                .contains(
                        "edistream_command_outcomes_total{action=\"branch\",model=\"m\",outcome=\"refused\",route=\"r\"} 0.0",
                        "edistream_reaction_tokens_count{action=\"branch\",model=\"m\",route=\"r\"} 0",
                        "edistream_commands_total{action=\"branch\",mode=\"shadow\",rule=\"rule\"} 1.0");
    }

    @Test
    void anEndIsInItsDistributionsWithTheSequenceAsExemplar() {
        metrics.onScore(LoopRecords.ended(7, FinishReason.LENGTH, 3, 1.1, 40).build());
        assertThat(scraped())
                .contains(
                        "edistream_sequences_ended_total{model=\"m\",reason=\"length\",route=\"r\"} 1.0",
                        "edistream_final_edis_sum" + MR + "} 3.0",
                        "edistream_final_edis_bucket" + MR + ",le=\"2.0\"} 0",
                        "edistream_largest_windowed_entropy_nats_bucket" + MR + ",le=\"1.0\"} 0",
                        "edistream_sequence_tokens_bucket{model=\"m\",reason=\"length\",route=\"r\",le=\"32.0\"} 0",
                        "edistream_sequence_tokens_bucket{model=\"m\",reason=\"length\",route=\"r\",le=\"64.0\"} 1",
                        "edistream_abort_tokens_count" + MR + "} 0")
                .anyMatch(line -> line.startsWith("edistream_final_edis_bucket" + MR
                        + ",le=\"4.0\"} 1 # {sequence_id=\"0000000000000001-7\"} 3.0"))
                .anyMatch(line -> line.startsWith("edistream_largest_windowed_entropy_nats_bucket" + MR
                        + ",le=\"1.25\"} 1 # {sequence_id=\"0000000000000001-7\"} 1.1"));
    }

    @Test
    void whatACommandStoppedIsCountedApart() {
        metrics.onScore(LoopRecords.ended(1, FinishReason.ABORTED, 3, 1, 40).build());
        metrics.onScore(LoopRecords.ended(2, FinishReason.PRUNED, 3, 1, 20).build());
        metrics.onScore(LoopRecords.ended(3, FinishReason.CANCELLED, 3, 1, 10).build());
        assertThat(scraped()).contains("edistream_abort_tokens_sum" + MR + "} 60.0");
    }

    @Test
    void whatWasNotMeasuredIsNotZero() {
        metrics.onScore(LoopRecords.running(1)
                .setFinal$(true)
                .setFinishReason(FinishReason.CANCELLED)
                .setTokens(0)
                .build());
        assertThat(scraped())
                .contains(
                        "edistream_sequences_ended_total{model=\"m\",reason=\"cancelled\",route=\"r\"} 1.0",
                        "edistream_final_edis_count" + MR + "} 0",
                        "edistream_largest_windowed_entropy_nats_count" + MR + "} 0");
    }

    @Test
    void aFinalScoreThatComesAgainCountsOnceAsLongAsItIsRemembered() {
        for (int time = 0; time < 2; time++) {
            metrics.onScore(LoopRecords.ended(1, FinishReason.LENGTH, 3, 1, 40).build());
        }
        assertThat(scraped())
                .contains(
                        "edistream_sequences_ended_total{model=\"m\",reason=\"length\",route=\"r\"} 1.0",
                        "edistream_exporter_repeated_scores_total 1.0");
        RecentSequences two = new RecentSequences(2);
        assertThat(List.of(1L, 2L, 3L, 2L, 1L))
                .extracting(counter -> two.isNew(Ids.sequenceId(9, counter)))
                .as("the third pushes the first out")
                .containsExactly(true, true, true, false, true);
    }

    @Test
    void spikesCountByKind() {
        metrics.onSpike(LoopRecords.burst(1));
        assertThat(scraped())
                .contains("edistream_spikes_total{kind=\"burst\",model=\"m\",route=\"r\"} 1.0")
                .contains("edistream_spikes_total{kind=\"rebound\",model=\"m\",route=\"r\"} 0.0");
    }

    @Test
    void anAppliedCommandHasAReactionAndASummedOutcomeCountsAll() {
        metrics.onOutcome(LoopRecords.outcome(OutcomeKind.APPLIED)
                .setAppliedAtToken(7)
                .setDecidedTokenAtMicros(1_000_000)
                .setAppliedAtMicros(1_050_000)
                .build());
        metrics.onOutcome(LoopRecords.outcome(OutcomeKind.TOO_LATE).setCount(40).build());
        assertThat(scraped())
                .contains(
                        "edistream_command_outcomes_total{action=\"abort\",model=\"m\",outcome=\"applied\",route=\"r\"} 1.0",
                        "edistream_command_outcomes_total{action=\"abort\",model=\"m\",outcome=\"too_late\",route=\"r\"} 40.0",
                        "edistream_reaction_tokens_sum{action=\"abort\",model=\"m\",route=\"r\"} 2.0",
                        "edistream_reaction_seconds_sum{action=\"abort\",model=\"m\",route=\"r\"} 0.05",
                        "edistream_reaction_seconds_count{action=\"abort\",model=\"m\",route=\"r\"} 1")
                .anyMatch(
                        line -> line.startsWith(
                                "edistream_reaction_tokens_bucket{action=\"abort\",model=\"m\",route=\"r\",le=\"2.0\"} 1 # {sequence_id=\"0000000000000001-1\"} 2.0"));
    }

    @Test
    void aTimeThatNobodyTookOrThatRanBackwardsIsNoReaction() {
        metrics.onOutcome(LoopRecords.outcome(OutcomeKind.APPLIED)
                .setAppliedAtToken(5)
                .setAppliedAtMicros(0)
                .build());
        metrics.onOutcome(LoopRecords.outcome(OutcomeKind.APPLIED)
                .setAppliedAtToken(4)
                .setDecidedTokenAtMicros(2)
                .setAppliedAtMicros(1)
                .build());
        assertThat(scraped())
                .contains(
                        "edistream_reaction_seconds_count{action=\"abort\",model=\"m\",route=\"r\"} 0",
                        "edistream_reaction_tokens_count{action=\"abort\",model=\"m\",route=\"r\"} 1");
    }

    @Test
    void anOutcomeOfASequenceThatItsSourceNeverHadIsCounted() {
        metrics.onOutcome(LoopRecords.outcome(OutcomeKind.UNKNOWN)
                .setModel("")
                .setRoute("")
                .build());
        assertThat(scraped())
                .contains("edistream_command_outcomes_total{action=\"abort\",model=\"unknown\","
                        + "outcome=\"unknown\",route=\"unknown\"} 1.0");
    }

    @Test
    void modelsAndRoutesAreBounded() {
        for (int n = 0; n <= LoopMetrics.MAX_ROUTES + 1; n++) {
            metrics.onScore(LoopRecords.ended(n, FinishReason.LENGTH, 3, 1, 40)
                    .setModel("m" + n)
                    .build());
        }
        List<String> ended = scraped().stream()
                .filter(line -> line.startsWith("edistream_sequences_ended_total") && line.contains("\"length\""))
                .toList();
        assertThat(ended)
                .hasSize(LoopMetrics.MAX_ROUTES + 1)
                .contains(
                        "edistream_sequences_ended_total{model=\"m99\",reason=\"length\",route=\"r\"} 1.0",
                        "edistream_sequences_ended_total{model=\"other\",reason=\"length\",route=\"other\"} 2.0");
        assertThat(scraped()).contains("edistream_exporter_folded_labels_total{label=\"route\"} 2.0");
    }

    @Test
    void rulesAndJobsAreBounded() {
        for (int n = 0; n <= LoopMetrics.MAX_RULES; n++) {
            metrics.onCommand(LoopRecords.command(Action.ABORT, CommandMode.ARMED, "rule" + n)
                    .build());
        }
        for (int n = 0; n <= LoopMetrics.MAX_JOBS; n++) {
            metrics.onHeartbeat(LoopRecords.heartbeat("job" + n).build());
        }
        assertThat(scraped())
                .contains(
                        "edistream_commands_total{action=\"abort\",mode=\"armed\",rule=\"rule199\"} 1.0",
                        "edistream_commands_total{action=\"abort\",mode=\"armed\",rule=\"other\"} 1.0",
                        "edistream_exporter_folded_labels_total{label=\"rule\"} 1.0",
                        "edistream_kill_switch{job_name=\"job15\"} 0.0",
                        "edistream_kill_switch{job_name=\"other\"} 0.0",
                        "edistream_exporter_folded_labels_total{label=\"job_name\"} 1.0");
    }

    @Test
    void hostileNamesAreHarmlessAndShort() {
        metrics.onSpike(Spike.newBuilder(LoopRecords.burst(1))
                .setModel("a\u001b[2Jb\u202ec\nd\"e\\f<g>")
                .setRoute("x".repeat(10_000))
                .build());
        String line = scraped().stream()
                .filter(one -> one.startsWith("edistream_spikes_total") && one.contains("\"burst\""))
                .findFirst()
                .orElseThrow();
        assertThat(line)
                .isEqualTo("edistream_spikes_total{kind=\"burst\",model=\"a\uFFFD[2Jb\uFFFDc d\\\"e\\\\f<g>\",route=\""
                        + "x".repeat(Names.MAX_CHARACTERS) + "…\"} 1.0");
        assertThat(Names.clean("x".repeat(Names.MAX_CHARACTERS))).hasSize(Names.MAX_CHARACTERS);
        assertThat(Names.clean("😀".repeat(Names.MAX_CHARACTERS + 1)))
                .as("no half of a character")
                .isEqualTo("😀".repeat(Names.MAX_CHARACTERS) + "…");
    }

    @Test
    void heartbeatsTellOfRulesAndOfTime() {
        assertThat(scraped()).noneMatch(line -> line.startsWith("edistream_job_heartbeat_age_seconds{"));
        metrics.onHeartbeat(LoopRecords.heartbeat(
                        "job", LoopRecords.rule("a", 3, Mode.ARMED), LoopRecords.rule("b", 1, Mode.SHADOW))
                .build());
        now += 3 * SECOND;
        assertThat(scraped())
                .contains(
                        "edistream_job_heartbeat_age_seconds{job_name=\"job\"} 3.0",
                        "edistream_rule_revision{job_name=\"job\",rule=\"a\"} 3.0",
                        "edistream_rule_mode{job_name=\"job\",mode=\"armed\",rule=\"a\"} 1.0",
                        "edistream_rule_mode{job_name=\"job\",mode=\"shadow\",rule=\"a\"} 0.0",
                        "edistream_rule_mode{job_name=\"job\",mode=\"shadow\",rule=\"b\"} 1.0",
                        "edistream_kill_switch{job_name=\"job\"} 0.0");
        metrics.onHeartbeat(LoopRecords.heartbeat("job", LoopRecords.rule("a", 4, Mode.OFF))
                .setKillSwitch(true)
                .build());
        assertThat(scraped())
                .contains(
                        "edistream_job_heartbeat_age_seconds{job_name=\"job\"} 0.0",
                        "edistream_rule_revision{job_name=\"job\",rule=\"a\"} 4.0",
                        "edistream_rule_mode{job_name=\"job\",mode=\"off\",rule=\"a\"} 1.0",
                        "edistream_rule_mode{job_name=\"job\",mode=\"armed\",rule=\"a\"} 0.0",
                        "edistream_kill_switch{job_name=\"job\"} 1.0")
                .as("a rule that is no longer asked")
                .noneMatch(line -> line.contains("rule=\"b\""));
    }

    @Test
    void itShowsTheCatalogueAndNothingElse() {
        metrics.onScore(LoopRecords.running(1).build());
        metrics.lags(Map.of("scores", 3L));
        List<String> shown = registry.scrape().stream()
                .map(MetricSnapshot::getMetadata)
                .map(metadata -> metadata.getPrometheusName())
                .toList();
        assertThat(shown)
                .containsExactlyInAnyOrderElementsOf(ExporterMetrics.all().stream()
                        .map(Metric::name)
                        .map(name -> name.replaceAll("_total$", ""))
                        .toList());
        assertThat(scraped()).contains("edistream_exporter_lag_records{topic=\"scores\"} 3.0");
    }
}
