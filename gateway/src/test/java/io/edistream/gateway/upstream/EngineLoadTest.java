package io.edistream.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.gateway.config.UpstreamKind;
import org.junit.jupiter.api.Test;

class EngineLoadTest {

    @Test
    void llamaServersBusySlotsAreCounted() {
        assertThat(count(
                        UpstreamKind.LLAMACPP,
                        "[{\"is_processing\":true},{\"is_processing\":false},{\"is_processing\":true}]"))
                .isEqualTo(2);
        assertThat(count(UpstreamKind.LLAMACPP, "[]")).isZero();
        // Without --slots.
        assertThat(count(UpstreamKind.LLAMACPP, "{\"error\":{\"code\":501}}")).isNaN();
        assertThat(count(UpstreamKind.LLAMACPP, "not JSON")).isNaN();
    }

    @Test
    void whatRunsAndWhatWaitsIsCountedOverAllModels() {
        String page =
                """
                # HELP vllm:num_requests_running Number of requests in model execution batches.
                # TYPE vllm:num_requests_running gauge
                vllm:num_requests_running{engine="0",model_name="a b"} 2.0
                vllm:num_requests_running{engine="1",model_name="c"} 1.0
                vllm:num_requests_waiting{engine="0",model_name="a b"} 4.0
                vllm:num_requests_waiting_by_reason{reason="capacity"} 100.0
                """;
        assertThat(count(UpstreamKind.VLLM, page)).isEqualTo(7);
        assertThat(count(UpstreamKind.SGLANG, "sglang:num_running_reqs 3.0\nsglang:num_queue_reqs 2.0\n"))
                .isEqualTo(5);
        assertThat(count(UpstreamKind.SGLANG, page)).as("not a word of it").isNaN();
        assertThat(count(UpstreamKind.VLLM, "vllm:num_requests_running what?\n"))
                .isNaN();
    }

    private static double count(UpstreamKind kind, String page) {
        return EngineLoad.count(kind, page);
    }
}
