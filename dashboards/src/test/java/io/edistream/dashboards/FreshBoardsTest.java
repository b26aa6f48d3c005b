package io.edistream.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files in {@code grafana/} are what the code makes; {@code -Dedistream.rewrite=true} writes them. */
class FreshBoardsTest {

    @Test
    void filesAreWhatTheCodeMakes() throws IOException {
        List<Board> boards = Boards.all();
        if (Boolean.getBoolean("edistream.rewrite")) {
            for (Board board : boards) {
                Files.writeString(Checked.BOARDS.resolve(board.uid() + ".json"), BoardJson.text(board));
            }
        }
        assertThat(Checked.boardFiles())
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrderElementsOf(
                        boards.stream().map(board -> board.uid() + ".json").toList());
        for (Board board : boards) {
            assertThat(Checked.read(Checked.BOARDS.resolve(board.uid() + ".json")))
                    .as(board.uid())
                    .isEqualTo(BoardJson.text(board));
        }
    }
}
