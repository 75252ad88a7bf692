package io.webdnn.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/// Operators that are functions of the host, on examples worked out by hand, and what they refuse.
class HostOperatorTest {
    private static Tensor strings(String... values) {
        return Tensor.of(DType.STRING, values, values.length);
    }

    private static List<Tensor> run(HostOperator op, Tensor... inputs) {
        return op.run(Arrays.asList(inputs));
    }

    private static void rejects(String message, Op op, Object... operands) {
        assertThatThrownBy(() -> Types.infer(op, operands))
                .isInstanceOf(GraphException.class)
                .hasMessage(message);
    }

    private static void rejects(String message, Supplier<?> op) {
        assertThatThrownBy(op::get).isInstanceOf(GraphException.class).hasMessage(message);
    }

    @Test
    void stringsBroadcast() {
        var y = run(new StringConcat(), strings("a", "b"), strings("x", "y", "z").reshape(3, 1));
        assertThat(y.getFirst().strings()).containsExactly("ax", "bx", "ay", "by", "az", "bz");
        assertThat(y.getFirst().shape()).containsExactly(3, 2);
        rejects(
                "StringConcat: Y: expected a string tensor, got float32[]",
                new StringConcat(),
                "string[2]",
                "float32[]");
    }

    @Test
    void whiteSpaceAtTheEndsIsNoPart() {
        var y = run(new StringSplit("", -1, "n"), strings("  a  b ", ""));
        assertThat(y.get(0).strings()).containsExactly("a", "b", "", "");
        assertThat(y.get(1).longs()).containsExactly(2, 0);
        var rest = run(new StringSplit("", 1, "n"), strings(" a  b c "));
        assertThat(rest.get(0).strings()).containsExactly("a", "b c ");
        var commas = run(new StringSplit(",", -1, "n"), strings("a,,b", ""));
        assertThat(commas.get(0).strings()).containsExactly("a", "", "b", "", "", "");
        assertThat(commas.get(1).longs()).containsExactly(3, 1);
        rejects(
                "StringSplit: parts: expected a name for the number of parts, got ''",
                () -> new StringSplit("", -1, ""));
    }

    @Test
    void stopWordsGoBeforeTheCaseChanges() {
        var none = StringNormalizer.Case.NONE;
        var upper = StringNormalizer.Case.UPPER;
        var exact = new StringNormalizer(upper, true, List.of("a"), "", "n");
        assertThat(run(exact, strings("A", "a", "b")).getFirst().strings())
                .containsExactly("A", "B");
        var any = new StringNormalizer(none, false, List.of("a"), "", "n");
        assertThat(run(any, strings("A", "a", "Bc")).getFirst().strings()).containsExactly("Bc");
        assertThat(run(any, strings("A").reshape(1, 1)).getFirst().shape()).containsExactly(1, 1);
        rejects(
                "StringNormalizer: X: expected rows = 1 on axis 0, got string[2, 3]",
                any,
                "string[2, 3]");
        rejects(
                "StringNormalizer: left: expected a name for what is left, got ''",
                () -> new StringNormalizer(none, true, List.of(), "", ""));
    }

    @Test
    void aPatternMatchesTheWhole() {
        var op = new RegexFullMatch("(?P<digits>\\d+)x?");
        assertThat(run(op, strings("12", "12x", "a12", "")).getFirst().bytes())
                .containsExactly(1, 1, 0, 0);
        rejects(
                "RegexFullMatch: pattern: expected a regular expression (Unclosed group), got '('",
                () -> new RegexFullMatch("("));
    }

    @Test
    void theFirstOfEqualWordsCounts() {
        var op = new StringIndex(List.of("b", "a", "b"));
        assertThat(run(op, strings("a", "b", "c")).getFirst().longs()).containsExactly(2, 1, 0);
    }

