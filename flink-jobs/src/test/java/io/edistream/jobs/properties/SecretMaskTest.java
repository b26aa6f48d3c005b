package io.edistream.jobs.properties;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretMaskTest {

    @TempDir
    private Path folder;

    @Test
    void everyWordOfALoginIsHiddenAndItsModuleIsNot() {
        SecretMask mask = SecretMask.of(Map.of(
                "sasl.jaas.config", "x.PlainLoginModule required username=\"alice\" password=two words;",
                "client.id", "shown"));

        assertThat(mask.hide("x.PlainLoginModule required: value not specified for key 'words' of alice at shown"))
                .isEqualTo("x.PlainLoginModule required: value not specified for key '***' of *** at shown");
    }

    @Test
    void whatAProviderPutsInIsHiddenWhereverItStands() throws IOException {
        Path secrets = Files.writeString(folder.resolve("s"), "k=hunter2\n");
        SecretMask mask = SecretMask.of(Map.of(
                "config.providers", "file",
                "config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider",
                "my.plugin.token", "${file:" + secrets + ":k}"));

        assertThat(mask.hide("token hunter2 refused")).isEqualTo("token *** refused");
    }

    @Test
    void whereNoFileCanBeReadTheRestIsHiddenStill() {
        SecretMask mask = SecretMask.of(Map.of(
                "config.providers", "file",
                "config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider",
                "my.plugin.token", "${file:/absent/file:k}",
                "ssl.key.password", "hunter2"));

        assertThat(mask.hide("hunter2 is wrong")).isEqualTo("*** is wrong");
    }
}
