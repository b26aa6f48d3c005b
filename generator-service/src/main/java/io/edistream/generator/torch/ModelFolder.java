package io.edistream.generator.torch;

import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A folder with a model: {@code model.pt}, {@code model.json}, {@code tokenizer.json}.
 *
 * @param folder the folder
 * @param description what {@code model.json} says
 */
public record ModelFolder(Path folder, Description description) {

    /** How a model's module, its description and {@link ChooseModule} fit together. */
    static final int CONTRACT = 1;

    private static final String MODULE = "model.pt";
    private static final String DESCRIPTION = "model.json";
    private static final String TOKENIZER = "tokenizer.json";

    /**
     * Reads the description and checks that the files belong together.
     *
     * @throws ModelFolderException if a file is missing, unreadable or not the described one
     */
    public static ModelFolder open(Path folder) {
        requireFile(folder, MODULE);
        requireFile(folder, TOKENIZER);
        Description description = Description.of(readJson(folder, DESCRIPTION), folder.resolve(DESCRIPTION));
        String sha256 = sha256(folder.resolve(MODULE));
        if (!sha256.equals(description.sha256())) {
            throw new ModelFolderException(folder.resolve(MODULE) + " is not the module that " + DESCRIPTION
                    + " describes: its SHA-256 is " + sha256 + " instead of " + description.sha256());
        }
        return new ModelFolder(folder, description);
    }

    /** The tokenizer file. */
    Path tokenizerFile() {
        return folder.resolve(TOKENIZER);
    }

    /** Reads a file of the folder as JSON. */
    static JsonNode readJson(Path folder, String name) {
        Path file = requireFile(folder, name);
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new ModelFolderException(file + " is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelFolderException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Path requireFile(Path folder, String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new ModelFolderException("no model in " + folder + ": " + name + " is missing");
        }
        return file;
    }

