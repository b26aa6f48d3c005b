package io.edistream.generator.decode;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A tokenizer whose words are the ids themselves: "3 17 5". */
public class NumberWords implements Tokenizer {

    @Override
    public List<Integer> encode(String text) {
        return Arrays.stream(text.strip().split("\\s+")).map(Integer::valueOf).toList();
    }

    @Override
    public String decode(List<Integer> tokens) {
        return tokens.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    @Override
    public String word(int token) {
        return Integer.toString(token);
    }

    @Override
    public void close() {}
}
