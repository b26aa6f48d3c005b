package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.generator.decode.Tokenizer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tokenizer that is closed while others use it. Without a guard, native memory is read after it was freed. */
@Timeout(60)
class HuggingFaceWordsCloseTest {

    private static final int ROUNDS = 20;
    private static final String LONG = "3 ".repeat(2000);

    @Test
    void encodingEndsWithAnExceptionAndNotWithTheProcess() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            closedWhile(tokenizer -> assertThat(tokenizer.encode(LONG)).hasSize(2000));
        }
    }

    @Test
    void decodingEndsWithAnExceptionAndNotWithTheProcess() throws Exception {
        List<Integer> ids;
        try (Tokenizer tokenizer = load()) {
            ids = tokenizer.encode(LONG);
        }
        for (int round = 0; round < ROUNDS; round++) {
            closedWhile(tokenizer -> assertThat(tokenizer.decode(ids)).isNotEmpty());
        }
    }

    @Test
    void closingTwiceDoesNothing() {
        Tokenizer tokenizer = load();
        tokenizer.close();
        tokenizer.close();
        assertThatThrownBy(() -> tokenizer.encode("3")).isInstanceOf(IllegalStateException.class);
    }

    private static void closedWhile(Consumer<Tokenizer> use) throws Exception {
        Tokenizer tokenizer = load();
        CountDownLatch inUse = new CountDownLatch(1);
        CompletableFuture<Void> user = CompletableFuture.runAsync(() -> {
            while (true) {
                use.accept(tokenizer);
                inUse.countDown();
            }
        });
        inUse.await();
        tokenizer.close();
        assertThatThrownBy(() -> user.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the tokenizer of model reasoner-s is closed");
    }

    private static Tokenizer load() {
        return HuggingFaceWords.load(ModelFolder.open(Models.folder("reasoner-s")));
    }
}