    static String sha256(Path file) {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digested = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            // Reading is what feeds the digest.
            digested.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digested.getMessageDigest().digest());
        } catch (IOException e) {
            throw new ModelFolderException(file + " cannot be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The contents of {@code model.json}.
     *
     * @param name of the model
     * @param vocabularySize tokens in the vocabulary
     * @param maxPositions longest sequence, tokens
     * @param layers decoder layers
     * @param keyValueHeads heads of keys and values
     * @param headSize numbers per head
     * @param endsOfSequence ids of the tokens that end a sequence
     * @param reasoner what only the shipped reasoners have; null for other models
     * @param thinking what stands around a model's thinking; null if it has no such tokens
     * @param prompts how prompts are written
     * @param parameters numbers that the model learned
     * @param dtype precision of the module's weights and of its key-value cache
     * @param workingBytes what a call allocates
     * @param sha256 of the module file, hexadecimal
     */
    public record Description(
            String name,
            int vocabularySize,
            int maxPositions,
            int layers,
            int keyValueHeads,
            int headSize,
            Set<Integer> endsOfSequence,
            @Nullable ReasonerTokens reasoner,
            @Nullable ThinkingTokens thinking,
            PromptRules prompts,
            long parameters,
            DataType dtype,
            WorkingBytes workingBytes,
            String sha256) {

        private static final Map<String, DataType> PRECISIONS =
                Map.of("float64", DataType.FLOAT64, "float32", DataType.FLOAT32);

        static Description of(JsonNode json, Path file) {
            Fields fields = new Fields(json, file, "");
            if (fields.number("contract") != CONTRACT) {
                throw new ModelFolderException(file + " is of contract " + json.path("contract")
                        + "; this generator reads" + " contract " + CONTRACT + ": export the model again");
            }
            return new Description(
                    fields.text("name"),
                    fields.number("vocabulary_size"),
                    fields.number("max_positions"),
                    fields.number("layers"),
                    fields.number("kv_heads"),
                    fields.number("head_dim"),
                    fields.numbers("eos_token_ids"),
                    fields.has("reasoner") ? ReasonerTokens.of(fields.block("reasoner")) : null,
                    fields.has("thinking") ? ThinkingTokens.of(fields.block("thinking")) : null,
                    PromptRules.of(fields),
                    fields.count("parameters"),
                    precision(fields.text("dtype"), file),
                    WorkingBytes.of(new Fields(json.path("working_bytes"), file, "working_bytes.")),
                    fields.text("sha256"));
        }

        private static DataType precision(String name, Path file) {
            DataType type = PRECISIONS.get(name);
            if (type == null) {
                throw new ModelFolderException(file + ": \"dtype\" must be float64 or float32, not " + name);
            }
            return type;
        }
    }

    /**
     * Tokens of the shipped reasoners.
     *
     * @param unknown id of the token for unknown words
     * @param think id of the token that begins the chain of reasoning
     * @param endThink id of the token that ends it
     * @param answer id of the token that the answer stands behind
     */
    record ReasonerTokens(int unknown, int think, int endThink, int answer) {

        private static ReasonerTokens of(Fields fields) {
            return new ReasonerTokens(
                    fields.number("unk_token_id"),
                    fields.number("think_token_id"),
                    fields.number("end_think_token_id"),
                    fields.number("answer_token_id"));
        }
    }

    /**
     * Tokens around a model's thinking.
     *
     * @param begin id of the token before it
     * @param end id of the token behind it
     */
    record ThinkingTokens(int begin, int end) {

        private static ThinkingTokens of(Fields fields) {
            return new ThinkingTokens(fields.number("begin_token_id"), fields.number("end_token_id"));
        }
    }

    /**
     * A bound on what a call of the module and of {@link ChooseModule} allocates, as {@code models/README.md} has it.
     *
     * @param row bytes for each row
     * @param token bytes for each token of each row
     * @param mask bytes for each key that each token of each row may see
     * @param key bytes for each key of the largest group
     * @param score bytes for each of those keys and each token
     */
    public record WorkingBytes(int row, int token, int mask, int key, int score) {

        private static WorkingBytes of(Fields fields) {
            return new WorkingBytes(
                    fields.number("row"),
                    fields.number("token"),
                    fields.number("mask"),
                    fields.number("key"),
                    fields.number("score"));
        }

        /**
         * The bound, bytes.
         *
         * @param rows of the call
         * @param tokens new tokens of the longest row
         * @param keys of the longest row
         * @param groupKeys keys of the largest group, padding included
         */
        long bound(double rows, double tokens, double keys, double groupKeys) {
            // Products of this many numbers may not fit a long; a double that is too large becomes the largest long.
            return (long)
                    (rows * (row + tokens * token) + rows * tokens * keys * mask + groupKeys * (key + tokens * score));
        }
    }

    /** Fields of an object; {@code within} is what stands before their names in messages. */
    record Fields(JsonNode json, Path file, String within) {

        boolean has(String name) {
            return json.hasNonNull(name);
        }

        Fields block(String name) {
            JsonNode value = json.path(name);
            if (!value.isObject()) {
                throw new ModelFolderException(file + ": \"" + within + name + "\" must be an object");
            }
            return new Fields(value, file, within + name + ".");
        }

        /** The objects of a list; none if it is missing. */
        List<Fields> each(String name) {
            List<Fields> blocks = new ArrayList<>();
            json.path(name).forEach(block -> blocks.add(new Fields(block, file, within + name + ".")));
            return blocks;
        }

        /** Token ids in order; none if they are missing. */
        List<Integer> ids(String name) {
            List<Integer> ids = new ArrayList<>();
            json.path(name).forEach(id -> ids.add(whole(name, id)));
            return ids;
        }

        String text(String name) {
            JsonNode value = json.path(name);
            if (!value.isTextual()) {
                throw new ModelFolderException(file + ": \"" + within + name + "\" must be a text");
            }
            return value.textValue();
        }

        Set<Integer> numbers(String name) {
            Set<Integer> numbers = new TreeSet<>();
            for (JsonNode value : json.path(name)) {
                numbers.add(whole(name, value));
            }
            if (numbers.isEmpty()) {
                throw new ModelFolderException(
                        file + ": \"" + within + name + "\" must be a list of at least one number");
            }
            return numbers;
        }

        long count(String name) {
            JsonNode value = json.path(name);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 1) {
                throw new ModelFolderException(
                        file + ": \"" + within + name + "\" must be a whole number of at least 1");
            }
            return value.longValue();
        }

        private int whole(String name, JsonNode value) {
            if (!value.isInt() || value.intValue() < 0) {
                throw new ModelFolderException(
                        file + ": \"" + within + name + "\" must be whole numbers of at least 0");
            }
            return value.intValue();
        }

        int number(String name) {
            JsonNode value = json.path(name);
            if (!value.isInt() || value.intValue() < 0) {
                throw new ModelFolderException(
                        file + ": \"" + within + name + "\" must be a whole number of at least 0");
            }
            return value.intValue();
        }
    }
}
