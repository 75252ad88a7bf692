package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.MicrosoftNode.ABSENT;
import static io.webdnn.importer.onnx.MicrosoftNode.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Attention with grouped heads and kept keys beside loops over its definition.
class GroupQueryAttentionTest {
    private static final int HEADS = 4;
    private static final int GROUPS = 2;
    private static final int SIZE = 8;
    private static final int PAIRS = 3; // of numbers that are turned
    private static final Tensor ANGLES = random(90, 16, PAIRS);

    @TempDir Path directory;

    private static Fields[] attributes(Fields... others) {
        var all = new ArrayList<Fields>();
        all.add(OnnxWriter.integer("num_heads", HEADS));
        all.add(OnnxWriter.integer("kv_num_heads", GROUPS));
        all.addAll(List.of(others));
        return all.toArray(new Fields[0]);
    }

    private List<Tensor> run(List<Tensor> inputs, Fields... others) {
        var outputs = List.of("y", "keys", "values");
        return MicrosoftNode.run(
                directory, "GroupQueryAttention", inputs, outputs, attributes(others));
    }

    private static Tensor ints(int... values) {
        return Tensor.of(values, values.length);
    }

    /// What is asked for, and what may differ from the plain attention of one new token.
    private static final class Case {
        int batch = 2;
        int length = 1; // of what is new
        int held = 6; // rows that came in
        int[] ends = {7, 7};
        int total = 7;
        boolean turns;
        boolean interleaved;
        boolean causal = true;
        int window = Integer.MAX_VALUE;
        double cap;
        double scale = 1 / Math.sqrt(SIZE);
        double[] sinks = {}; // a score for each head
        Tensor bias = ABSENT;
        Tensor normOfQueries = ABSENT;
        Tensor normOfKeys = ABSENT;
    }

    private static final class Expected {
        final double[][][][] keys; // batch, group, row, number
        final double[][][][] values;
        final double[] y;

        Expected(Case of, Tensor q, Tensor k, Tensor v, Tensor pastKeys, Tensor pastValues) {
            int rows = of.held == 0 ? of.length : Math.max(of.total, of.held);
            keys = new double[of.batch][GROUPS][rows][SIZE];
            values = new double[of.batch][GROUPS][rows][SIZE];
            y = new double[of.batch * of.length * HEADS * SIZE];
            for (int b = 0; b < of.batch; b++) {
                int before = Math.max(0, of.ends[b] - of.length);
                for (int g = 0; g < GROUPS; g++) {
                    for (int j = 0; j < before; j++)
                        for (int c = 0; c < SIZE; c++) {
                            int at = ((b * GROUPS + g) * of.held + j) * SIZE + c;
                            keys[b][g][j][c] = pastKeys.getDouble(at);
                            values[b][g][j][c] = pastValues.getDouble(at);
                        }
                    for (int i = 0; i < of.length; i++) {
                        int at = ((b * of.length + i) * GROUPS + g) * SIZE;
                        keys[b][g][before + i] = head(of, k, at, of.normOfKeys, before + i);
                        for (int c = 0; c < SIZE; c++)
                            values[b][g][before + i][c] = v.getDouble(at + c);
                    }
                }
                for (int h = 0; h < HEADS; h++)
                    for (int i = 0; i < of.length; i++) {
                        int at = ((b * of.length + i) * HEADS + h) * SIZE;
                        var query = head(of, q, at, of.normOfQueries, before + i);
                        attend(of, b, h, i, before + i, query, at);
                    }
            }
        }

        private void attend(Case of, int b, int h, int i, int place, double[] query, int at) {
            var own = keys[b][h / (HEADS / GROUPS)];
            int end = of.causal ? place + 1 : of.ends[b];
            double sum = of.sinks.length == 0 ? 0 : Math.exp(of.sinks[h]);
            for (int j = Math.max(0, end - of.window); j < end; j++) {
                double score = 0;
                for (int c = 0; c < SIZE; c++) score += query[c] * own[j][c];
                score *= of.scale;
                if (of.cap > 0) score = of.cap * Math.tanh(score / of.cap);
                if (of.bias.size() > 0)
                    score += of.bias.getDouble((h * of.length + i) * of.total + j);
                double weight = Math.exp(score);
                sum += weight;
                for (int c = 0; c < SIZE; c++)
                    y[at + c] += weight * values[b][h / (HEADS / GROUPS)][j][c];
            }
            for (int c = 0; c < SIZE; c++) y[at + c] /= sum;
        }

