package io.edistream.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[2J",
                "\u009b31m",
                "\u001b]8;;http://x\u0007",
                "\u001b]0;title\u001b\\",
                "\b\b",
                "\u0000",
                "\u202e",
                "\u2066",
                "\u2069",
                "\u200f",
                "\u200b",
                "\ufeff",
                "\u2028",
                "\ud800",
                "\udc00",
                "\ue000",
                "\u007f"
            })
    void whatCouldDoHarmIsReplacedEverywhere(String harmful) {
        for (String safe :
                new String[] {SafeText.forTerminal("a" + harmful + "b"), SafeText.forHtml("a" + harmful + "b")}) {
            assertThat(safe).startsWith("a\uFFFD").endsWith("b");
            assertThat(safe.codePoints())
                    .allMatch(codePoint -> codePoint == 0xFFFD || (codePoint >= ' ' && codePoint < 0x7f));
        }
    }

    @Test
    void aTextForATerminalIsOneLine() {
        assertThat(SafeText.forTerminal("a\nb\tc\r\nd")).isEqualTo("a b c  d");
    }

    @Test
    void marksDoNotPileUp() {
        assertThat(SafeText.forTerminal("e\u0301\u0301\u0301\u0301!")).isEqualTo("e\u0301\u0301!");
    }

    @Test
    void whatIsHarmlessStays() {
        String text = "Größe 日本語 😀 e\u0301 ½ <b>";
        assertThat(SafeText.forTerminal(text)).isEqualTo(text);
    }

    @Test
    void markupIsText() {
        assertThat(SafeText.forHtml("<a href='x' title=\"y\">&amp;</a>\n"))
                .isEqualTo("&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;&lt;/a&gt;\n");
    }

    @Test
    void wideCharactersTakeTwoColumnsAndMarksNone() {
        assertThat(SafeText.columns("ab")).isEqualTo(2);
        assertThat(SafeText.columns("日本")).isEqualTo(4);
        assertThat(SafeText.columns("😀")).isEqualTo(2);
        assertThat(SafeText.columns("e\u0301")).isEqualTo(1);
    }

    @Test
    void theEndThatFitsIsKept() {
        assertThat(SafeText.last("abcdef", 6)).isEqualTo("abcdef");
        assertThat(SafeText.last("abcdef", 5)).isEqualTo("…cdef");
        assertThat(SafeText.last("日本語", 4)).isEqualTo("…語");
        assertThat(SafeText.last("a😀", 2)).isEqualTo("…");
        assertThat(SafeText.last("abc", 0)).isEmpty();
    }

    @Test
    void paddingCountsColumns() {
        assertThat(SafeText.padded("日", 3)).isEqualTo("日 ");
        assertThat(SafeText.padded("abcd", 3)).isEqualTo("abcd");
    }
}
