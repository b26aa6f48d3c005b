package io.edistream.gateway.reading;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of an event goes on to the client, and what of it is ours. */
@Timeout(60)
class CuttingTest {

    private static final String NOTHING = "";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // What was added | an event | what is left of it
                "L|{'choices':[{'index':0,'delta':{'content':'a'},'logprobs':{'content':[]}}]}"
                        + "|{'choices':[{'index':0,'delta':{'content':'a'}}]}",
                "L|{'choices':[{'index':0,'delta':{'content':'a'},'logprobs':null}]}"
                        + "|{'choices':[{'index':0,'delta':{'content':'a'},'logprobs':null}]}",
                "L|{'choices':[{'index':0,'delta':{'content':'','reasoning':null,'tool_calls':[]},'logprobs':{'content':[]}}]}|",
                "L|{'choices':[{'index':0,'delta':{'tool_calls':[{}]},'logprobs':{'content':[]}}]}"
                        + "|{'choices':[{'index':0,'delta':{'tool_calls':[{}]}}]}",
                "L|{'choices':[{'index':0,'delta':{},'logprobs':{'content':[]},'stop_reason':5}]}"
                        + "|{'choices':[{'index':0,'delta':{},'stop_reason':5}]}",
                "L|{'choices':[{'index':0,'delta':7,'logprobs':{'content':[]}}]}|{'choices':[{'index':0,'delta':7}]}",
                "L|{'choices':[{'index':300,'delta':{'role':'r'},'logprobs':{'content':[]}}]}"
                        + "|{'choices':[{'index':300,'delta':{'role':'r'}}]}",
                "L|{'choices':[{'index':0,'delta':{},'logprobs':{'content':[]}},"
                        + "{'index':1,'delta':{'content':'b'},'logprobs':{'content':[]}}]}"
                        + "|{'choices':[{'index':0,'delta':{}},{'index':1,'delta':{'content':'b'}}]}",
                "L|{'choices':[{'index':0,'logprobs':{'content':[]},'delta':{},'logprobs':{}}],'id':'x','created':1}|",
                "L|{'choices':[],'usage':{'completion_tokens':1}}|{'choices':[],'usage':{'completion_tokens':1}}",
                "U|{'choices':[],'usage':{'completion_tokens':1},'timings':{'predicted_n':1}}|",
                "U|{'choices':[],'usage':{'completion_tokens':1},'error':{'code':500}}|{'choices':[],'error':{'code':500}}",
                "U|{'choices':[],'usage':null,'prompt_filter_results':[1]}|{'choices':[],'prompt_filter_results':[1]}",
                "U|{'choices':[],'usage':null}|",
                "U|{'choices':[{'index':0,'delta':{'content':'a'}}],'usage':null}"
                        + "|{'choices':[{'index':0,'delta':{'content':'a'}}]}",
                "U|{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'usage':null}"
                        + "|{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}",
                "U|{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'usage':{'completion_tokens':1}}"
                        + "|{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'usage':{'completion_tokens':1}}",
                "T|{'choices':[{'index':0,'delta':{'content':'a'}}],'timings':{'predicted_n':1}}"
                        + "|{'choices':[{'index':0,'delta':{'content':'a'}}]}",
                "T|{'choices':[{'index':0,'delta':{}}],'timings':{'predicted_n':1}}|",
                "T|{'choices':[],'usage':{'completion_tokens':1},'timings':{'predicted_n':1}}"
                        + "|{'choices':[],'usage':{'completion_tokens':1},'timings':{'predicted_n':1}}",
                "T|{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'timings':{'predicted_n':1}}"
                        + "|{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'timings':{'predicted_n':1}}",
                "I|{'choices':[{'index':0,'delta':{'content':'a'},'token_ids':[1]}],'prompt_token_ids':[2],'prompt_text':null}"
                        + "|{'choices':[{'index':0,'delta':{'content':'a'},'token_ids':null}],"
                        + "'prompt_token_ids':null,'prompt_text':null}",
                "I|{'choices':[{'index':0,'delta':{'content':''},'token_ids':[1]}],'prompt_token_ids':[2]}|",
                "I|{'choices':[{'index':0,'text':'','prompt_token_ids':[1],'token_ids':[1]}]}|",
                "N|{'choices':[{'index':0,'delta':{}}],'timings':{},'usage':{}}"
                        + "|{'choices':[{'index':0,'delta':{}}],'timings':{},'usage':{}}",
            })
    void onlyWhatWasAddedGoes(String added, String event, String left) {
        Additions additions = new Additions(
                added.equals("L") ? 5 : 0, added.equals("I"), added.equals("T"), added.equals("U"), false, false);
        Reading reading = Reading.of(Reading.options(UpstreamKind.GENERIC, additions), event.replace('\'', '"'));
        assertThat(reading.text()).isEqualTo(left == null ? NOTHING : "data: " + left.replace('\'', '"') + "\n\n");
    }

    /** Engines that send a null to those who do not ask go on to do so. */
    @ParameterizedTest
    @CsvSource({
        "VLLM, CHAT, true",
        "SGLANG, COMPLETIONS, true",
        "LMDEPLOY, CHAT, true",
        "OPENAI, CHAT, true",
        "LLAMACPP, CHAT, false",
        "LLAMACPP, COMPLETIONS, true",
        "GENERIC, CHAT, false",
    })
    void logprobsBecomeWhatTheyAreUnasked(UpstreamKind kind, Endpoint endpoint, boolean hasNull) {
        Additions additions = new Additions(5, false, false, false, false, false);
        Reading reading = Reading.of(
                new ReadingOptions(kind, endpoint, additions, 5, 0, null),
                "{\"choices\":[{\"index\":0,\"text\":\"a\",\"logprobs\":{\"content\":[]}}]}");
        assertThat(reading.text())
                .isEqualTo("data: {\"choices\":[{\"index\":0,\"text\":\"a\"" + (hasNull ? ",\"logprobs\":null" : "")
                        + "}]}\n\n");
    }

    @Test
    void blanksAroundDataAreNoneOfIt() {
        Reading reading = read("data: \t [DONE] \t\n\n");
        assertThat(reading.passages.get(0).isDone()).isTrue();
        assertThat(read("data:   {\"choices\":[{\"index\":0,\"text\":\"a\"}]} \r\ndata: \r\n\r\n").texts)
                .containsEntry(0, "a");
        for (String nothing : new String[] {"data:\n\n", "data: \t \n\n", "data:\ndata:\n\n", "id: 5\n\n"}) {
            Reading empty = read(nothing);
            assertThat(empty.text()).isEqualTo(nothing);
            assertThat(empty.unread).isZero();
        }
    }

    @Test
    void whatLooksLikeTheEndIsNone() {
        for (String data : new String[] {"[DONX]", "[DONE", "[DONE]]", "(DONE]", "{}", "done"}) {
            assertThat(read("data: " + data + "\n\n").passages.get(0).isDone()).isFalse();
        }
        assertThat(read("data: [DONX]\n\n").unread).isEqualTo(1);
    }

    @Test
    void theBeginningOfAnEventIsNotForwarded() {
        String whole = "data: {\"choices\":[]}\n\n";
        Reading cut = read(whole + "data: {\"choices\":[{\"in");
        assertThat(cut.text()).isEqualTo(whole);
        assertThat(cut.unread).isEqualTo(1);
        // What can be read was whole.
        assertThat(read(whole + "data: {\"choices\":[]}").text()).isEqualTo(whole + "data: {\"choices\":[]}");
    }

    @Test
    void otherLinesOfAnEventStay() {
        Reading reading = new Reading(
                Reading.options(UpstreamKind.GENERIC, new Additions(5, false, false, false, false, false)),
                Fixtures.events(("event: x\rdata:{\rdatum: 1\rdata\r:c\rdata: \"choices\":[{\"index\":0,\"text\":\"a\","
                                + "\rdata: \"logprobs\":{}}]}\rid\r\r")
                        .getBytes(UTF_8)));
        assertThat(reading.text().replace('\r', '^').replace('\n', '~'))
                .isEqualTo(
                        "event: x^data: {~data: ~data: \"choices\":[{\"index\":0,\"text\":\"a\"}]}~datum: 1^:c^id^^");
        assertThat(reading.texts).containsEntry(0, "a");
    }

    private static Reading read(String stream) {
        return new Reading(
                Reading.options(UpstreamKind.GENERIC, Additions.NONE), Fixtures.events(stream.getBytes(UTF_8)));
    }
}
