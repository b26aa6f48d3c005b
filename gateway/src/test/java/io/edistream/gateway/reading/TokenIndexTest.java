package io.edistream.gateway.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Phase;
import io.edistream.sequences.UnmeasuredReason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where tokens stand, and which is which. */
@Timeout(60)
class TokenIndexTest {

    private static final String TEXT = "{'choices':[{'index':0,'delta':{'content':'a'}}]}";

    @Test
    void idsComeWithoutTheirTexts() {
        Reading reading = read(
                UpstreamKind.VLLM,
                "{'choices':[{'index':0,'delta':{'content':''},'token_ids':[1,2]}]}",
                TEXT,
                "{'choices':[{'index':0,'delta':{'content':'b'},'token_ids':[]}]}",
                "{'choices':[{'index':0,'delta':{'content':'c'},'token_ids':[3]}]}");
        assertThat(ids(reading)).containsExactly(1, 2, 3);
        // Without ids each text is one.
        assertThat(ids(read(UpstreamKind.VLLM, TEXT, TEXT.replace("}}", "},'token_ids':null}"))))
                .containsExactly(-1, -1);
    }

    @Test
    void anEngineThatCountsIsBelievedFromThenOn() {
        Reading reading = read(
                UpstreamKind.LLAMACPP,
                TEXT,
                counted(2),
                TEXT,
                // A number that goes back, or stays, adds nothing.
                counted(1),
                counted(2),
                "{'choices':[{'index':0,'delta':{},'logprobs':{'content':[{'id':9}]}}],'timings':{'predicted_n':1}}",
                counted(4));
        assertThat(ids(reading)).containsExactly(-1, -1, 9, -1);
    }

    @Test
    void usageOfEachEventCounts() {
        String two = "{'choices':[{'index':0,'delta':{'content':'a'}}],'usage':{'completion_tokens':2}}";
        assertThat(reasons(read(UpstreamKind.OPENAI, two)))
                .containsExactly(UnmeasuredReason.HIDDEN, UnmeasuredReason.NOT_OFFERED);
        String other = "{'choices':[{'index':1,'delta':{'content':'a'}}]}";
        String later = "{'choices':[{'index':0,'delta':{'content':'a'}}],'usage':{'completion_tokens':4}}";
        // Of several choices the number may be that of all.
        assertThat(ids(read(UpstreamKind.OPENAI, TEXT, other, later))).hasSize(2);
        assertThat(ids(read(UpstreamKind.VLLM, TEXT, other, later))).hasSize(4);
        assertThat(ids(read(UpstreamKind.LLAMACPP, TEXT, other, later))).hasSize(4);
        assertThat(read(UpstreamKind.OPENAI, TEXT, other, later).ending.unplaced())
                .isZero();
    }

    @Test
    void aCountOfAnEventWithSeveralChoicesIsNobodys() {
        Reading reading = read(
                UpstreamKind.LLAMACPP,
                "{'choices':[{'index':0,'delta':{'content':'a'}},{'index':1,'delta':{'content':'b'}}],"
                        + "'timings':{'predicted_n':3}}");
        assertThat(reading.tokens.values()).allMatch(tokens -> tokens.size() == 1);
    }

    @Test
    void aLastCountBehindTheFinishIsMissing() {
        String stop = "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}";
        assertThat(read(UpstreamKind.LLAMACPP, TEXT, stop, "{'choices':[],'timings':{'predicted_n':3}}").ending)
                .isEqualTo(new Ending(Ending.Outcome.COMPLETE, Map.of(0, 2), 0));
        assertThat(read(UpstreamKind.LLAMACPP, TEXT, stop, "{'choices':[],'usage':{'completion_tokens':1}}").ending)
                .isEqualTo(new Ending(Ending.Outcome.COMPLETE, Map.of(), 0));
        assertThat(read(UpstreamKind.OPENAI, "{'choices':[],'usage':{'completion_tokens':1}}").ending)
                .isEqualTo(new Ending(Ending.Outcome.CUT, Map.of(), 0));
    }