        /// One head of one token, normalized and turned by its place.
        private static double[] head(Case of, Tensor x, int from, Tensor norm, int place) {
            var head = new double[SIZE];
            double squares = 0;
            for (int c = 0; c < SIZE; c++) {
                head[c] = x.getDouble(from + c);
                squares += head[c] * head[c];
            }
            if (norm.size() > 0)
                for (int c = 0; c < SIZE; c++)
                    head[c] *= norm.getDouble(c) / Math.sqrt(squares / SIZE + 1e-6);
            if (!of.turns) return head;
            for (int p = 0; p < PAIRS; p++) {
                int first = of.interleaved ? 2 * p : p;
                int second = of.interleaved ? first + 1 : first + PAIRS;
                double angle = ANGLES.getDouble(place * PAIRS + p);
                double real = head[first];
                double imaginary = head[second];
                head[first] = real * Math.cos(angle) - imaginary * Math.sin(angle);
                head[second] = real * Math.sin(angle) + imaginary * Math.cos(angle);
            }
            return head;
        }
    }

    private static Tensor cosines(boolean isSine) {
        var of = Tensor.zeros(DType.FLOAT32, 16, PAIRS);
        for (int i = 0; i < of.size(); i++) {
            double angle = ANGLES.getDouble(i);
            of.setDouble(i, isSine ? Math.sin(angle) : Math.cos(angle));
        }
        return of;
    }

    private void expect(Case of, boolean isPacked, Fields... others) {
        var q = random(1, of.batch, of.length, HEADS * SIZE);
        var k = random(2, of.batch, of.length, GROUPS * SIZE);
        var v = random(3, of.batch, of.length, GROUPS * SIZE);
        var pastKeys = random(4, of.batch, GROUPS, of.held, SIZE);
        var pastValues = random(5, of.batch, GROUPS, of.held, SIZE);
        var last = Arrays.stream(of.ends).map(end -> end - 1).toArray();
        var inputs =
                isPacked
                        ? new ArrayList<>(List.of(packed(q, k, v), ABSENT, ABSENT))
                        : new ArrayList<>(List.of(q, k, v));
        inputs.addAll(List.of(pastKeys, pastValues, ints(last), ints(of.total)));
        inputs.addAll(of.turns ? List.of(cosines(false), cosines(true)) : List.of(ABSENT, ABSENT));
        inputs.addAll(List.of(ABSENT, of.bias));
        var sinks = Tensor.zeros(DType.FLOAT32, of.sinks.length);
        for (int h = 0; h < of.sinks.length; h++) sinks.setDouble(h, of.sinks[h]);
        boolean areGiven = Arrays.stream(of.sinks).anyMatch(sink -> sink != 0);
        inputs.addAll(List.of(areGiven ? sinks : ABSENT, ABSENT, ABSENT));
        inputs.addAll(List.of(of.normOfQueries, of.normOfKeys));
        while (inputs.getLast().size() == 0) inputs.removeLast();
        compare(run(inputs, others), new Expected(of, q, k, v, pastKeys, pastValues));
    }

    private static void compare(List<Tensor> given, Expected expected) {
        var keys = flat(expected.keys);
        var values = flat(expected.values);
        int i = 0;
        for (var numbers : List.of(expected.y, keys, values)) {
            assertThat(given.get(i).size()).isEqualTo(numbers.length);
            for (int at = 0; at < numbers.length; at++)
                assertThat(given.get(i).getDouble(at)).isCloseTo(numbers[at], within(1e-5));
            i++;
        }
    }

