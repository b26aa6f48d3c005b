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
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

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
     * @param unknown id of the token for unknown words
     * @param think id of the token that begins the chain of reasoning
     * @param endThink id of the token that ends it
     * @param answer id of the token that the answer stands behind
     * @param dtype precision of the module's weights and of its key-value cache
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
            int unknown,
            int think,
            int endThink,
            int answer,
            DataType dtype,
            String sha256) {

        private static final Map<String, DataType> PRECISIONS =
                Map.of("float64", DataType.FLOAT64, "float32", DataType.FLOAT32);

        static Description of(JsonNode json, Path file) {
            Fields fields = new Fields(json, file);
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
                    fields.number("unk_token_id"),
                    fields.number("think_token_id"),
                    fields.number("end_think_token_id"),
                    fields.number("answer_token_id"),
                    precision(fields.text("dtype"), file),
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

    private record Fields(JsonNode json, Path file) {

        String text(String name) {
            JsonNode value = json.path(name);
            if (!value.isTextual()) {
                throw new ModelFolderException(file + ": \"" + name + "\" must be a text");
            }
            return value.textValue();
        }

        Set<Integer> numbers(String name) {
            Set<Integer> numbers = new TreeSet<>();
            for (JsonNode value : json.path(name)) {
                if (!value.isInt() || value.intValue() < 0) {
                    throw new ModelFolderException(file + ": \"" + name + "\" must be whole numbers of at least 0");
                }
                numbers.add(value.intValue());
            }
            if (numbers.isEmpty()) {
                throw new ModelFolderException(file + ": \"" + name + "\" must be a list of at least one number");
            }
            return numbers;
        }

        int number(String name) {
            JsonNode value = json.path(name);
            if (!value.isInt() || value.intValue() < 0) {
                throw new ModelFolderException(file + ": \"" + name + "\" must be a whole number of at least 0");
            }
            return value.intValue();
        }
    }
}
