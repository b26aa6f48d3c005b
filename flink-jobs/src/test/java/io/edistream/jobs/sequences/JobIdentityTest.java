package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class JobIdentityTest {

    @Test
    void theNameHasBounds() {
        assertThat(new JobIdentity("n", "1.0").name()).isEqualTo("n");
        assertThat(new JobIdentity("n".repeat(128), "1.0").name()).hasSize(128);
        for (String refused : new String[] {"", "  ", "n".repeat(129)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new JobIdentity(refused, "1.0"))
                    .withMessage(
                            "job name of " + refused.length() + " characters: must be 1 to 128, not all of them blank");
        }
    }
}
