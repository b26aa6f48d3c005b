package io.edistream.gateway.reading;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.edistream.gateway.config.Route.Thinking;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Phase;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.event.EntropyKind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class StreamReaderTest {

    private static final ReadingOptions VLLM = Reading.options(UpstreamKind.VLLM, Reading.ALL);
    private static final ReadingOptions LLAMA = Reading.options(UpstreamKind.LLAMACPP, Reading.ALL);
    private static final ReadingOptions OPENAI = Reading.options(UpstreamKind.OPENAI, Additions.NONE);
    private static final String STOP = "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}";

    @Test
    void llamaCountsItsTokensSoThatHolesHaveAPlace() {
        Reading reading = read(
                LLAMA,
                "{'choices':[{'index':0,'delta':{'role':'assistant','content':null},'finish_reason':null}]}",
                llama("a", 81, 1),
                llama("😀", 218, 4),
                llama("b", 82, 5),
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'timings':{'predicted_n':7}}",
                "[DONE]");
        assertThat(reading.tokens.get(0)).extracting(DecodedToken::id).containsExactly(81, -1, -1, 218, 82, -1, -1);
        assertThat(reading.tokens.get(0))
                .filteredOn(token -> token.id() < 0)
                .allMatch(token -> token.unmeasured() == UnmeasuredReason.HIDDEN);
        assertThat(reading.ending).isEqualTo(new Ending(Ending.Outcome.COMPLETE, Map.of(), 0));
        assertThat(reading.text())
                .contains("\"timings\":{\"predicted_n\":7}")
                .doesNotContain("\"predicted_n\":4")
                .doesNotContain("logprobs");
    }

    @Test
    void llamaSendsAcceptedDraftsWithoutLists() {
        Reading reading = read(
                LLAMA,
                llama("a", 81, 1),
                "{'choices':[{'index':0,'delta':{'content':'b'},'logprobs':null}],'timings':{'predicted_n':2}}",
                "{'choices':[{'index':0,'delta':{'content':'c'}}],'timings':{'predicted_n':4}}",
                // The first part of a token's text comes apart, and is counted with the last.
                "{'choices':[{'index':0,'delta':{'reasoning_content':'d'}}]}",
                llama("e", 83, 5));
        assertThat(reasons(reading))
                .containsExactly(
                        UnmeasuredReason.NOT_OFFERED,
                        UnmeasuredReason.SPECULATED,
                        UnmeasuredReason.HIDDEN,
                        UnmeasuredReason.SPECULATED,
                        UnmeasuredReason.NOT_OFFERED);
    }

    @Test
    void vllmCountsByIds() {
        Reading reading = read(
                VLLM,
                "{'choices':[{'index':0,'delta':{'role':'assistant','content':''},'logprobs':null,"
                        + "'finish_reason':null}],'prompt_token_ids':[1,2],'prompt_text':null}",
                vllm(
                        "ab",
                        "11,12,13",
                        entry("a", -0.1, "a", -0.1, "x", -3),
                        entry("", -1, "", -1, "y", -0.6),
                        entry("b", -0.2, "b", -0.2, "z", -2)),
                vllm("", "14", entry("c", -0.3, "c", -0.3, "z", -2)),
                // Text that was held back for a stop string has no tokens of its own.
                "{'choices':[{'index':0,'delta':{'content':'c'},'logprobs':null,'finish_reason':null,'token_ids':null}]}",
                "{'choices':[{'index':0,'delta':{'content':''},'logprobs':null,'finish_reason':'stop','token_ids':[2]}]}",
                "{'choices':[],'usage':{'completion_tokens':5,'prompt_tokens':2}}",
                "[DONE]");
        assertThat(reading.tokens.get(0)).extracting(DecodedToken::id).containsExactly(11, 12, 13, 14, 2);
        assertThat(reading.tokens.get(0).get(1).stats().logProbability()).isEqualTo(-1);
        assertThat(reading.tokens.get(0).get(4).unmeasured()).isEqualTo(UnmeasuredReason.NOT_OFFERED);
        assertThat(Float.isNaN(reading.tokens.get(0).get(4).stats().entropyNats()))
                .isTrue();
        assertThat(reading.texts).containsEntry(0, "abc");
        assertThat(reading.ending).isEqualTo(new Ending(Ending.Outcome.COMPLETE, Map.of(), 0));
        assertThat(reading.text())
                .isEqualTo("data: {'choices':[{'index':0,'delta':{'role':'assistant','content':''},'logprobs':null,"
                                .replace('\'', '"')
                        + ("'finish_reason':null}],'prompt_token_ids':null,'prompt_text':null}\n\n"
                                        + "data: {'choices':[{'index':0,'delta':{'content':'ab'},'logprobs':null,"
                                        + "'finish_reason':null,'token_ids':null}]}\n\n"
                                        + "data: {'choices':[{'index':0,'delta':{'content':'c'},'logprobs':null,"
                                        + "'finish_reason':null,'token_ids':null}]}\n\n"
                                        + "data: {'choices':[{'index':0,'delta':{'content':''},'logprobs':null,"
                                        + "'finish_reason':'stop','token_ids':null}]}\n\n"
                                        + "data: [DONE]\n\n")
                                .replace('\'', '"'));
    }

    @Test
    void listsThatDoNotGoWithTheIdsAreLost() {
        Reading reading = read(VLLM, vllm("ab", "11,12,13", entry("a", -0.1, "a", -0.1), entry("b", -1, "b", -1)));
        assertThat(reading.tokens.get(0)).extracting(DecodedToken::id).containsExactly(11, 12, 13);
        assertThat(reasons(reading)).containsOnly(UnmeasuredReason.LOST);
    }

    @Test
    void equalListsInOneEventMeasureTheFirstTokenOnly() {
        String list = "'top_logprobs':[" + listed("a", -0.5) + "," + listed("b", -1) + "]}";
        Reading reading = read(
                Reading.options(UpstreamKind.SGLANG, Additions.NONE),
                "{'choices':[{'index':0,'delta':{'content':'abc'},'logprobs':{'content':["
                        + "{'token':'a','logprob':-0.5," + list + ",{'token':'b','logprob':-0.7," + list
                        + ",{'token':'c','logprob':-0.9," + list + "]}}]}",
                // One that is certain has the same list wherever it stands.
                "{'choices':[{'index':0,'delta':{'content':'xx'},'logprobs':{'content':["
                        + entry("x", 0, "x", 0, "y", -9999) + "," + entry("x", 0, "x", 0, "y", -9999) + "]}}]}");
        assertThat(reasons(reading))
                .containsExactly(
                        UnmeasuredReason.NOT_OFFERED,
                        UnmeasuredReason.REPEATED,
                        UnmeasuredReason.REPEATED,
                        UnmeasuredReason.NOT_OFFERED,
                        UnmeasuredReason.NOT_OFFERED);
        assertThat(reading.tokens.get(0).get(2).stats().logProbability()).isEqualTo(-0.9f);
        assertThat(reading.tokens.get(0).get(2).stats().entropyNats()).isNaN();
        assertThat(reading.tokens.get(0).get(4).stats().entropyNats()).isZero();
    }

    @Test
    void twentyAlternativesMeasureAll() {
        String[] listed = new String[20];
        for (int i = 0; i < 20; i++) {
            listed[i] = listed("t" + i, -2 - 0.25 * i);
        }
        Reading reading = read(
                OPENAI,
                chat(
                        "{'content':'t3'}",
                        "{'token':'t3','logprob':-2.75,'top_logprobs':[" + String.join(",", listed) + "]}"));
        DecodedToken token = reading.tokens.get(0).get(0);
        assertThat(token.unmeasured()).isNull();
        assertThat((double) token.stats().confidence()).isCloseTo(2 + 0.25 * 19 / 2, within(1e-6));
        assertThat(token.stats().rank()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // An entry, whether entropy and log-probability are known, and why something is not.
                "{'token':'a','logprob':-9999.0,'top_logprobs':[L(b -0.5)]}|true|false|SENTINEL",
                "{'token':'a','logprob':null,'top_logprobs':[L(b -0.5)]}|true|false|SENTINEL",
                "{'token':'a'}|false|false|SENTINEL",
                "{'token':'a','logprob':0.0,'top_logprobs':[]}|false|false|NOT_OFFERED",
                "{'token':'a','logprob':-1,'top_logprobs':[]}|false|true|NOT_OFFERED",
                "{'token':'a','logprob':-1,'top_logprobs':[L(b -9999)]}|false|true|SENTINEL",
                "{'token':'a','logprob':-1,'top_logprobs':[L(a -1) L(b -0.1)]}|false|false|LOST",
                "{'token':'a','logprob':-1,'top_logprobs':[L(a -2)]}|false|false|LOST",
                "{'token':'a','logprob':-1,'top_logprobs':[L(b -2)]}|false|true|LOST",
                "{'token':'a','logprob':1,'top_logprobs':[L(b -2)]}|false|false|LOST",
                // Tokens without a text are told apart by their values, those listed twice are one.
                "{'token':'','logprob':-3,'top_logprobs':[L( -0.5) L( -3) L( -2)]}|true|true|NOT_OFFERED",
                "{'token':'a','logprob':-0.5,'top_logprobs':[L(a -0.5) L(a -0.5)]}|true|true|NOT_OFFERED",
            })
    void whatAnEntrySays(String entry, boolean entropy, boolean logprob, UnmeasuredReason reason) {
        String json =
                entry.replace(") L(", "),L(").replaceAll("L\\((.*?) ([-.\\d]+)\\)", "{'token':'$1','logprob':$2}");
        Reading reading = read(OPENAI, chat("{'content':'a'}", json));
        DecodedToken token = reading.tokens.get(0).get(0);
        assertThat(token.unmeasured()).isEqualTo(reason);
        assertThat(!Float.isNaN(token.stats().entropyNats())).isEqualTo(entropy);
        assertThat(!Float.isNaN(token.stats().logProbability())).isEqualTo(logprob);
    }

    @Test
    void idsTellTokensApartWhateverTheirTexts() {
        Reading reading = read(
                Reading.options(UpstreamKind.LLAMACPP, Additions.NONE),
                chat(
                        "{'content':'😀'}",
                        "{'id':218,'token':'😀','bytes':[1],'logprob':-1,'top_logprobs':["
                                + "{'id':5,'token':'?','logprob':-1.5},{'id':218,'token':'?','bytes':[128],'logprob':-1},"
                                + "{'id':6,'token':'?','logprob':-1.5}]}"));
        double p = Math.exp(-1);
        double q = Math.exp(-1.5);
        assertThat((double) reading.tokens.get(0).get(0).stats().restMass()).isCloseTo(1 - p - 2 * q, within(1e-6));
        assertThat(reading.tokens.get(0).get(0).stats().rank()).isZero();
    }

    @Test
    void legacyCompletionsHaveColumns() {
        ReadingOptions options =
                new ReadingOptions(UpstreamKind.VLLM, Endpoint.COMPLETIONS, Additions.NONE, 5, 32000, null);
        Reading reading = read(
                options,
                "{'choices':[{'index':0,'text':'ab','logprobs':{'text_offset':[0,1],'top_logprobs':["
                        + "{'token_id:7':-0.5,'token_id:8':-1.5},{'b':-0.25}],'token_logprobs':[-0.5,-0.25],"
                        + "'tokens':['token_id:7','b']},'finish_reason':'length'}]}");
        assertThat(reading.tokens.get(0)).extracting(DecodedToken::id).containsExactly(7, -1);
        assertThat((double) reading.tokens.get(0).get(0).stats().restMass())
                .isCloseTo(1 - Math.exp(-0.5) - Math.exp(-1.5), within(1e-6));
        assertThat(reading.tokens.get(0).get(1).phase()).isEqualTo(Phase.UNKNOWN);
        assertThat(reading.ending.outcome()).isEqualTo(Ending.Outcome.COMPLETE);
    }

    @Test
    void fieldsTellThePhase() {
        Reading reading = read(
                OPENAI,
                chat("{'role':'assistant','content':''}", entry("t", -1, "t", -1)),
                chat("{'reasoning':'t'}", entry("t", -1, "t", -1)),
                chat("{'reasoning_content':'t','content':null}", entry("t", -1, "t", -1)),
                chat("{}", entry("t", -1, "t", -1)),
                chat("{'content':'a'}", entry("t", -1, "t", -1)),
                chat("{'reasoning':'a','content':'a'}", entry("t", -1, "t", -1) + "," + entry("u", -1, "u", -1)),
                chat("{'tool_calls':[{'index':0,'function':{'arguments':'{'}}]}", entry("t", -1, "t", -1)),
                chat("{'tool_calls':[],'content':'a'}", entry("t", -1, "t", -1)));
        assertThat(reading.tokens.get(0))
                .extracting(DecodedToken::phase)
                .containsExactly(
                        Phase.UNKNOWN,
                        Phase.THINKING,
                        Phase.THINKING,
                        Phase.THINKING,
                        Phase.ANSWERING,
                        Phase.UNKNOWN,
                        Phase.UNKNOWN,
                        Phase.TOOL_CALL,
                        Phase.ANSWERING);
        assertThat(reading.reasonings).containsEntry(0, "tta");
    }

    @ParameterizedTest
    @CsvSource({
        "<think>|a|</think>|b, OTHER THINKING OTHER ANSWERING",
        "<th|ink>|a|</|think|>|b, ANSWERING OTHER THINKING THINKING THINKING OTHER ANSWERING",
        "<think>a|b</think>|c, THINKING THINKING ANSWERING",
        "<think>a</think>b, ANSWERING",
        "a|<b|c, ANSWERING ANSWERING ANSWERING",
        "<<think>|a</think</think>b|<think>|c, ANSWERING ANSWERING OTHER THINKING",
    })
    void tagsTellThePhase(String parts, String phases) {
        ReadingOptions options = new ReadingOptions(
                UpstreamKind.GENERIC, Endpoint.COMPLETIONS, Additions.NONE, 0, 0, new Thinking("<think>", "</think>"));
        String[] data = parts.split("\\|");
        for (int i = 0; i < data.length; i++) {
            data[i] = "{'choices':[{'index':0,'text':'" + data[i] + "'}]}";
        }
        Reading reading = read(options, data);
        assertThat(reading.tokens.get(0).stream()
                        .map(token -> token.phase().name())
                        .collect(Collectors.joining(" ")))
                .isEqualTo(phases);
    }

    @ParameterizedTest
    @CsvSource({
        "DONE, CUT",
        "TEXT, CUT",
        "TEXT DONE, CUT",
        "TEXT STOP, COMPLETE",
        "TEXT STOP DONE, COMPLETE",
        "TEXT STOP TEXT DONE, COMPLETE",
        "TEXT ERROR DONE, ERROR",
        "TEXT STOP ERROR, ERROR",
        "TEXT OTHER STOP DONE, CUT",
        "TEXT EMPTY DONE, CUT",
    })
    void onlyAFinishIsAnEnd(String stream, Ending.Outcome outcome) {
        Map<String, String> events = Map.of(
                "DONE", "[DONE]",
                "STOP", STOP,
                "EMPTY", "{'choices':[{'index':0,'delta':{},'finish_reason':''}]}",
                "TEXT", "{'choices':[{'index':0,'delta':{'content':'a'}}]}",
                "OTHER", "{'choices':[{'index':1,'delta':{'content':'a'}}]}",
                "ERROR", "{'error':{'code':500,'message':'m','type':'t'}}");
        String[] data = stream.split(" ");
        for (int i = 0; i < data.length; i++) {
            data[i] = events.get(data[i]);
        }
        Reading reading = read(OPENAI, data);
        assertThat(reading.ending.outcome()).isEqualTo(outcome);
        assertThat(reading.tokens.getOrDefault(0, List.of())).hasSizeLessThanOrEqualTo(1);
        assertThat(reading.passages.get(data.length - 1).isDone()).isEqualTo(stream.endsWith("DONE"));
    }

    @ParameterizedTest
    @CsvSource({
        "{'error':{'code':400;'message':'m';'type':'BadRequestError'}}, 400, BadRequestError, m",
        "{'error':{'http_status_code':422;'message':'m'}}, 422, '', m",
        "{'error':{'code':'rate_limited';'message':null}}, 0, '', ''",
        "{'error':'m'}, 0, '', m",
    })
    void errorsInBandAreSeenAndPass(String json, int code, String type, String message) {
        Reading reading = read(VLLM, json.replace(';', ','));
        assertThat(reading.passages.get(0).error()).isEqualTo(new UpstreamError(code, type, message));
        assertThat(reading.text()).isEqualTo("data: " + json.replace(';', ',').replace('\'', '"') + "\n\n");
    }

    @Test
    void usageOfSeveralChoicesSaysNothingOfOne() {
        Reading reading = read(
                OPENAI,
                "{'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':'stop'},"
                        + "{'index':1,'delta':{'content':'a'},'finish_reason':'stop'}]}",
                "{'choices':[],'usage':{'completion_tokens':5}}");
        assertThat(reading.ending).isEqualTo(new Ending(Ending.Outcome.COMPLETE, Map.of(), 3));
    }

    /** A number that cannot be believed makes no tokens. */
    @Test
    void holesAreBounded() {
        Reading reading = read(
                LLAMA, llama("a", 1, ChoiceTokens.MAX_HOLE + 1), llama("a", 1, 2 * ChoiceTokens.MAX_HOLE + 3), STOP);
        assertThat(reading.tokens.get(0)).hasSize(ChoiceTokens.MAX_HOLE + 2);
        for (int over = 0; over <= 1; over++) {
            int usage = 1 + Answer.MAX_MISSING + over;
            assertThat(read(
                                    OPENAI,
                                    "{'choices':[{'index':0,'delta':{'content':'a'}}]}",
                                    "{'choices':[],'usage':{'completion_tokens':" + usage + "}}")
                            .ending
                            .missing())
                    .isEqualTo(over == 0 ? Map.of(0, Answer.MAX_MISSING) : Map.of());
        }
    }

    @Test
    void choicesAreBounded() {
        String choices = IntStream.range(0, 200)
                .mapToObj(index -> "{'index':" + index + ",'delta':{'content':'a'},'logprobs':{'content':[]}}")
                .collect(Collectors.joining(","));
        Reading reading = read(
                Reading.options(UpstreamKind.GENERIC, new Additions(5, false, false, false, false, false)),
                "{'choices':[" + choices + "]}");
        assertThat(reading.tokens).hasSize(Answer.MAX_CHOICES);
        // What we asked for goes from all of them.
        assertThat(reading.text()).contains("\"index\":199").doesNotContain("logprobs");
    }

    @ParameterizedTest
    @EnumSource(UpstreamKind.class)
    void aFinishNeverGoes(UpstreamKind kind) {
        Reading reading = read(
                Reading.options(kind, Reading.ALL),
                "{'choices':[{'index':0,'delta':{'role':'assistant'},'logprobs':{'content':[]}}]}",
                "{'choices':[{'index':0,'delta':{'role':'assistant','content':''},'logprobs':{'content':[]}}]}",
                "{'choices':[{'index':0,'delta':{'unknown':1},'logprobs':{'content':[]}}]}",
                "{'choices':[{'index':0,'delta':{},'logprobs':{'content':[]}}],'unknown':1}",
                "{'choices':[{'index':0,'delta':{},'logprobs':{'content':[]},'finish_reason':'stop'}],"
                        + "'usage':{'completion_tokens':0}}",
                "{'choices':[],'usage':{'completion_tokens':0}}");
        assertThat(reading.passages)
                .extracting(passage -> passage.bytes() == null)
                .containsExactly(false, true, false, false, false, true);
        // Engines that send numbers with the finish do so unasked, but for those that are known not to.
        boolean asked = List.of(UpstreamKind.VLLM, UpstreamKind.SGLANG, UpstreamKind.LMDEPLOY)
                .contains(kind);
        assertThat(reading.text().contains("usage")).isEqualTo(!asked);
    }

    @ParameterizedTest
    @CsvSource({
        "VLLM, false, RAW",
        "VLLM, true, PROCESSED",
        "LLAMACPP, true, RAW",
        "SGLANG, false, TEMPERED",
        "SGLANG, true, PROCESSED",
        "LMDEPLOY, false, PROCESSED",
        "OPENAI, true, RAW",
        "GENERIC, false, PROCESSED",
    })
    void theRequestDecidesOnTheKind(UpstreamKind kind, boolean constrained, EntropyKind.Distribution distribution) {
        assertThat(Reading.options(kind, Additions.NONE).entropyKind(constrained))
                .isEqualTo(new EntropyKind(distribution, EntropyKind.Measurement.BOUNDED, 20));
    }

    @Test
    void tagsMustNotBeEmpty() {
        ReadingOptions options = new ReadingOptions(
                UpstreamKind.GENERIC, Endpoint.CHAT, Additions.NONE, 0, 0, new Thinking("<think>", ""));
        assertThatThrownBy(() -> read(options, STOP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be empty");
    }

    /** One long event does not make those behind it slow, or wrong. */
    @Test
    void aLongListIsReadAndForgotten() {
        String listed = IntStream.range(0, 10_000)
                .mapToObj(i -> listed("t" + i % 5000, -9 - (i % 5000) * 1e-4))
                .collect(Collectors.joining(","));
        Reading reading = read(
                OPENAI,
                chat("{'content':'t7'}", "{'token':'t7','logprob':-9.0007,'top_logprobs':[" + listed + "]}"),
                chat("{'content':'a'}", entry("a", -0.5, "a", -0.5, "b", -1)));
        double mass = IntStream.range(0, 5000)
                .mapToDouble(i -> Math.exp(-9 - i * 1e-4))
                .sum();
        assertThat((double) reading.tokens.get(0).get(0).stats().restMass()).isCloseTo(1 - mass, within(1e-6));
        assertThat(reading.tokens.get(0).get(0).stats().rank()).isEqualTo(7);
        assertThat((double) reading.tokens.get(0).get(1).stats().restMass())
                .isCloseTo(1 - Math.exp(-0.5) - Math.exp(-1), within(1e-6));
    }

    @Test
    void dataOfSeveralLinesKeepsItsLines() {
        String stream =
                "\uFEFFdata: {\r\nid: 7\r\ndata: \"choices\":[{\"index\":0,\r\ndata: \"logprobs\":{\"content\":[]},"
                        + "\r\ndata: \"delta\":{\"content\":\"a\"}}]}\r\n\r\n";
        Reading reading = new Reading(
                Reading.options(UpstreamKind.GENERIC, new Additions(5, false, false, false, false, false)),
                Fixtures.events(stream.getBytes(UTF_8)));
        assertThat(reading.texts).containsEntry(0, "a");
        assertThat(reading.text().replace("\r", "^").lines())
                .containsExactly(
                        "\uFEFFdata: {",
                        "data: \"choices\":[{\"index\":0,",
                        "data: \"delta\":{\"content\":\"a\"}}]}",
                        "id: 7^",
                        "^");
    }

    @Test
    void aBodyIsReadAsAStreamIs() throws IOException {
        String body = ("{'id':'x','choices':[{'index':0,'message':{'role':'assistant','content':'ab'},"
                        + "'logprobs':{'content':[" + entry("a", -1, "a", -1) + "," + entry("b", -1, "b", -1)
                        + "]},'finish_reason':'stop','token_ids':[5,6]}],'prompt_token_ids':[1],"
                        + "'usage':{'prompt_tokens':1,'completion_tokens':4}}")
                .replace('\'', '"');
        BodyReader reader = new BodyReader(VLLM);
        Passage passage = reader.read(body.getBytes(UTF_8));
        assertThat(passage.choices()).hasSize(1);
        assertThat(passage.choices().get(0).tokens())
                .extracting(DecodedToken::id)
                .containsExactly(5, 6);
        assertThat(passage.choices().get(0).text()).isEqualTo("ab");
        assertThat(passage.usage()).isEqualTo(new Usage(1, 4, -1));
        assertThat(passage.bytes())
                .asString(UTF_8)
                .isEqualTo(
                        "{'id':'x','choices':[{'index':0,'message':{'role':'assistant','content':'ab'},'logprobs':null,"
                                .concat("'finish_reason':'stop','token_ids':null}],'prompt_token_ids':null,"
                                        + "'usage':{'prompt_tokens':1,'completion_tokens':4}}")
                                .replace('\'', '"'));
        assertThat(reader.end()).isEqualTo(new Ending(Ending.Outcome.COMPLETE, Map.of(0, 2), 0));
        assertThatThrownBy(() -> new BodyReader(VLLM).read("<html>".getBytes(UTF_8)))
                .isInstanceOf(IOException.class);
    }

    private static Reading read(ReadingOptions options, String... data) {
        for (int i = 0; i < data.length; i++) {
            data[i] = data[i].replace('\'', '"');
        }
        return Reading.of(options, data);
    }

    private static List<UnmeasuredReason> reasons(Reading reading) {
        return reading.tokens.get(0).stream().map(DecodedToken::unmeasured).toList();
    }

    private static String chat(String delta, String entries) {
        return "{'choices':[{'index':0,'delta':" + delta + ",'logprobs':{'content':[" + entries + "]}}]}";
    }

    private static String llama(String text, int id, int predicted) {
        return "{'choices':[{'finish_reason':null,'index':0,'delta':{'content':'" + text + "'},'logprobs':{'content':["
                + "{'id':" + id + ",'token':'" + text + "','logprob':-0.5,'top_logprobs':[{'id':" + id
                + ",'token':'?','logprob':-0.5}]}]}}],'timings':{'predicted_n':" + predicted + "}}";
    }

    private static String vllm(String text, String ids, String... entries) {
        return "{'choices':[{'index':0,'delta':{'content':'" + text + "'},'logprobs':{'content':["
                + String.join(",", entries) + "]},'finish_reason':null,'token_ids':[" + ids + "]}]}";
    }

    private static String entry(String token, double logprob, Object... listed) {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < listed.length; i += 2) {
            list.append(i > 0 ? "," : "").append(listed((String) listed[i], ((Number) listed[i + 1]).doubleValue()));
        }
        return "{'token':'" + token + "','logprob':" + logprob + ",'top_logprobs':[" + list + "]}";
    }

    private static String listed(String token, double logprob) {
        return "{'token':'" + token + "','logprob':" + logprob + "}";
    }
}
