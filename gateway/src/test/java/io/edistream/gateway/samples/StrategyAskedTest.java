package io.edistream.gateway.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.gateway.config.Route;
import io.edistream.sequences.answers.Extraction;
import io.edistream.signals.groups.Pruning;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Strategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class StrategyAskedTest {

    @Test
    void whatIsNotSaidIsUsual() {
        StrategyAsked majority = Strategies.of("\"strategy\":\"majority\",\"extract\":\"last_number\"");
        assertThat(majority.plan()).isEqualTo(new SamplePlan(new Strategy.AllAtOnce(), 8));
        assertThat(majority.signal().name()).isEqualTo("mean_entropy");
        assertThat(majority.atOnce()).isEqualTo(8);
        StrategyAsked waves = Strategies.of("\"strategy\":\"waves\",\"extract\":\"boxed\"");
        assertThat(waves.plan()).isEqualTo(new SamplePlan(new Strategy.Waves(2, 2), 8));
        assertThat(waves.atOnce()).isEqualTo(2);
        StrategyAsked best = Strategies.of("\"strategy\":\"best-of-n\"");
        assertThat(best.extraction()).isNull();
        assertThat(best.signal().highIsBad()).isTrue();
        assertThat(best.pruning()).isNull();
        assertThat(Strategies.of("\"strategy\":\"best-of-n\",\"n\":3,\"prune\":{}")
                        .pruning())
                .isEqualTo(new Pruning(1, .5));
        assertThat(StrategyAsked.of(
                                Strategies.asked("{\"edistream\":{\"strategy\":\"waves\",\"extract\":\"boxed\"}}"), 1)
                        .plan())
                .as("on a route that allows less")
                .isEqualTo(new SamplePlan(new Strategy.Waves(1, 1), 1));
    }

    @Test
    void whatIsSaidIsHeard() {
        StrategyAsked waves = Strategies.of("\"strategy\":\"waves\",\"n\":32,\"extract\":\"json:/a\",\"by\":\"edis\","
                + "\"width\":4,\"lead\":3,\"request\":\"mine\"");
        assertThat(waves.plan()).isEqualTo(new SamplePlan(new Strategy.Waves(4, 3), 32));
        assertThat(waves.extraction()).isEqualTo(Extraction.parse("json:/a"));
        assertThat(waves.signal().name()).isEqualTo("edis");
        assertThat(Strategies.of("\"strategy\":\"best-of-n\",\"n\":5,\"prune\":{\"weakest\":2,\"at\":1}")
                        .pruning())
                .isEqualTo(new Pruning(2, 1));
        assertThat(Strategies.of("\"strategy\":\"best-of-n\",\"by\":\"token_confidence\"")
                        .signal()
                        .highIsBad())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"edistream\":{\"strategy\":\"best\"} | there is no strategy \"best\": must be majority, best-of-n or waves",
                "\"edistream\":{\"strategy\":7} | there is no strategy 7",
                "\"edistream\":{\"strategy\":\"majority\"} | strategy majority needs extract",
                "\"edistream\":{\"strategy\":\"waves\"} | strategy waves needs extract",
                "\"edistream\":{\"strategy\":\"majority\",\"extract\":\"first\"} | no extraction first: must be last_number",
                "\"edistream\":{\"strategy\":\"majority\",\"extract\":7} | extract must be a text, not 7",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"n\":33} | edistream.n must be 1 to 32, not 33",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"n\":0} | edistream.n must be 1 to 32, not 0",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"n\":\"8\"} | edistream.n must be 1 to 32, not \"8\"",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"n\":2.5} | edistream.n must be 1 to 32, not 2.5",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"by\":\"luck\"} | signal 'luck': must be one of edis",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"width\":2} | width and lead are for strategy waves alone",
                "\"edistream\":{\"strategy\":\"waves\",\"extract\":\"boxed\",\"width\":9} | edistream.width must be 1 to 8, not 9",
                "\"edistream\":{\"strategy\":\"waves\",\"extract\":\"boxed\",\"lead\":9} | edistream.lead must be 1 to 8, not 9",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"m\":2} | there is no member m in edistream, only by, extract",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"group\":\"g\"} | group must be left out",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"watch\":false} | watch must not be false",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"prune\":1} | edistream.prune must be an object, not 1",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"prune\":{\"most\":1}} | there is no member most in edistream.prune, only at, weakest",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"prune\":{\"weakest\":0}} | edistream.prune.weakest must be 1 to 2, not 0",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"prune\":{\"weakest\":3}} | edistream.prune.weakest must be 1 to 2, not 3",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"prune\":{\"at\":0}} | edistream.prune.at must be above 0 and at most 1, not 0",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"prune\":{\"at\":1.01}} | edistream.prune.at must be above 0 and at most 1, not 1.01",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"prune\":{\"at\":\".5\"}} | edistream.prune.at must be above 0 and at most 1, not \".5\"",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"n\":2,\"prune\":{}} | edistream.n must be at least 3 with prune.weakest 1, not 2",
                "\"edistream\":{\"strategy\":\"best-of-n\",\"n\":4,\"prune\":{\"weakest\":2}} | edistream.n must be at least 5 with prune.weakest 2, not 4",
                "\"n\":2,\"edistream\":{\"strategy\":\"best-of-n\"} | n must be 1, and edistream.n says how many",
                "\"best_of\":2,\"edistream\":{\"strategy\":\"best-of-n\"} | best_of and a strategy both choose",
                "\"tools\":[{}],\"edistream\":{\"strategy\":\"best-of-n\"} | cannot be had with tools",
                "\"logprobs\":true,\"edistream\":{\"strategy\":\"best-of-n\"} | reads log-probabilities itself",
            })
    void whatCannotBeHadIsSaid(String members, String said) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StrategyAsked.of(Strategies.asked("{" + members + "}"), Route.MAX_SAMPLES))
                .withMessageContaining(said);
    }

    @Test
    void aRouteMaySwitchThemOff() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StrategyAsked.of(Strategies.asked("{\"edistream\":{\"strategy\":\"best-of-n\"}}"), 0))
                .withMessage("strategies are switched off for this model: its route has samples: 0");
    }

    @Test
    void reasoningInsideATextIsNoAnswer() {
        StrategyAsked asked = Strategies.of("\"strategy\":\"majority\",\"extract\":\"last_number\"");
        Route.Thinking tags = new Route.Thinking("<think>", "</think>");
        assertThat(asked.answer("<think>7</think> so 8", tags)).isEqualTo("8");
        assertThat(asked.answer("<think>7</think> so none", tags)).isNull();
        assertThat(asked.answer("<think>7 or 8", tags)).isNull();
        assertThat(asked.answer("7</think> so 8", tags)).isEqualTo("8");
        assertThat(asked.answer("8", tags)).isEqualTo("8");
        assertThat(asked.answer("<think>7</think>", null)).isEqualTo("7");
    }
}
