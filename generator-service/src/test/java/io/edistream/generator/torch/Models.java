package io.edistream.generator.torch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The shipped models and their fixtures. A missing file fails the test that asks for it. */
public final class Models {

    private static final Path FOLDER = Path.of("..", "models");

    private Models() {}

    /** Folder of a model. */
    public static Path folder(String model) {
        return FOLDER.resolve(model);
    }

    /** A file of fixtures. */
    public static JsonNode fixture(String name) {
        try {
            return new ObjectMapper()
                    .readTree(FOLDER.resolve("fixtures").resolve(name).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A JSON array of whole numbers. */
    public static List<Integer> integers(JsonNode array) {
        List<Integer> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add(number.intValue()));
        return numbers;
    }

    /** A JSON array of numbers. */
    static double[] doubles(JsonNode array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).doubleValue();
        }
        return numbers;
    }
}
