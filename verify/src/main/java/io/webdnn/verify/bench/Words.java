package io.webdnn.verify.bench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a measuring page or program says: a word and its value on each line.
final class Words {
    private final Map<String, String> values = new HashMap<>();

    /// @throws IllegalStateException with what follows the word "error", if there is such a line
    Words(List<String> lines) {
        for (var line : lines) {
            var words = line.split(" ", 2);
            values.put(words[0], words[words.length - 1]);
        }
        var error = values.get("error");
        if (error != null) throw new IllegalStateException(error);
    }

    String text(String word) {
        var value = values.get(word);
        if (value == null)
            throw new IllegalStateException(
                    "expected '%s' among what was seen, got %s".formatted(word, values.keySet()));
        return value;
    }

    double number(String word) {
        return Double.parseDouble(text(word));
    }

    List<Double> numbers(String word) {
        return Arrays.stream(text(word).split(",", -1)).map(Double::valueOf).toList();
    }
}
