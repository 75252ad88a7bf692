package io.webdnn.importer.keras;

import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One use of a layer: what its translation asks for, and how it applies operators. The nodes it
/// makes carry the layer's name.
final class LayerCall implements CustomLayer.Call {
    private final LayerConfig config;
    private final LayerWeights weights;
    private final List<Value> inputs;
    private final CallArguments arguments;
    private final ImportContext context;
    private final List<Value> further = new ArrayList<>();
    private int next;

    LayerCall(
            LayerConfig config,
            LayerWeights weights,
            List<Value> inputs,
            CallArguments arguments,
            ImportContext context) {
        this.config = config;
        this.weights = weights;
        this.inputs = List.copyOf(inputs);
        this.arguments = arguments;
        this.context = context;
    }

    /// {@return what is given by name}
    CallArguments arguments() {
        return arguments;
    }

    /// {@return the tensor that stands at a place of the call, or was given by name; null if none}
    @Nullable Value argument(int place, String name) {
        var named = arguments.tensors(name);
        if (place >= 0 && place < inputs.size()) return inputs.get(place);
        if (named.size() > 1) throw wrong("call argument '" + name + "'", "one", named.size());
        return named.isEmpty() ? null : named.getFirst();
    }

    LayerConfig config() {
        return config;
    }

    LayerWeights weights() {
        return weights;
    }

    /// {@return the weights, which an inner layer will answer for}
    LayerWeights takeWeights() {
        weights.ask();
        return weights;
    }

    /// Gives an output behind the first.
    void alsoGive(Value output) {
        further.add(output);
    }

    List<Value> further() {
        return further;
    }

    ImportContext context() {
        return context;
    }

    KerasVersion version() {
        return context.version();
    }

    States states() {
        return context.states();
    }

    Masks masks() {
        return context.masks();
    }

    @Override
    public List<Value> inputs() {
        return inputs;
    }

    /// {@return the only input}
    @Override
    public Value input() {
        if (inputs.size() == 1) return inputs.getFirst();
        throw wrong("inputs", "one", inputs.size());
    }

    /// {@return the only input, which must have a rank}
    Value input(int rank) {
        var input = input();
        if (input.type().rank() == rank) return input;
        throw wrong("input", "rank " + rank, input.type().shape());
    }

    /// {@return the layer's next weight; extents may be [LayerWeights#ANY]}
    @Override
    public Value weight(String role, int... shape) {
        return weights.get(config, next++, role, shape);
    }

    @Override
    public List<Value> applyAll(Op op, List<? extends Operand> operands) {
        return new Node(op, config.name(), operands.stream().map(Value::of).toList()).outputs();
    }

    Value transpose(Value x, List<Integer> permutation) {
        return apply(new Transpose(permutation), x);
    }

    /// {@return x with an axis of extent 1 more}
    Value unsqueeze(Value x, int axis) {
        return apply(new Unsqueeze(), x, vector(axis));
    }

    /// {@return the slices of x at some places of an axis, in their order}
    Value gather(Value x, int axis, int... places) {
        return apply(new Gather(axis), x, constant(Tensor.of(places, places.length)));
    }

    /// {@return `[N, D…, C]` as `[N, C, D…]`}
    Value channelsFirst(Value x) {
        int rank = x.type().rank();
        var permutation = new ArrayList<>(List.of(0, rank - 1));
        IntStream.range(1, rank - 1).forEach(permutation::add);
        return transpose(x, permutation);
    }

    /// {@return `[N, C, D…]` as `[N, D…, C]`}
    Value channelsLast(Value x) {
        int rank = x.type().rank();
        var permutation = new ArrayList<>(List.of(0));
        IntStream.range(2, rank).forEach(permutation::add);
        permutation.add(1);
        return transpose(x, permutation);
    }

    /// {@return whether the layer's inputs are `[N, D…, C]`}
    @Override
    public boolean isChannelsLast() {
        if (config.has("dim_ordering")) // Keras 1
        return config.choice("dim_ordering", "tf", "th").equals("tf");
        return config.choice("data_format", "channels_last", "channels_first")
                .equals("channels_last");
    }

    Value reshape(Value x, long... shape) {
        return apply(new Reshape(), x, vector(shape));
    }

    Shape shape(Value x) {
        return x.type().shape();
    }

    /// {@return an extent that must be a number}
    int fixed(Value x, int axis) {
        var extent = shape(x).get(axis);
        if (extent.isFixed()) return shape(x).size(axis);
        throw wrong("input", "a number on axis " + axis + " (give it by --input-shape)", shape(x));
    }

    @Override
    public String text(String attribute, String otherwise) {
        return config.text(attribute, otherwise);
    }

    @Override
    public int integer(String attribute, int otherwise) {
        return config.integer(attribute, otherwise);
    }

    @Override
    public List<Integer> integers(String attribute) {
        return config.integers(attribute);
    }

    @Override
    public float real(String attribute, double otherwise) {
        return config.real(attribute, otherwise);
    }

    @Override
    public boolean flag(String attribute, boolean otherwise) {
        return config.flag(attribute, otherwise);
    }

    @Override
    public Value activation(String attribute, Value x) {
        return Activations.apply(this, attribute, x);
    }

    @Override
    public GraphException wrong(String argument, String expected, Object actual) {
        return config.wrong(argument, expected, actual);
    }
}