    /// What TensorFlow's documentation shows, and the C++ library's hashes of longer strings.
    @Test
    void stringsAreHashedAsTensorFlowDoes() {
        var words = strings("Hello", "TensorFlow", "2.x");
        assertThat(run(new StringHash(3, List.of()), words).getFirst().longs())
                .containsExactly(0, 2, 2);
        var letters = strings("A", "B", "C", "D", "E");
        assertThat(run(new StringHash(3, List.of()), letters).getFirst().longs())
                .containsExactly(1, 0, 1, 1, 2);
        assertThat(run(new StringHash(3, List.of(133L, 137L)), letters).getFirst().longs())
                .containsExactly(1, 2, 1, 0, 2);
        assertThat(run(new StringHash(3, List.of(133L, 133L)), letters).getFirst().longs())
                .containsExactly(0, 0, 2, 1, 0);
        var expected =
                new String[] {
                    "0", "11160318154034397263",
                    "20", "4933260700199186353",
                    "40", "4241380146256476999",
                    "64", "2544848233693181161",
                    "65", "8179483852271218337",
                    "128", "7808010523399645295",
                    "200", "3666315064520934872"
                };
        for (int k = 0; k < expected.length; k += 2) {
            int length = Integer.parseInt(expected[k]);
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) bytes[i] = (byte) ('a' + (i * 7 + length) % 26);
            assertThat(Long.toUnsignedString(Fingerprint.of(bytes))).isEqualTo(expected[k + 1]);
        }
        byte[] counted = new byte[15];
        for (int i = 0; i < 15; i++) counted[i] = (byte) i; // the paper's test vector
        assertThat(SipHash.of(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, counted))
                .isEqualTo(0xa129ca6149be45e5L);
        rejects("StringHash: bins: expected >= 1, got 0", () -> new StringHash(0, List.of()));
        rejects(
                "StringHash: key: expected none, or two numbers, got [1]",
                () -> new StringHash(2, List.of(1L)));
    }

    @Test
    void textsAreCutIntoTokens() {
        var texts = strings("The cat's, (a) DOG!", "", " one  two\tthree ");
        var plain = new StringTokens(true, true, false, List.of(1), 0, "L");
        var tokens = run(plain, texts).getFirst();
        assertThat(tokens.shape()).containsExactly(3, 4);
        assertThat(tokens.strings())
                .containsExactly(
                        "the", "cats", "a", "dog", "", "", "", "", "one", "two", "three", "");
        var pairs = new StringTokens(false, false, false, List.of(1, 2), 4, "");
        assertThat(run(pairs, strings("a, b c")).getFirst().strings())
                .containsExactly("a,", "b", "c", "a, b");
        var letters = new StringTokens(false, true, true, List.of(1), 3, "");
        assertThat(run(letters, strings("é.x")).getFirst().strings()).containsExactly("é", "x", "");
        rejects(
                "StringTokens: grams: expected numbers >= 1, got [0]",
                () -> new StringTokens(true, true, true, List.of(0), 1, ""));
        rejects(
                "StringTokens: length: expected >= 0, got -1",
                () -> new StringTokens(true, true, true, List.of(1), -1, "L"));
        rejects(
                "StringTokens: symbol: expected a name for the length, got ''",
                () -> new StringTokens(true, true, true, List.of(1), 0, ""));
    }

    @Test
    void numbersAreWrittenAsPythonDoes() {
        var reals = Tensor.of(new float[] {1, -0.5f, 1e-5f, 1.5e20f, 0.1f, 1e16f, 123456.7f}, 7);
        assertThat(run(new NumbersToStrings(), reals).getFirst().strings())
                .containsExactly("1.0", "-0.5", "1e-05", "1.5e+20", "0.1", "1e+16", "123456.7");
        var special = Tensor.of(new double[] {Double.NaN, -1 / 0.0, -0.0}, 3);
        assertThat(run(new NumbersToStrings(), special).getFirst().strings())
                .containsExactly("nan", "-inf", "-0.0");
        var large = Tensor.of(DType.UINT64, new long[] {-1}, 1);
        assertThat(run(new NumbersToStrings(), large).getFirst().strings())
                .containsExactly("18446744073709551615");
    }

    @Test
    void textIsReadAsNumbers() {
        assertThat(run(new StringsToNumbers(DType.FLOAT32), strings(" 1.5e1", "-INF", "NaN")))
                .extracting(Tensor::floats)
                .containsExactly(new float[] {15, Float.NEGATIVE_INFINITY, Float.NaN});
        assertThat(run(new StringsToNumbers(DType.INT64), strings("-7", "2.9")).getFirst().longs())
                .containsExactly(-7, 2);
        rejects(
                "Cast: input: expected numbers as text, got '1,5'",
                () -> run(new StringsToNumbers(DType.FLOAT32), strings("1,5")));
        rejects(
                "Cast: input: expected numbers as text, got '1e999999999'",
                () -> run(new StringsToNumbers(DType.INT64), strings("1e999999999")));
        rejects(
                "Cast: to: expected a float or integer dtype, got bool",
                () -> new StringsToNumbers(DType.BOOL));
    }

    @Test
    void differentStrings() {
        var text = run(new Unique(null, false, "n"), strings("b", "a", "b"));
        assertThat(text.get(0).strings()).containsExactly("b", "a");
        var sorted = run(new Unique(null, true, "n"), strings("b", "a", "b"));
        assertThat(sorted.get(0).strings()).containsExactly("a", "b");
        assertThat(sorted.get(1).longs()).containsExactly(1, 0);
        assertThat(sorted.get(2).longs()).containsExactly(1, 0, 1);
        assertThat(sorted.get(3).longs()).containsExactly(1, 2);
        var columns = run(new Unique(-1, true, "n"), strings("b", "a", "b").reshape(1, 3));
        assertThat(columns.get(0).shape()).containsExactly(1, 2);
    }

    @Test
    void imagesOfSeveralFormats() throws IOException {
        var image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x010203);
        image.setRGB(1, 0, 0xff0000);
        for (var format : List.of("png", "bmp", "tiff")) {
            var file = new ByteArrayOutputStream();
            ImageIO.write(image, format, file);
            assertThat(decoded(ImageDecoder.Format.RGB, file.toByteArray()))
                    .containsExactly(1, 2, 3, -1, 0, 0);
        }
        var pixmap = "P6 # two\n2 1 255\n\1\2\3\0\0\0".getBytes(StandardCharsets.US_ASCII);
        assertThat(decoded(ImageDecoder.Format.BGR, pixmap)).containsExactly(3, 2, 1, 0, 0, 0);
        assertThat(decoded(ImageDecoder.Format.GRAYSCALE, pixmap)).containsExactly(2, 0);
        rejects(
                "ImageDecoder: encoded_stream: expected a BMP, GIF, JPEG, PNG, PNM or TIFF file of"
                        + " at most 2^26 pixels, got none of these",
                () -> decoded(ImageDecoder.Format.RGB, new byte[20]));
        rejects(
                "ImageDecoder: encoded_stream: expected a BMP, GIF, JPEG, PNG, PNM or TIFF file of"
                        + " at most 2^26 pixels, got a PNM that ends early",
                () -> decoded(ImageDecoder.Format.RGB, Arrays.copyOf(pixmap, 20)));
    }

    private static byte[] decoded(ImageDecoder.Format format, byte[] file) {
        var encoded = Tensor.of(DType.UINT8, file, file.length);
        return run(new ImageDecoder(format, "image"), encoded).getFirst().bytes();
    }

    @Test
    void wordsAreCounted() {
        var gram = new WordCounts.Gram(List.of(1L, 2L), 3, 1);
        rejects(
                "WordCounts: grams: expected words, and a column below 3, got " + gram,
                () -> new WordCounts(List.of(gram), 3, 0, WordCounts.Mode.TF));
        rejects(
                "WordCounts: skips: expected >= 0, got -1",
                () -> new WordCounts(List.of(), 3, -1, WordCounts.Mode.TF));
        rejects(
                "WordCounts: X: expected an integer tensor, got float32[4]",
                new WordCounts(List.of(gram), 4, 0, WordCounts.Mode.TF),
                "float32[4]");
    }
}
