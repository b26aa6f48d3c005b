package io.edistream.gateway.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GroupsTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Groups groups = new Groups(nanos::get);

    @Test
    void aNameIsForgottenWhenNobodyUsesIt() {
        long memory = Groups.MEMORY.toNanos();
        assertThat(groups.join("a", 1, 1).id()).isEqualTo(1);
        nanos.set(memory - 1);
        assertThat(groups.join("a", 2, 1).id()).isEqualTo(1);
        nanos.set(2 * memory - 2);
        assertThat(groups.join("a", 3, 1).id()).isEqualTo(1);
        nanos.set(3 * memory - 2);
        assertThat(groups.join("a", 4, 1).id()).isEqualTo(4);
    }

    @Test
    void aGroupHasABoundAndSoHaveNames() {
        assertThat(groups.join("a", 1, Groups.MAX_SEQUENCES - 1).planned()).isEqualTo(Groups.MAX_SEQUENCES - 1);
        assertThat(groups.join("a", 300, 1).planned()).isEqualTo(Groups.MAX_SEQUENCES);
        assertThat(groups.join("a", 301, 1).id()).isEqualTo(301);
        for (int name = 0; name < Groups.MAX_NAMES - 1; name++) {
            groups.join("n" + name, 400 + name, 1);
        }
        assertThat(groups.join("n0", 1, 1).id()).as("used later than a").isEqualTo(400);
        groups.join("one more", 2, 1);
        assertThat(groups.join("a", 3, 1).id()).as("the one used longest ago").isEqualTo(3);
    }
}