    private static double[] flat(double[][][][] numbers) {
        return Arrays.stream(numbers)
                .flatMap(Arrays::stream)
                .flatMap(Arrays::stream)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /// Queries, keys and values of each token side by side.
    private static Tensor packed(Tensor... parts) {
        int tokens = parts[0].size() / parts[0].shape()[2];
        int sum = Arrays.stream(parts).mapToInt(part -> part.shape()[2]).sum();
        var all = Tensor.zeros(DType.FLOAT32, parts[0].shape()[0], parts[0].shape()[1], sum);
        int at = 0;
        for (int t = 0; t < tokens; t++)
            for (var part : parts)
                for (int c = 0; c < part.shape()[2]; c++)
                    all.setDouble(at++, part.getDouble(t * part.shape()[2] + c));
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anotherToken(boolean isPacked) {
        expect(new Case(), isPacked);
    }

    /// The second sequence is shorter: what is new stands right behind its past.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void turnedByTheirPlaces(boolean isInterleaved) {
        var of = new Case();
        of.turns = true;
        of.interleaved = isInterleaved;
        of.ends = new int[] {7, 4};
        expect(
                of,
                false,
                OnnxWriter.integer("do_rotary", 1),
                OnnxWriter.integer("rotary_interleaved", isInterleaved ? 1 : 0));
    }

    /// A buffer of nine rows of which seven are used then.
    @Test
    void aBufferThatKeepsItsLength() {
        var of = new Case();
        of.held = 9;
        of.bias = random(7, 1, HEADS, 1, 7);
        expect(of, true);
    }

    @Test
    void severalTokensBehindAPast() {
        var of = new Case();
        of.batch = 1;
        of.length = 3;
        of.ends = new int[] {9};
        of.total = 9;
        of.window = 4;
        of.cap = 0.3;
        of.scale = 0.7;
        expect(
                of,
                false,
                OnnxWriter.integer("local_window_size", 4),
                OnnxWriter.real("softcap", 0.3f),
                OnnxWriter.real("scale", 0.7f));
    }

    @Test
    void sinksAndNorms() {
        var of = new Case();
        of.sinks = new double[] {0.5, -0.25, 1, 2};
        of.normOfQueries = random(8, SIZE);
        of.normOfKeys = random(9, SIZE);
        expect(of, false);
        var smooth = new Case();
        smooth.sinks = new double[HEADS];
        expect(smooth, false, OnnxWriter.integer("smooth_softmax", 1));
    }

    @Test
    void allTokensOfASequence() {
        var of = new Case();
        of.causal = false;
        of.ends = new int[] {7, 4};
        expect(of, false, OnnxWriter.integer("causal", 0));
    }

    /// As exporters of language models write it: how long the sequences are is said by a mask, and
    /// batch, past and length are symbols. A prompt, then token by token, is all at once.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDecoderOfOpenLength(boolean isMeasured) {
        var graph = decoder(isMeasured);
        var q = random(1, 1, 5, HEADS * SIZE);
        var k = random(2, 1, 5, GROUPS * SIZE);
        var v = random(3, 1, 5, GROUPS * SIZE);
        var of = new Case();
        of.batch = 1;
        of.length = 5;
        of.held = 0;
        of.total = 5;
        of.ends = new int[] {5};
        of.turns = true;
        var expected = new Expected(of, q, k, v, ABSENT, ABSENT);
        var keys = Tensor.zeros(DType.FLOAT32, 1, GROUPS, 0, SIZE);
        var values = Tensor.zeros(DType.FLOAT32, 1, GROUPS, 0, SIZE);
        int done = 0;
        for (int length : new int[] {3, 1, 1}) {
            var mask = Tensor.zeros(DType.INT64, 1, done + length);
            Arrays.fill(mask.longs(), 1);
            var given =
                    Interpreter.run(
                            graph,
                            List.of(
                                    rows(q, done, length),
                                    rows(k, done, length),
                                    rows(v, done, length),
                                    keys,
                                    values,
                                    mask));
            for (int i = 0; i < given.getFirst().size(); i++)
                assertThat(given.getFirst().getDouble(i))
                        .isCloseTo(expected.y[done * HEADS * SIZE + i], within(1e-5));
            keys = given.get(1);
            values = given.get(2);
            done += length;
            assertThat(keys.shape()).containsExactly(1, GROUPS, done, SIZE);
        }
        var all = flat(expected.keys);
        for (int i = 0; i < keys.size(); i++)
            assertThat(keys.getDouble(i)).isCloseTo(all[i], within(1e-5));
    }

    private static Tensor rows(Tensor x, int from, int count) {
        int width = x.shape()[2];
        var some = Tensor.zeros(DType.FLOAT32, 1, count, width);
        for (int i = 0; i < some.size(); i++) some.setDouble(i, x.getDouble(from * width + i));
        return some;
    }

