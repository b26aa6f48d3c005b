package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchRuntimeTest {

    @TempDir
    private Path folder;

    @Test
    void aCacheThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(() -> TorchRuntime.requireWritable(file.resolve("cache")))
                .withMessage("DJL cannot unpack its native libraries into " + file.resolve("cache") + ": " + file
                        + " must be a folder that can be written to; the variable DJL_CACHE_DIR names another one");
    }

    @Test
    void aCacheThatIsYetToBeMadeIsFine() {
        assertThatCode(() -> TorchRuntime.requireWritable(folder.resolve("yet/to/come")))
                .doesNotThrowAnyException();
    }
}
