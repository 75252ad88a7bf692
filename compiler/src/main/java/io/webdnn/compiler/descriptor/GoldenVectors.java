package io.webdnn.compiler.descriptor;

import io.webdnn.compiler.Program;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.Philox;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// Inputs drawn from a seed, and a sample of the outputs that belong to them: what `selfTest()`
/// compares in the browser.
///
/// @param sizes what the symbols are bound to
/// @param samples per output, the flat positions and the values there
/// @param absolute how far a backend may be from a value of 0
/// @param largest the largest magnitude in the outputs
record GoldenVectors(
        int seed,
        SortedMap<String, Long> sizes,
        List<Sample> samples,
        double absolute,
        double largest) {
    /// How far a backend may be from a value, in terms of it.
    static final double RELATIVE = 1e-3;

    private static final double ABSOLUTE = 1e-4;

    /// In terms of the largest value, where a network rounds to eight bits on the way: what is near
    /// the middle of a step goes to another one on another backend, and differs from there on. ONNX
    /// Runtime differs by 0.035 from itself with its optimizations off.
    private static final double ROUNDED = 0.04;

    /// In terms of the largest value, where products are added up in float16: some ten times what a
    /// SqueezeNet lost by it.
    private static final double HALF_PRODUCTS = 0.01;

    /// Integers are drawn from 0 and 1, so that they are indices into most axes.
    static final double LOW = 0;

    private static final int SEED = 1;
    private static final long SIZE = 2;
    private static final long LARGEST = 4096;
    private static final int SAMPLES = 64;

    /// Elements of an output.
    record Sample(List<Integer> positions, List<Double> values) {
        Sample {
            positions = List.copyOf(positions);
            values = List.copyOf(values);
        }
    }

    /// {@return the vectors of a graph; none if it has sizes that depend on data, and what is drawn
    /// gives none that fit, if no sizes were found that its equations hold for, or if a loop may
    /// have no end}
    static Optional<GoldenVectors> of(Graph graph) {
        var sizes = sizes(graph);
        var inputs = new ArrayList<Tensor>();
        for (int j = 0; j < graph.inputs().size(); j++)
            inputs.add(draw(graph.inputs().get(j), j, sizes));
        var samples = new ArrayList<Sample>();
        var program = Program.compile(graph, Map.of());
        if (program.isEndless()) return Optional.empty();
        List<Tensor> outputs;
        try {
            outputs = program.run(inputs);
        } catch (GraphException e) {
            if (program.dependsOnData() || !graph.equations().isEmpty()) return Optional.empty();
            throw e;
        }
        int each = Math.max(1, SAMPLES / outputs.size());
        for (var output : outputs) samples.add(sample(output, each));
        double largest = largest(outputs);
        double absolute =
                graph.computes(DType.INT8, DType.UINT8)
                        ? Math.max(ABSOLUTE, ROUNDED * largest)
                        : ABSOLUTE;
        return Optional.of(new GoldenVectors(SEED, sizes, samples, absolute, largest));
    }

    /// {@return the same for who adds up products in float16}
    GoldenVectors ofHalfProducts() {
        return new GoldenVectors(
                seed, sizes, samples, Math.max(absolute, HALF_PRODUCTS * largest), largest);
    }

    private static double largest(List<Tensor> tensors) {
        double largest = 0;
        for (var tensor : tensors) {
            for (int i = 0; i < tensor.size(); i++) {
                double magnitude = Math.abs(tensor.getDouble(i));
                if (Double.isFinite(magnitude)) largest = Math.max(largest, magnitude);
            }
        }
        return largest;
    }

    /// {@return small sizes at which no tensor is empty: a network that cuts a signal into frames
    /// needs a signal that holds one}
    private static SortedMap<String, Long> sizes(Graph graph) {
        var symbols = new TreeSet<String>();
        for (var input : graph.inputs()) symbols.addAll(input.type().shape().symbols());
        if (symbols.isEmpty()) return new TreeMap<>();
        var known = known(graph);
        for (long size = SIZE; size <= LARGEST; size *= 2) {
            for (var large : symbols) { // others stay small, since sizes multiply
                var sizes = with(symbols, SIZE);
                sizes.put(large, size);
                sizes.putAll(known);
                if (isFilled(graph, sizes)) return sizes;
            }
            var sizes = with(symbols, size);
            sizes.putAll(known);
            if (isFilled(graph, sizes)) return sizes;
        }
        return with(symbols, SIZE);
    }

    /// {@return the symbols that can be one number only}
    private static Map<String, Long> known(Graph graph) {
        var known = new TreeMap<String, Long>();
        for (var equation : graph.equations()) {
            var actual = equation.actual();
            if (actual.symbols().size() != 1 || !equation.expected().isFixed()) continue;
            var symbol = actual.symbols().first();
            if (actual.equals(Dimension.symbol(symbol)))
                known.put(symbol, equation.expected().value());
        }
        return known;
    }

    private static SortedMap<String, Long> with(Set<String> symbols, long size) {
        var sizes = new TreeMap<String, Long>();
        for (var symbol : symbols) sizes.put(symbol, size);
        return sizes;
    }

    private static boolean isFilled(Graph graph, SortedMap<String, Long> sizes) {
        Function<Value, Value> fixed =
                input -> {
                    var type = input.type();
                    return Value.input(input.name(), type.with(type.shape().bind(sizes)));
                };
        try {
            var bound = graph.substitute(fixed);
            boolean holds =
                    bound.equations().stream().allMatch(e -> e.actual().equals(e.expected()));
            return holds
                    && bound.nodes().stream()
                            .flatMap(node -> node.outputs().stream())
                            .flatMap(value -> value.type().shape().dimensions().stream())
                            .allMatch(extent ->
                                    !extent.isFixed() || extent.value() > 0); // data decides
        } catch (GraphException e) { // an operator refuses these sizes
            return false;
        }
    }

    /// {@return the end of the range that an input is drawn from, itself excluded}
    static double high(DType dtype) {
        return dtype.isFloat() ? 1 : 2;
    }

    private static Tensor draw(Value input, int position, SortedMap<String, Long> sizes) {
        var tensor = Tensor.zeros(input.type().dtype(), input.type().shape().bind(sizes).toInts());
        var words = new int[4];
        for (int i = 0; i < tensor.size(); i++) {
            if (i % 4 == 0) {
                words = new int[] {i / 4, 0, 0, 0};
                Philox.block(SEED, position, words);
            }
            float u = Philox.uniform(words[i % 4]);
            double value = LOW + (high(tensor.dtype()) - LOW) * u;
            tensor.setDouble(i, tensor.dtype().isFloat() ? value : Math.floor(value));
        }
        return tensor;
    }

    private static Sample sample(Tensor output, int most) {
        int count = Math.min(most, output.size());
        var positions = new ArrayList<Integer>();
        var values = new ArrayList<Double>();
        for (int i = 0; i < count; i++) {
            int position = (int) ((long) i * output.size() / count);
            positions.add(position);
            values.add(output.getDouble(position));
        }
        return new Sample(positions, values);
    }
}
