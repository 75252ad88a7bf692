package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Layers that make categories of numbers, words and texts.
class CategoryLayersTest {
    private static SmallModel ofWords(String kind, String attributes, int count) {
        return SmallModel.written(
                "2.15.0",
                "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': [{'class_name':"
                        + " 'InputLayer', 'config': {'name': 'x', 'dtype': 'string',"
                        + " 'batch_input_shape': [null, "
                        + count
                        + "]}}, {'class_name': '"
                        + kind
                        + "', 'config': {'name': 'd', "
                        + attributes
                        + "}}]}}",
                Map.of());
    }

    private static Tensor strings(int columns, String... texts) {
        return Tensor.of(DType.STRING, texts, texts.length / columns, columns);
    }

    private static void expect(Tensor actual, double... expected) {
        assertEquals(expected.length, actual.size());
        for (int i = 0; i < expected.length; i++)
            assertEquals(expected[i], actual.getDouble(i), 1e-6);
    }

    /// The examples of Keras's documentation.
    @Test
    void binsOfWords() {
        var letters = strings(1, "A", "B", "C", "D", "E");
        expect(ofWords("Hashing", "'num_bins': 3", 1).run(letters), 1, 0, 1, 1, 2);
        expect(
                ofWords("Hashing", "'num_bins': 3, 'mask_value': ''", 1)
                        .run(strings(1, "A", "B", "", "C", "D")),
                1,
                1,
                0,
                2,
                2);
        expect(
                ofWords("Hashing", "'num_bins': 3, 'salt': [133, 137]", 1).run(letters),
                1,
                2,
                1,
                0,
                2);
        expect(ofWords("Hashing", "'num_bins': 3, 'salt': 133", 1).run(letters), 0, 0, 2, 1, 0);
        expect(
                ofWords("Hashing", "'num_bins': 3, 'output_mode': 'count'", 5)
                        .run(strings(5, "A", "B", "C", "D", "E")),
                1,
                3,
                1);
    }

    /// Numbers have the bins of their decimals.
    @Test
    void binsOfNumbers() {
        var numbers = Tensor.of(new float[] {7, -12, 0, 123456}, 1, 4);
        var words =
                ofWords("Hashing", "'num_bins': 1000", 4)
                        .run(strings(4, "7", "-12", "0", "123456"));
        var got = SmallModel.of("2.15.0", "Hashing", "'num_bins': 1000", "4").run(numbers);
        for (int i = 0; i < 4; i++) assertEquals(words.getDouble(i), got.getDouble(i));
        var masked =
                SmallModel.of("2.15.0", "Hashing", "'num_bins': 1001, 'mask_value': 0", "4")
                        .run(numbers);
        for (int i = 0; i < 4; i++)
            assertEquals(i == 2 ? 0 : words.getDouble(i) + 1, masked.getDouble(i));
    }

    @Test
    void placesOfWhatIsNotInTheList() {
        var x = Tensor.of(new float[] {12, 36, 5, 0, -7}, 1, 5);
        expect(
                SmallModel.of(
                                "2.15.0",
                                "IntegerLookup",
                                "'vocabulary': [12, 36], 'mask_token': 0, 'num_oov_indices': 3",
                                "5")
                        .run(x),
                4,
                5,
                1 + 2,
                0,
                1 + 2);
        expect(
                SmallModel.of(
                                "2.15.0",
                                "IntegerLookup",
                                "'vocabulary': [12, 36], 'num_oov_indices': 0",
                                "5")
                        .run(x),
                0,
                1,
                -1,
                -1,
                -1);
        // 'cat' is known, 'A' and 'B' have the bins 1 and 0 of 3
        expect(
                ofWords("StringLookup", "'vocabulary': ['cat'], 'num_oov_indices': 3", 3)
                        .run(strings(3, "cat", "A", "B")),
                3,
                1,
                0);
    }

    @Test
    void vectorsHaveNoPlaceForTheMask() {
        var x = Tensor.of(new float[] {12, 36, 5, 0, 36}, 1, 5);
        expect(
                SmallModel.of(
                                "2.15.0",
                                "IntegerLookup",
                                "'vocabulary': [12, 36], 'mask_token': 0, 'output_mode': 'count',"
                                        + " 'max_tokens': 5, 'pad_to_max_tokens': true",
                                "5")
                        .run(x),
                1,
                1,
                2,
                0,
                0);
        expect(
                SmallModel.of(
                                "2.15.0",
                                "IntegerLookup",
                                "'vocabulary': [12, 36], 'mask_token': 0, 'output_mode': 'tf_idf',"
                                        + " 'idf_weights': [0.5, 0.25]",
                                "5")
                        .run(x),
                0.375,
                0.5,
                2 * 0.25);
    }

    @Test
    void numbersOfPlaces() {
        var x = Tensor.of(new float[] {0, 1, 2, 3, 4, -1}, 1, 6);
        expect(
                SmallModel.of(
                                "2.15.0",
                                "IntegerLookup",
                                "'vocabulary': [12, 36], 'mask_token': 0, 'oov_token': -5, 'invert':"
                                        + " true",
                                "6")
                        .run(x),
                0,
                -5,
                12,
                36,
                -5,
                -5);
    }