    /// @param isMeasured whether the total length is that of the mask's ones, not of the mask
    private Graph decoder(boolean isMeasured) {
        var hidden = String.valueOf(GROUPS * SIZE);
        var size = String.valueOf(SIZE);
        var model =
                new ModelFile()
                        .input("q", "batch", "length", String.valueOf(HEADS * SIZE))
                        .input("k", "batch", "length", hidden)
                        .input("v", "batch", "length", hidden)
                        .input("past_keys", "batch", String.valueOf(GROUPS), "past", size)
                        .input("past_values", "batch", String.valueOf(GROUPS), "past", size)
                        .integers("mask", "batch", "total")
                        .initializer("cos", cosines(false))
                        .initializer("sin", cosines(true))
                        .initializer("axis", Tensor.of(new long[] {1}, 1))
                        .initializer("one", Tensor.of(new long[] {1}))
                        .node(
                                "ReduceSum",
                                "",
                                List.of("mask", "axis"),
                                List.of("counts"),
                                OnnxWriter.integer("keepdims", 0))
                        .node("Sub", "", List.of("counts", "one"), List.of("last"))
                        .node(
                                "Cast",
                                "",
                                List.of("last"),
                                List.of("seqlens"),
                                OnnxWriter.integer("to", 6))
                        .node("Shape", "", List.of("mask"), List.of("shape"))
                        .node("Gather", "", List.of("shape", "one"), List.of("extent"))
                        .node(
                                "ReduceMax",
                                "",
                                List.of("counts"),
                                List.of("most"),
                                OnnxWriter.integer("keepdims", 0))
                        .node(
                                "Cast",
                                "",
                                List.of(isMeasured ? "most" : "extent"),
                                List.of("total"),
                                OnnxWriter.integer("to", 6))
                        .nodeOf(
                                "com.microsoft",
                                "GroupQueryAttention",
                                "n",
                                List.of(
                                        "q",
                                        "k",
                                        "v",
                                        "past_keys",
                                        "past_values",
                                        "seqlens",
                                        "total",
                                        "cos",
                                        "sin"),
                                List.of("y", "keys", "values"),
                                attributes(OnnxWriter.integer("do_rotary", 1)))
                        .output("y")
                        .output("keys")
                        .output("values");
        return OnnxImporter.read(model.write(directory)).graph();
    }

    private void expectRefusal(String message, List<Tensor> inputs, Fields... others) {
        assertThatThrownBy(() -> run(inputs, others))
                .isInstanceOf(GraphException.class)
                .hasMessage("GroupQueryAttention 'n' (model.onnx, node 0): " + message);
    }

    @Test
    void whatIsNotTakenIsRefused() {
        var q = random(1, 1, 1, HEADS * SIZE);
        var k = random(2, 1, 1, GROUPS * SIZE);
        var past = random(3, 1, GROUPS, 4, SIZE);
        var plain = List.of(q, k, k, past, past, ints(4), ints(5));
        expectRefusal(
                "local_window_size: expected -1, or a number >= 1, got 0",
                plain,
                OnnxWriter.integer("local_window_size", 0));
        expectRefusal(
                "local_window_size: expected -1 beside causal 0, got 2",
                plain,
                OnnxWriter.integer("local_window_size", 2),
                OnnxWriter.integer("causal", 0));
        expectRefusal(
                "k_quant_type: expected NONE, got PER_TENSOR",
                plain,
                ModelFile.text("k_quant_type", "PER_TENSOR"));
        expectRefusal(
                "sliding_window_cache: expected 0, got 1",
                plain,
                OnnxWriter.integer("sliding_window_cache", 1));
        expectRefusal(
                "cos_cache, sin_cache: expected both beside do_rotary, got none",
                plain,
                OnnxWriter.integer("do_rotary", 1));
        expectRefusal(
                "key, value: expected both or none, got one without the other",
                List.of(q, k, ABSENT, past, past, ints(4), ints(5)));
        expectRefusal(
                "query: expected a last extent that 8 divides, got float32[1, 1, 20]",
                List.of(random(1, 1, 1, 20), ABSENT, ABSENT, past, past, ints(4), ints(5)));
        expectRefusal(
                "query: expected rank 3, got float32[4]",
                List.of(random(1, 4), k, k, past, past, ints(4), ints(5)));
        expectRefusal(
                "seqlens_k: expected rank 1, got int32[1, 1]",
                List.of(q, k, k, past, past, Tensor.of(new int[1], 1, 1), ints(5)));
        expectRefusal(
                "total_sequence_length: expected one element, got int32[2]",
                List.of(q, k, k, past, past, ints(4), ints(5, 5)));
        var biased = new ArrayList<>(plain);
        biased.addAll(List.of(ABSENT, ABSENT, ABSENT, random(1, 1, 5)));
        expectRefusal("attention_bias: expected rank 4, got float32[1, 5]", biased);
        assertThatThrownBy(() ->
                        MicrosoftNode.run(
                                directory,
                                "GroupQueryAttention",
                                plain,
                                1,
                                OnnxWriter.integer("num_heads", 4),
                                OnnxWriter.integer("kv_num_heads", 3)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("num_heads: expected a multiple of kv_num_heads 3, got 4");
        assertThatThrownBy(() ->
                        MicrosoftNode.run(directory, "GroupQueryAttention", plain, 4, attributes()))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("output 3 (output_qk): expected none, got one that is used");
    }
}
