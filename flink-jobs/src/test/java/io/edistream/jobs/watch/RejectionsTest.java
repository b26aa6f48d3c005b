package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import org.junit.jupiter.api.Test;

class RejectionsTest {

    private static final long MINUTE = 60_000;
    private static final int BUDGET = Rejections.TOLD_PER_MINUTE;

    private final Tally counts = new Tally();
    private final Told told = new Told();
    private final Rejections rejections = new Rejections(counts);
    private final Records records = new Records("token-entropy");

    private void add(long source, RejectReason reason, String detail, long now) {
        rejections.add(source, records.rejected(new Origin(1, 2), reason, detail, source), now, told);
    }

    private void add(int count, long now) {
        for (int i = 0; i < count; i++) {
            add(7, RejectReason.BAD_VALUE, "detail " + i, now);
        }
    }

    @Test
    void theFirstOfAMinuteAreToldOneByOneAndTheOthersSummedUp() {
        add(BUDGET, 0);
        assertThat(told.rejected).hasSize(BUDGET).allSatisfy(one -> assertThat(one.getCount())
                .isEqualTo(1));
        add(5, 10);
        assertThat(told.rejected).hasSize(BUDGET);
        rejections.tick(MINUTE - 1, told);
        assertThat(told.rejected).hasSize(BUDGET);
        assertThat(counts.rejected).containsEntry(RejectReason.BAD_VALUE, BUDGET + 5L);

        rejections.tick(MINUTE, told);
        assertThat(told.rejected).hasSize(BUDGET + 1);
        Rejected summary = told.rejected.get(BUDGET);
        assertThat(summary.getCount()).isEqualTo(5);
        assertThat(summary.getReason()).isEqualTo(RejectReason.BAD_VALUE);
        assertThat(summary.getDetail()).isEqualTo("5 more like this within a minute; the last one: detail 4");
        assertThat(summary.getOffset()).isEqualTo(2);

        // It is told once, and the next minute has a budget of its own.
        rejections.tick(3 * MINUTE, told);
        add(1, 3 * MINUTE);
        assertThat(told.rejected).hasSize(BUDGET + 2);
    }

    @Test
    void withoutATickTheNextRejectionTellsTheSummary() {
        add(BUDGET + 3, 0);
        add(1, MINUTE);
        assertThat(told.rejected)
                .extracting(Rejected::getCount)
                .hasSize(BUDGET + 2)
                .endsWith(3L, 1L);
        add(BUDGET - 1, MINUTE + 1);
        assertThat(told.rejected).hasSize(2 * BUDGET + 1);
        add(1, MINUTE + 2);
        assertThat(told.rejected).hasSize(2 * BUDGET + 1);
    }

    @Test
    void aMinuteWithinTheBudgetHasNoSummary() {
        add(BUDGET, 0);
        rejections.tick(MINUTE, told);
        assertThat(told.rejected).hasSize(BUDGET);
    }

    @Test
    void sourcesAndReasonsHaveBudgetsOfTheirOwn() {
        add(100, 0);
        add(8, RejectReason.BAD_VALUE, "of another source", 0);
        add(7, RejectReason.EMPTY_RUN, "of another reason", 0);
        assertThat(told.rejected).hasSize(BUDGET + 2);
    }

    @Test
    void aSummaryIsNoLongerThanADetailMayBe() {
        for (int i = 0; i <= BUDGET; i++) {
            add(7, RejectReason.BAD_VALUE, "x".repeat(1_000), 0);
        }
        rejections.tick(MINUTE, told);
        assertThat(told.rejected.get(BUDGET).getDetail()).hasSize(1_000).startsWith("1 more like this");
    }

    @Test
    void aClockThatIsSetBackSilencesNobody() {
        add(BUDGET + 1, 100 * MINUTE);
        add(1, 50 * MINUTE);
        assertThat(told.rejected)
                .extracting(Rejected::getCount)
                .hasSize(BUDGET + 2)
                .containsOnly(1L);
        add(BUDGET + 4, 50 * MINUTE);
        rejections.tick(51 * MINUTE, told);
        assertThat(told.rejected.get(told.rejected.size() - 1).getCount()).isEqualTo(5);
    }

    @Test
    void beyondTheBoundOfBudgetsAllShareOneAndAllAreCounted() {
        int sources = 10 * Rejections.MAX_BUDGETS;
        for (int source = 1; source <= sources; source++) {
            add(source, RejectReason.UNREADABLE, "of source " + source, 0);
        }
        assertThat(told.rejected).hasSize(Rejections.MAX_BUDGETS + BUDGET);
        assertThat(counts.rejected).containsEntry(RejectReason.UNREADABLE, (long) sources);

        // Those that have a budget keep it.
        add(1, RejectReason.UNREADABLE, "again", 1);
        assertThat(told.rejected).hasSize(Rejections.MAX_BUDGETS + BUDGET + 1);

        rejections.tick(MINUTE + 1, told);
        Rejected summary = told.rejected.get(told.rejected.size() - 1);
        assertThat(summary.getCount()).isEqualTo(sources - Rejections.MAX_BUDGETS - BUDGET);
        assertThat(summary.getDetail()).endsWith("of source " + sources);
        assertThat(told.rejected.stream().mapToLong(Rejected::getCount).sum()).isEqualTo(sources + 1L);

        // The minute over, there is room again.
        add(sources + 1, RejectReason.UNREADABLE, "new", MINUTE + 2);
        assertThat(told.rejected.get(told.rejected.size() - 1).getDetail()).isEqualTo("new");
    }
}