    @Test
    void wordsOfTexts() {
        var texts = strings(1, "The cat, the DOG!", "owl");
        var places =
                ofWords(
                                "TextVectorization",
                                "'vocabulary': ['the', 'cat'], 'standardize': 'lower_and_strip_punctuation', 'split': 'whitespace', 'output_mode': 'int', 'ngrams': null, 'output_sequence_length': null",
                                1)
                        .run(texts);
        assertArrayEquals(new int[] {2, 4}, places.shape());
        expect(places, 2, 3, 2, 1, 1, 0, 0, 0);
        var three =
                ofWords(
                                "TextVectorization",
                                "'vocabulary': ['the', 'cat'], 'standardize': 'lower', 'split': 'whitespace', 'output_mode': 'int', 'output_sequence_length': 3",
                                1)
                        .run(texts);
        expect(three, 2, 1, 2, 1, 0, 0);
        var pairs =
                ofWords(
                                "TextVectorization",
                                "'vocabulary': ['the', 'the cat'], 'standardize': 'lower_and_strip_punctuation', 'split': 'whitespace', 'ngrams': 2, 'output_mode': 'count'",
                                1)
                        .run(texts);
        // cat, dog, cat the, the dog; owl
        expect(pairs, 4, 2, 1, 1, 0, 0);
        var weighed =
                ofWords(
                                "TextVectorization",
                                "'vocabulary': ['the', 'cat'], 'standardize': null, 'split': 'character', 'ngrams': [3], 'output_mode': 'tf_idf', 'idf_weights': [2.0, 3.0]",
                                1)
                        .run(strings(1, "cat", "the"));
        // letters stand apart: c a t
        expect(weighed, 2.5, 0, 0, 2.5, 0, 0);
    }

    private static void refused(SmallModel model, String message) {
        var e = assertThrows(GraphException.class, () -> model.importer().graph());
        assertEquals(
                message, String.valueOf(e.getMessage()).replaceFirst(" \\([^()]*\\.h5\\)", ""));
    }

    @Test
    void whatIsRefused() {
        refused(
                SmallModel.of("2.15.0", "Hashing", "'num_bins': 0", "2"),
                "Hashing 'd': num_bins: expected >= 1, got 0");
        refused(
                SmallModel.of("2.15.0", "TextVectorization", "'vocabulary': ['a']", "1"),
                "TextVectorization 'd': input: expected strings, got float32[N, 1]");
        refused(
                ofWords("TextVectorization", "'vocabulary': ['a'], 'split': null", 1),
                "TextVectorization 'd': split: expected whitespace or character, got none");
        refused(
                ofWords("TextVectorization", "'vocabulary': ['a'], 'split': 'whitespace'", 2),
                "TextVectorization 'd': input: expected [N] or [N, 1], got [N, 2]");
        refused(
                ofWords("TextVectorization", "'vocabulary': null, 'split': 'whitespace'", 1),
                "TextVectorization 'd': vocabulary: expected a list of strings (adapted ones are in"
                        + " no file), got null");
        refused(
                ofWords("StringLookup", "'vocabulary': ['a'], 'output_mode': 'tf_idf'", 1),
                "StringLookup 'd': idf_weights: expected numbers (adapted ones are in no file), got"
                        + " none");
        refused(
                ofWords(
                        "StringLookup",
                        "'vocabulary': ['a'], 'output_mode': 'tf_idf', 'idf_weights': [1, 2]",
                        1),
                "StringLookup 'd': idf_weights: expected 1 numbers, as words, got 2");
        refused(
                SmallModel.of("2.15.0", "TorchModuleWrapper", "", "2"),
                "TorchModuleWrapper 'd': layer: expected one that says what it computes (export"
                        + " PyTorch's module as ONNX), got TorchModuleWrapper");
        refused(
                SmallModel.of(
                        "2.15.0",
                        "LSTM",
                        "'units': 1, 'time_major': true",
                        "2, 3",
                        SmallModel.random(1, 3, 4),
                        SmallModel.random(2, 1, 4),
                        SmallModel.random(3, 4)),
                "LSTM 'd': time_major: expected false, got true");
    }

    /// The middle of images; before Keras 3 the largest part of the wanted proportions, resized.
    @Test
    void cropsOfImages() {
        var x = Tensor.of(new float[24], 1, 4, 6, 1);
        for (int i = 0; i < 24; i++) x.floats()[i] = i;
        var middle =
                SmallModel.of("3.3.0", "RandomCrop", "'height': 2, 'width': 2", "4, 6, 1").run(x);
        assertEquals("[8.0, 9.0, 14.0, 15.0]", Arrays.toString(middle.floats()));
        // columns 1 … 4, each number of the result the mean of four
        var part =
                SmallModel.of("2.15.0", "RandomCrop", "'height': 2, 'width': 2", "4, 6, 1").run(x);
        assertEquals("[4.5, 6.5, 16.5, 18.5]", Arrays.toString(part.floats()));
    }
}