    @Test
    void choicesOfOneEventHaveTheirOwnLists() {
        String list = "'logprobs':{'content':[{'token':'a','logprob':-0.7,'top_logprobs':[{'token':'a','logprob':-0.7},"
                + "{'token':'b','logprob':-1}]}]}";
        Reading reading = read(
                UpstreamKind.SGLANG,
                "{'choices':[{'index':0,'delta':{'content':'a'}," + list + "},{'index':1,'delta':{'content':'a'},"
                        + list + "},{'index':2,'delta':{'content':'a'}}]}");
        assertThat(reading.tokens).hasSize(3);
        assertThat(reading.tokens.get(1).get(0).unmeasured()).isEqualTo(UnmeasuredReason.NOT_OFFERED);
        assertThat(reading.tokens.get(1).get(0).stats().entropyNats()).isPositive();
        assertThat(reading.tokens.get(2).get(0).stats().logProbability()).isNaN();
    }

    @Test
    void theLastOfEqualNamesCounts() {
        Reading reading = read(
                UpstreamKind.OPENAI,
                "{'choices':[{'index':1,'delta':{'content':'x'}}],'choices':[{'index':0,'logprobs':{'content':[{'id':1}]},"
                        + "'delta':{'content':'b'},'logprobs':{'content':[{'id':2}]}}]}");
        assertThat(reading.tokens).containsOnlyKeys(0);
        assertThat(ids(reading)).containsExactly(2);
    }

