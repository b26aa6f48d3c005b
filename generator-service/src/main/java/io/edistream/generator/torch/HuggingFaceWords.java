package io.edistream.generator.torch;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.generator.decode.Tokenizer;
import io.edistream.generator.torch.ChatTemplate.Segment;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * A tokenizer from a {@code tokenizer.json} file of Hugging Face's format. After it was closed, texts are refused with an
 * {@link IllegalStateException}.
 */
public final class HuggingFaceWords implements Tokenizer {

    private static final int NO_UNKNOWN = -1;
    // Options that would add, cut or pad tokens are off: a prompt is exactly what it says.
    private static final Map<String, String> AS_IT_STANDS =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer tokenizer;
    private final HuggingFaceTokenizer withoutSpecials;
    private final Map<Integer, String> words;
    private final SpecialTokens specials;
    private final String model;
    private final int unknown;
    private final String sha256;
    // Callers encode on threads of their own. The native side does not notice that it is freed under one of them: the
    // process would die. Uses share the lock; closing waits for them.
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private HuggingFaceWords(
            HuggingFaceTokenizer tokenizer,
            HuggingFaceTokenizer withoutSpecials,
            Map<Integer, String> words,
            SpecialTokens specials,
            String model,
            int unknown,
            String sha256) {
        this.tokenizer = tokenizer;
        this.withoutSpecials = withoutSpecials;
        this.words = Map.copyOf(words);
        this.specials = specials;
        this.model = model;
        this.unknown = unknown;
        this.sha256 = sha256;
    }

    /**
     * Loads a model's tokenizer.
     *
     * @throws ModelFolderException if its file cannot be used
     */
    public static HuggingFaceWords load(ModelFolder folder) {
        TorchRuntime.prepare();
        JsonNode json = ModelFolder.readJson(
                folder.folder(), folder.tokenizerFile().getFileName().toString());
        Map<Integer, String> words = readWords(json, folder);
        SpecialTokens specials = SpecialTokens.of(json);
        try {
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(folder.tokenizerFile(), AS_IT_STANDS);
            ModelFolder.Description description = folder.description();
            return new HuggingFaceWords(
                    tokenizer,
                    HuggingFaceTokenizer.newInstance(
                            new ByteArrayInputStream(SpecialTokens.without(json)), AS_IT_STANDS),
                    words,
                    specials,
                    description.name(),
                    description.reasoner() == null
                            ? NO_UNKNOWN
                            : description.reasoner().unknown(),
                    ModelFolder.sha256(folder.tokenizerFile()));
        } catch (IOException | RuntimeException e) {
            throw new ModelFolderException(folder.tokenizerFile() + " is not a tokenizer: " + e.getMessage(), e);
        }
    }

    @Override
    public List<Integer> encode(String text) {
        Encoding encoding = whileOpen(() -> tokenizer.encode(text));
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < encoding.getIds().length; i++) {
            int token = Math.toIntExact(encoding.getIds()[i]);
            if (token == unknown) {
                CharSpan span = encoding.getCharTokenSpans()[i];
                throw new IllegalArgumentException("the model does not know the word \""
                        + text.substring(span.getStart(), span.getEnd()) + "\" (characters " + span.getStart() + " to "
                        + span.getEnd() + " of the prompt)");
            }
            tokens.add(token);
        }
        return tokens;
    }

    /** The ids of a text of which only the template's parts can name special tokens. */
    List<Integer> encode(List<Segment> segments) {
        List<Integer> ids = new ArrayList<>();
        for (SpecialTokens.Piece piece : specials.pieces(segments)) {
            if (piece.special() != null) {
                ids.add(piece.special());
            } else {
                for (long id :
                        whileOpen(() -> withoutSpecials.encode(piece.text())).getIds()) {
                    ids.add(Math.toIntExact(id));
                }
            }
        }
        return ids;
    }

    /** The file's checksum: what is equal to the byte makes the same of every text. */
    @Override
    public Object vocabulary() {
        return sha256;
    }

    @Override
    public String decode(List<Integer> tokens) {
        long[] ids = tokens.stream().mapToLong(Integer::longValue).toArray();
        return whileOpen(() -> tokenizer.decode(ids, false));
    }

    @Override
    public String word(int token) {
        String word = words.get(token);
        if (word == null) {
            throw new IllegalArgumentException("the tokenizer has no token " + token);
        }
        return word;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            closed = true;
            tokenizer.close();
            withoutSpecials.close();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private <T> T whileOpen(Supplier<T> use) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer of model " + model + " is closed");
            }
            return use.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** A vocabulary may be padded: there can be fewer words than ids, but none may have an id that the model does not know. */
    private static Map<Integer, String> readWords(JsonNode json, ModelFolder folder) {
        Map<Integer, String> words = new HashMap<>();
        json.path("model")
                .path("vocab")
                .properties()
                .forEach(entry -> words.put(entry.getValue().intValue(), entry.getKey()));
        json.path("added_tokens")
                .forEach(added -> words.put(
                        added.path("id").intValue(), added.path("content").textValue()));
        int expected = folder.description().vocabularySize();
        int largest = words.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
        if (largest >= expected) {
            throw new ModelFolderException(folder.tokenizerFile() + " has a token " + largest + ", but model.json says "
                    + expected + " tokens");
        }
        return words;
    }
}
