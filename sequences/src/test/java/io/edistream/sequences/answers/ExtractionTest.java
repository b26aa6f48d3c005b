package io.edistream.sequences.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExtractionTest {

    private final Extraction lastNumber = Extraction.parse("last_number");
    private final Extraction boxed = Extraction.parse("boxed");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "He has 3, then 4 marbles. | 4",
                "The total is 1,234. | 1234",
                "It costs $12 | 12",
                "It costs \\$12 | 12",
                "It costs $1,234,567.50! | 1234567.50",
                "exactly 12.0 | 12.0",
                "that is 007 | 007",
                "half of it, .5 | 0.5",
                "minus: -7 | -7",
                "-7 | -7",
                "true minus: \u22127 | -7",
                "a loss of -$3 | -3",
                "a loss of $-3 | -3",
                "a loss of -.5 | -0.5",
                "no sign: 10-3 | 3",
                "no sign: x-3 | 3",
                "a sum 10 - 3 = 7 | 7",
                "a list 1,2,3 | 3",
                "a list -1,2 | 2",
                "a long list 12,3456 | 3456",
                "a list with a point 1,2.5 | 2.5",
                "behind a comma 5, | 5",
                "12% | 12",
                "a fraction 1/2 | 2",
                "an exponent 2e5 | 5",
                "twelve km3... | 3",
                "1234,567 | 567"
            })
    void theLastNumberIsWrittenInOneWay(String text, String number) {
        assertThat(lastNumber.answer(text)).contains(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no number at all", "$ . , - ...", "\u0663 is no digit here"})
    void aTextWithoutANumberHasNone(String text) {
        assertThat(lastNumber.answer(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "so \\boxed{42}. | 42",
                "first \\boxed{1}, then \\boxed{2} | 2",
                "\\boxed{ x + 1 } | x + 1",
                "\\boxed{\\frac{1}{2}} | \\frac{1}{2}",
                "\\boxed{\\{1, 2\\}} | \\{1, 2\\}",
                "\\boxed{a \\} b} | a \\} b",
                "\\boxed{a \\\\} b} | a \\\\",
                "{ is open, \\boxed{5} | 5",
                "} is nothing, \\boxed{5} | 5",
                "{\\boxed{5}} {6} | 5",
                "\\boxed{\\boxed{3}} | 3",
                "\\boxed{1 \\boxed{} } | 1 \\boxed{}",
                "\\boxed{7} and then \\boxed{8 is cut | 7",
                "\\boxed{7} and then \\boxed{ } | 7",
                "\\boxed{1,234} | 1234",
                "\\boxed{\\$12} | 12",
                "\\boxed{1,2} | 1,2",
                "\\boxed{.5} | 0.5",
                "\\boxed{12 km} | 12 km"
            })
    void whatIsBoxedLastIsTheAnswer(String text, String answer) {
        assertThat(boxed.answer(text)).contains(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "42", "\\boxed", "\\boxed{", "\\boxed{}", "\\boxed{4", "boxed{4}", "\\boxed 4", "}{"})
    void withoutABoxThereIsNone(String text) {
        assertThat(boxed.answer(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "answer is ([0-9,]+) ; the answer is 3. no, the answer is 1,234 ; 1234",
                "#### (.*) ; #### yes, maybe ; yes, maybe",
                "[A-D] ; (A) or (B)? B, not C ; C",
                "(?i)yes|no ; NO, yes, No. ; No",
                "(a)|b ; a then b ; a",
                "(x?)(y) ; xy then y ; x",
                "<a>(?P<name>.*?)</a> ; <a>1</a><a> 2 </a> ; 2",
                "^\\w+ ; first second ; first",
                "\\p{L}+ ; größer 3 ; größer"
            })
    void theFirstGroupOfTheLastMatchIsTheAnswer(String pattern, String text, String answer) {
        assertThat(Extraction.parse("regex:" + pattern).answer(text)).contains(answer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {"(x*)y ; y", "a ; b", "z* ; abc", "(a)|b ; b"})
    void whatIsNotThereOrBlankIsNone(String pattern, String text) {
        assertThat(Extraction.parse("regex:" + pattern).answer(text)).isEmpty();
    }

    @Test
    void whatIsExpectedIsReadAsWhatIsFound() {
        assertThat(lastNumber.expected("1,234")).isEqualTo("1234");
        assertThat(lastNumber.expected("5 + 7 = 12\n#### 12")).isEqualTo("12");
        assertThat(lastNumber.expected(" yes ")).isEqualTo("yes");
        assertThat(boxed.expected("so $\\boxed{\\frac{1}{2}}$")).isEqualTo("\\frac{1}{2}");
        assertThat(boxed.expected(" $1,234 ")).isEqualTo("1234");
        Extraction regex = Extraction.parse("regex:answer is ([0-9,]+)");
        assertThat(regex.expected("$1,234 ")).isEqualTo("1234");
        assertThat(regex.expected("the answer is 5")).isEqualTo("the answer is 5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "number | no extraction number: must be last_number, boxed",
                "LAST_NUMBER | no extraction LAST_NUMBER",
                "regex | no extraction regex: must be",
                "regex: | must have 1 to 256 characters, not 0",
                "regex:( | is none: missing closing ) in (",
                "regex:(a)\\1 | is none: invalid escape sequence",
                "regex:(?=a) | is none: ",
                "regex:a{1001} | multiplied, must be at most 1000",
                "regex:(a{11}){100} | multiplied, must be at most 1000",
                "regex:((((a{999}){999}){999}){999}){999} | multiplied, must be at most 1000",
                "regex:(a{2,99999999999999999999}) | multiplied, must be at most 1000",
                "regex:a{1000} | makes a matcher of 1002 instructions; at most 256"
            })
    void whatIsNoExtractionSaysWhatIsAllowed(String name, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extraction.parse(name))
                .withMessageContaining(message);
    }

    @Test
    void aLongNameIsNotRepeatedWhole() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extraction.parse("x".repeat(64)))
                .withMessageContaining("no extraction " + "x".repeat(64) + ":");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extraction.parse("x".repeat(100_000)))
                .withMessageContaining("no extraction " + "x".repeat(64) + "...:")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
    }

    @Test
    void patternsReachTheirBounds() {
        assertThat(Extraction.parse("regex:" + "a".repeat(250) + "(b)*").answer("a".repeat(250) + "b"))
                .contains("b");
        assertThat(Extraction.parse("regex:[" + "a".repeat(254) + "]").answer("ba"))
                .contains("a");
        assertThat(Extraction.parse("regex:a{10,}").answer("a".repeat(11))).contains("a".repeat(11));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extraction.parse("regex:" + "a".repeat(257)))
                .withMessageContaining("must have 1 to 256 characters, not 257");
        assertThat(Extraction.parse("regex:x?(a|b){0,4}[cd]{25}").answer("c".repeat(25)))
                .isEmpty();
        // Two of the instructions are for what every pattern has.
        assertThat(Extraction.parse("regex:a{254}").answer("a".repeat(254))).contains("a".repeat(254));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extraction.parse("regex:a{255}"))
                .withMessageContaining("makes a matcher of 257 instructions; at most 256");
        // The count of nothing costs nothing, and what is multiplied comes to 1000.
        assertThat(Extraction.parse("regex:(?:){10}(?:){100}a").answer("a")).contains("a");
    }

    @Test
    void anAnswerReachesItsBound() {
        String longest = "x".repeat(Extraction.MAX_ANSWER_CHARACTERS);
        assertThat(boxed.answer("\\boxed{" + longest + "}")).contains(longest);
        assertThat(boxed.answer("\\boxed{5}\\boxed{" + longest + "x}")).isEmpty();
        Extraction all = Extraction.parse("regex:x+");
        assertThat(all.answer(longest)).contains(longest);
        assertThat(all.answer("x " + longest + "x")).isEmpty();
    }

    @Test
    void onlyTheEndOfALongTextIsLookedAt() {
        String filler = ".".repeat(Extraction.MAX_TEXT_CHARACTERS - 1);
        assertThat(lastNumber.answer("12" + filler)).contains("2");
        assertThat(lastNumber.answer("12." + filler)).isEmpty();
        assertThat(lastNumber.answer("12 7" + filler)).contains("7");
        assertThat(lastNumber.answer("12 -7" + filler)).contains("7");
        String behindBox = ".".repeat(Extraction.MAX_TEXT_CHARACTERS - "\\boxed{5}".length());
        assertThat(boxed.answer("1 \\boxed{5}" + behindBox)).contains("5");
        assertThat(boxed.answer("1 \\boxed{5}" + behindBox + ".")).isEmpty();
        assertThat(Extraction.parse("regex:^[a-z]").answer("a" + "b".repeat(Extraction.MAX_TEXT_CHARACTERS)))
                .isEmpty();
    }

    /** Each is the worst that is known of its kind; a matcher that goes back takes years for some of them. */
    static Stream<String> textsThatTakeLong() {
        int size = Extraction.MAX_TEXT_CHARACTERS;
        return Stream.of(
                "1 ".repeat(size / 2),
                "1".repeat(size),
                "1,".repeat(size / 2),
                "-".repeat(size),
                "$-".repeat(size / 2),
                ".1".repeat(size / 2),
                "12,345".repeat(size / 6),
                "-$1,111.1".repeat(size / 9));
    }

    @ParameterizedTest
    @MethodSource("textsThatTakeLong")
    void numbersAreReadWithinTheBoundWhateverTheText(String text) {
        // One digit at the end, which is found only if everything before was read.
        assertThat(lastNumber.answer(text.substring(2) + " 8")).contains("8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(x+x+)+y",
                "(?:a?){20}a{20}d",
                "(a|a)*b",
                "(.*)*(.*)*(.*)*b",
                "([a-z]*[b-y]*)*(.*.*.*.*.*)*q",
                "(?:(?:(?:c?){4}){5}){5}d"
            })
    void aHostilePatternEnds(String pattern) {
        String text = ("a".repeat(99) + "c").repeat(Extraction.MAX_TEXT_CHARACTERS / 100);
        assertThat(Extraction.parse("regex:" + pattern).answer(text)).isEmpty();
    }

    /** Every match looks ahead to the end of the text: it is given up, and an early match is not taken for the last one. */
    @Test
    void whatTakesTheSquareOfATextIsGivenUp() {
        Extraction ahead = Extraction.parse("regex:(?s)(a).*z|(a)");
        assertThat(ahead.answer("a".repeat(100))).isEmpty();
        Extraction alone = Extraction.parse("regex:(?s)a.*z|a");
        assertThat(alone.answer("a".repeat(100))).contains("a");
        assertThat(alone.answer("a".repeat(Extraction.MAX_TEXT_CHARACTERS))).isEmpty();
    }

    @Test
    void boxesInBoxesTakeOnePass() {
        int deep = Extraction.MAX_TEXT_CHARACTERS / 8;
        assertThat(boxed.answer("\\boxed{".repeat(deep) + "5" + "}".repeat(deep)))
                .contains("5");
        assertThat(boxed.answer("{".repeat(Extraction.MAX_TEXT_CHARACTERS))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "json:/answer | {\"answer\": 42} | 42",
                "json:/answer | {\"answer\": \"$1,234\"} | 1234",
                "json:/answer | {\"answer\": 12.0} | 12.0",
                "json:/answer | {\"answer\": true, \"why\": []} | true",
                "json:/steps/1/value | {\"steps\": [{}, {\"value\": \" x \"}]} | x",
                "json:/a~1b | {\"a/b\": 7} | 7",
                "json: | 42 | 42",
            })
    void aValueOfJsonIsFoundByItsPointer(String extraction, String text, String answer) {
        assertThat(Extraction.parse(extraction).answer(text)).contains(answer);
        assertThat(Extraction.parse(extraction).answer("```json\n" + text + "\n```\n"))
                .as("in a fence")
                .contains(answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "{\"answer\": 42",
                "{\"answer\": 42} and more",
                "so {\"answer\": 42}",
                "{\"answer\": null}",
                "{\"answer\": {\"value\": 1}}",
                "{\"answer\": [1]}",
                "{\"answer\": \" \"}",
                "{\"other\": 42}",
                "```",
                "```json\n```"
            })
    void aTextWithoutTheValueHasNone(String text) {
        assertThat(Extraction.parse("json:/answer").answer(text)).isEmpty();
    }

    @Test
    void whatIsReadOfJsonIsBounded() {
        Extraction extraction = Extraction.parse("json:/answer");
        String most = "{\"answer\": 1}" + " ".repeat(JsonValue.MAX_CHARACTERS - 13);
        assertThat(extraction.answer(most)).contains("1");
        assertThat(extraction.answer(most + " ")).isEmpty();
        String longest = "x".repeat(Extraction.MAX_ANSWER_CHARACTERS);
        assertThat(extraction.answer("{\"answer\": \"" + longest + "\"}")).contains(longest);
        assertThat(extraction.answer("{\"answer\": \"" + longest + "x\"}")).isEmpty();
        assertThat(extraction.answer("[".repeat(30_000)))
                .as("deeper than is read")
                .isEmpty();
        assertThat(extraction.answer("{\"answer\": 1e2147483648}"))
                .as("no number")
                .isEmpty();
    }

    @Test
    void aPointerThatIsNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extraction.parse("json:answer"))
                .withMessageStartingWith("the pointer of an extraction must be empty or begin with /");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extraction.parse("json:/" + "x".repeat(Extraction.MAX_PATTERN_CHARACTERS)))
                .withMessageContaining("at most 256 characters, not 257");
        assertThat(Extraction.parse("json:/answer").expected("1,234")).isEqualTo("1234");
    }
}