    @ParameterizedTest
    @CsvSource({
        "token_id:7, 7",
        "token_id:999999999, 999999999",
        "token_id:1000000000, -1",
        "token_id:, -1",
        "token_id:7x, -1",
        "token_id:/, -1",
        "token-id:7, -1",
        "a, -1",
    })
    void textsThatAreIds(String text, int id) {
        assertThat(ids(read(
                        UpstreamKind.VLLM,
                        "{'choices':[{'index':0,'text':'a','logprobs':{'tokens':['" + text + "']}}]}")))
                .containsExactly(id);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "2147483647, 2147483647", "2147483648, -1", "-1, -1", "1.5, -1", "'\"1\"', -1"})
    void idsAreWholeNumbers(String sent, int id) {
        assertThat(ids(read(
                        UpstreamKind.LLAMACPP,
                        "{'choices':[{'index':0,'logprobs':{'content':[{'id':" + sent + "}]}}]}")))
                .containsExactly(id);
    }

    /** Texts that look alike are told apart by their bytes, and by their values if they have none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // The drawn token, the listed ones, and the rank that it has, -1 if its list is refused
                "'?' [1] -1|'?' [2] -0.9; '?' [1] -1|1",
                "'?' [1] -1|'?' [1] -0.9; '?' [2] -1|-1",
                "'?' [1] -1|'?' [] -0.9; '?' [1] -1|1",
                "'?' [1] -1|'?' 0 -0.9; '?' 0 -1|1",
                "'' [] -1|'' [] -0.9; '' [] -1|1",
                "'x�' [] -1|'x�' [] -0.9; 'x�' [] -1|1",
                "'?' 0 -1|'?' 0 -0.9; '!' 0 -1|-1",
            })
    void textsAlone(String drawn, String listed, int rank) {
        String[] both = listed.split("; ");
        Reading reading = read(
                UpstreamKind.OPENAI,
                "{'choices':[{'index':0,'delta':{},'logprobs':{'content':[{" + entry(drawn) + ",'top_logprobs':[{"
                        + entry(both[0]) + "},{" + entry(both[1]) + "}]}]}}]}");
        assertThat(reading.tokens.get(0).get(0).stats().rank()).isEqualTo(rank);
    }

    private static String entry(String written) {
        String[] parts = written.split(" ");
        return "'token':" + parts[0] + ",'bytes':" + parts[1] + ",'logprob':" + parts[2];
    }

    @Test
    void anIdCountsMoreThanAText() {
        Reading reading = read(
                UpstreamKind.LLAMACPP,
                "{'choices':[{'index':0,'delta':{},'logprobs':{'content':[{'id':0,'token':'a','logprob':-1,'top_logprobs':["
                        + "{'id':3,'token':'a','logprob':-0.9},{'id':0,'token':'b','logprob':-1},"
                        + "{'id':0,'token':'c','logprob':-1}]}]}}]}");
        assertThat(reading.tokens.get(0).get(0).stats().rank()).isEqualTo(1);
        assertThat((double) reading.tokens.get(0).get(0).stats().restMass())
                .isCloseTo(1 - Math.exp(-0.9) - Math.exp(-1), within(1e-6));
    }

    @Test
    void phasesOfMixedEvents() {
        Reading reading = read(
                UpstreamKind.OPENAI,
                "{'choices':[{'index':0,'delta':{'reasoning':'a','content':'b'}}]}",
                "{'choices':[{'index':0,'delta':{'content':'b','tool_calls':[{}]},'logprobs':{'content':[{},{}]}}]}",
                "{'choices':[{'index':0,'delta':{'reasoning':'b','function_call':{'a':1}},'logprobs':{'content':[{},{}]}}]}",
                "{'choices':[{'index':0,'delta':{'reasoning':'b'},'logprobs':{'content':[{},{}]}}]}",
                "{'choices':[{'index':0,'delta':{'refusal':'b'},'logprobs':{'refusal':[{},{}]}}]}");
        assertThat(reading.tokens.get(0))
                .extracting(DecodedToken::phase)
                .containsExactly(
                        Phase.ANSWERING,
                        Phase.UNKNOWN,
                        Phase.UNKNOWN,
                        Phase.UNKNOWN,
                        Phase.UNKNOWN,
                        Phase.THINKING,
                        Phase.THINKING,
                        Phase.ANSWERING,
                        Phase.ANSWERING);
    }

    @Test
    void draftsAreSuchOnlyIfListsWereAskedFor() {
        ReadingOptions options = new ReadingOptions(UpstreamKind.LLAMACPP, Endpoint.CHAT, Additions.NONE, 0, 0, null);
        assertThat(reasons(Reading.of(options, TEXT.replace('\'', '"')))).containsExactly(UnmeasuredReason.NOT_OFFERED);
        String draft =
                "{'choices':[{'index':0,'delta':{},'logprobs':{'content':[{'logprob':0.0,'top_logprobs':[]}]}}]}";
        Reading drafted = read(UpstreamKind.LLAMACPP, TEXT, draft);
        assertThat(reasons(drafted)).containsExactly(UnmeasuredReason.SPECULATED, UnmeasuredReason.SPECULATED);
        assertThat(drafted.tokens.get(0).get(1).stats().logProbability()).isNaN();
    }

    @ParameterizedTest
    @CsvSource({"399, 0", "400, 400", "599, 599", "600, 0"})
    void statusesOfErrors(int sent, int code) {
        String message = "m".repeat(1001);
        UpstreamError error = read(UpstreamKind.VLLM, "{'error':{'code':" + sent + ",'message':'" + message + "'}}")
                .passages
                .get(0)
                .error();
        assertThat(error).isEqualTo(new UpstreamError(code, "", message.substring(1)));
    }

    private static String counted(int predicted) {
        return "{'choices':[{'index':0,'delta':{'content':'a'}}],'timings':{'predicted_n':" + predicted + "}}";
    }

    private static Reading read(UpstreamKind kind, String... data) {
        String[] json = data.clone();
        for (int i = 0; i < json.length; i++) {
            json[i] = json[i].replace('\'', '"');
        }
        return Reading.of(Reading.options(kind, Additions.NONE), json);
    }

    private static List<Integer> ids(Reading reading) {
        return reading.tokens.get(0).stream().map(DecodedToken::id).toList();
    }

    private static List<UnmeasuredReason> reasons(Reading reading) {
        return reading.tokens.get(0).stream().map(DecodedToken::unmeasured).toList();
    }
}
