package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFileTest {

    @TempDir
    private Path folder;

    @Test
    void replacesWhatWasThereAndLeavesNothingBesideIt() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "before");
        ReportFile.check("--report", file);
        assertThat(file).as("a check changes nothing").hasContent("before");
        ReportFile.write(file, "äfter");
        assertThat(file).hasContent("äfter");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void whatCannotBeWrittenIsSaidBeforeAndAfter() throws IOException {
        Path absent = folder.resolve("absent").resolve("a.json");
        assertThatThrownBy(() -> ReportFile.check("--report", absent))
                .isInstanceOf(UserError.class)
                .hasMessage("--report " + absent + ": must be a file in a folder that can be written to");
        assertThatThrownBy(() -> ReportFile.check("--report", folder)).isInstanceOf(UserError.class);
        assertThatThrownBy(() -> ReportFile.write(absent, "x")).isInstanceOf(UserError.class);
        Path full = Files.createDirectories(folder.resolve("b.json/c"));
        assertThatThrownBy(() -> ReportFile.write(full.getParent(), "x")).isInstanceOf(UserError.class);
        try (var files = Files.list(folder)) {
            assertThat(files).as("no half a file is left").containsExactly(full.getParent());
        }
    }
}
