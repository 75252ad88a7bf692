package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Range;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// One node of the model on its way into the graph: its inputs, its attributes with their types
/// checked, and the means to build nodes from them. An attribute that nobody asked for is one that
/// the operator, as read here, does not have.
final class Translation {
    /// What is made when compiling may have so many elements.
    static final int MOST_ELEMENTS = 1 << 24;

    private final OnnxNode node;
    private final int opset;
    private final List<Value> inputs;
    private final Importing importing;
    private final Set<String> read = new HashSet<>();
    private final TreeSet<Integer> complex = new TreeSet<>(); // inputs that were asked for
    private @Nullable String identity;

    Translation(OnnxNode node, int opset, List<Value> inputs, Importing importing) {
        this.node = node;
        this.opset = opset;
        this.inputs = List.copyOf(inputs);
        this.importing = importing;
    }

    /// {@return the version of the operator set that the model asks for}
    int opset() {
        return opset;
    }

    /// {@return the operator's name}
    String operator() {
        return node.operator();
    }

    /// {@return what the node is called in messages}
    String label() {
        return node.label();
    }

    /// {@return what the node is called, and what nothing else is}
    String identity() {
        if (identity == null) identity = importing.unique(node.label());
        return identity;
    }

    /// {@return a name for something of this node that has another each time the node is read: in
    /// bodies of loops and in functions it stands for several}
    String unique(String what) {
        return importing.unique(node.label() + "." + what);
    }

    /// {@return the number of inputs, absent ones in the middle included}
    int count() {
        return inputs.size();
    }

    /// {@return the number of outputs that the model names}
    int outputs() {
        return node.outputs().size();
    }

    /// {@return whether the model names this output}
    boolean wants(int output) {
        return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
    }

    boolean has(int i) {
        return i < inputs.size() && !inputs.get(i).isAbsent();
    }

    /// {@return all inputs, without absent ones at the end}
    List<Value> inputs() {
        int count = inputs.size();
        while (count > 0 && !has(count - 1)) count--;
        for (int i = 0; i < count; i++) if (has(i)) input(i);
        return inputs.subList(0, count);
    }

    /// {@return an input that must be there and be a tensor; a complex one shows the type of its
    /// parts}
    Value input(int i) {
        var value = any(i);
        var collection = importing.collection(value);
        if (collection instanceof Importing.Collection.Complex) complex.add(i);
        else if (collection != null) throw wrong("input " + i, "a tensor", collection);
        return value;
    }

    /// {@return an input that must be real}
    Value real(int i) {
        var value = input(i);
        if (isComplex(value)) throw wrong("input " + i, "a real tensor", print(value));
        return value;
    }

    /// {@return a tensor of an input's shape, whose elements nobody asks for}
    Value sized(int i) {
        return importing.collection(any(i)) instanceof Importing.Collection.Complex(var real, _)
                ? real
                : input(i);
    }

    /// {@return an input, or the stand-in for one that is not given}
    Value optional(int i) {
        return has(i) ? input(i) : Value.ABSENT;
    }

    // Sequences and optionals

    /// {@return an input that must be there: a tensor, a sequence or an optional}
    Value any(int i) {
        if (!has(i)) throw wrong("inputs", "an input at position " + i, "none");
        return inputs.get(i);
    }

    /// {@return the elements of an input that must be a sequence}
    List<Value> elements(int i) {
        var value = any(i);
        return switch (importing.collection(value)) {
            case Importing.Collection.Sequence(var elements) -> elements;
            case Importing.Collection other -> throw wrong("input " + i, "a sequence", other);
            case null -> throw wrong("input " + i, "a sequence", value.type());
        };
    }

    /// {@return whether a value is a real or a complex tensor}
    boolean isTensor(Value value) {
        return importing.collection(value) == null || isComplex(value);
    }

    boolean isComplex(Value value) {
        return importing.collection(value) instanceof Importing.Collection.Complex;
    }

    /// {@return what a value is called in messages}
    private Object print(Value value) {
        var collection = importing.collection(value);
        return collection == null ? value.type() : collection;
    }

    boolean isSequence(Value value) {
        return importing.collection(value) instanceof Importing.Collection.Sequence;
    }

    /// {@return whether an input is an optional that holds nothing, or is not given}
    boolean isNothing(int i) {
        return !has(i) || importing.collection(any(i)) instanceof Importing.Collection.Nothing;
    }

    /// {@return a sequence, in the place of a value}
    Value sequence(List<Value> elements) {
        return importing.standIn(new Importing.Collection.Sequence(elements));
    }

    /// {@return an input that must be a map}
    Importing.Collection.Dictionary map(int i) {
        var value = any(i);
        var collection = importing.collection(value);
        if (collection instanceof Importing.Collection.Dictionary map) return map;
        throw wrong("input " + i, "a map", collection == null ? value.type() : collection);
    }

    /// {@return maps with the same keys, in the place of a value}
    Value maps(Tensor keys, Value values) {
        return importing.standIn(new Importing.Collection.Dictionaries(keys, values));
    }

    /// {@return an optional that holds nothing, in the place of a value}
    Value nothing() {
        return importing.standIn(new Importing.Collection.Nothing());
    }

    TensorType type(int i) {
        return input(i).type();
    }

    Shape shape(int i) {
        return type(i).shape();
    }

    int rank(int i) {
        return type(i).rank();
    }

    /// {@return the value of an input that must be known when compiling}
    Tensor known(int i, String argument) {
        return known(input(i), argument);
    }

    /// {@return what a value is, which must be known when compiling}
    Tensor known(Value value, String argument) {
        var tensor = evaluate(value);
        if (tensor == null) throw unknown(argument, value);
        return tensor;
    }

    /// {@return what a value is if it depends on constants only, else null}
    @Nullable Tensor evaluate(Value value) {
        return importing.evaluate(value);
    }

    /// {@return whether only a run gives the value of an input, and not by symbols}
    boolean isMeasured(int i) {
        return has(i) && importing.isMeasured(input(i));
    }

    /// {@return whether only a run gives the value of an input, be it by symbols}
    boolean isOfRun(int i) {
        return has(i) && importing.isOfRun(input(i));
    }

    /// {@return whether only a run gives a value, be it by symbols}
    boolean isOfRun(Value value) {
        return importing.isOfRun(value);
    }

    /// {@return whether only a run gives a value, and not by symbols}
    boolean isMeasured(Value value) {
        return importing.isMeasured(value);
    }

    /// {@return the complaint about a value that must be known when compiling}
    GraphException unknown(String argument, Value value) {
        return importing.unknown(node, argument, Math.max(0, inputs.indexOf(value)), value);
    }

    /// {@return the graph that an attribute holds}
    OnnxGraph graph(String name) {
        return switch (attribute(name)) {
            case OnnxAttribute.GraphValue(var value) -> value;
            case null -> throw wrong(name, "a graph", "none");
            case OnnxAttribute other -> throw wrong(name, "a graph", other.print());
        };
    }

    /// {@return the outputs of a graph inside this node, which sees the names around it}
    List<Value> body(OnnxGraph graph, List<Value> given) {
        if (graph.inputs().size() != given.size())
            throw wrong("body", given.size() + " inputs", graph.inputs().size());
        return importing.body(graph, given);
    }

    /// {@return the values of an integer input that must be known when compiling}
    long[] knownIntegers(int i, String argument) {
        var tensor = known(i, argument);
        if (!tensor.dtype().isInteger()) throw wrong(argument, "integers", tensor);
        var values = new long[tensor.size()];
        for (int k = 0; k < values.length; k++) values[k] = tensor.getLong(k);
        return values;
    }

    // Attributes

    private @Nullable OnnxAttribute attribute(String name) {
        read.add(name);
        return node.attributes().get(name);
    }

    /// Accepts an attribute that says nothing about what is computed.
    void ignore(String... names) {
        read.addAll(List.of(names));
    }

    boolean hasAttribute(String name) {
        return node.attributes().containsKey(name);
    }

    long integer(String name, long otherwise) {
        return switch (attribute(name)) {
            case null -> otherwise;
            case OnnxAttribute.Whole(var value) -> value;
            case OnnxAttribute other -> throw wrong(name, "an int", other.print());
        };
    }

    int axis(String name, int otherwise) {
        return Math.clamp(integer(name, otherwise), -1000, 1000);
    }

    boolean flag(String name, boolean otherwise) {
        long value = integer(name, otherwise ? 1 : 0);
        if (value != 0 && value != 1) throw wrong(name, "0 or 1", value);
        return value == 1;
    }

    float real(String name, float otherwise) {
        return switch (attribute(name)) {
            case null -> otherwise;
            case OnnxAttribute.Real(var value) -> value;
            case OnnxAttribute other -> throw wrong(name, "a float", other.print());
        };
    }

    String text(String name, String otherwise) {
        return switch (attribute(name)) {
            case null -> otherwise;
            case OnnxAttribute.Text(var value) -> value;
            case OnnxAttribute other -> throw wrong(name, "a string", other.print());
        };
    }

    /// {@return one of the given words; the first is the default}
    String choice(String name, String... choices) {
        var value = text(name, choices[0]);
        if (!List.of(choices).contains(value))
            throw wrong(name, "one of " + List.of(choices), value);
        return value;
    }

    /// {@return the integers of an attribute, or null if it is not given}
    @Nullable List<Long> integers(String name) {
        return switch (attribute(name)) {
            case null -> null;
            case OnnxAttribute.Wholes(var values) -> values;
            case OnnxAttribute other -> throw wrong(name, "ints", other.print());
        };
    }

    /// {@return as many integers as asked for}
    List<Integer> integers(String name, int count, int otherwise) {
        var values = integers(name);
        if (values == null) return Collections.nCopies(count, otherwise);
        if (values.size() != count) throw wrong(name, count + " ints", values);
        var narrow = new ArrayList<Integer>();
        for (long value : values) {
            if (value > Integer.MAX_VALUE || value < -Integer.MAX_VALUE)
                throw wrong(name, "ints below 2^31", values);
            narrow.add((int) value);
        }
        return narrow;
    }

    @Nullable List<Float> reals(String name) {
        return switch (attribute(name)) {
            case null -> null;
            case OnnxAttribute.Reals(var values) -> values;
            case OnnxAttribute other -> throw wrong(name, "floats", other.print());
        };
    }

    @Nullable List<String> texts(String name) {
        return switch (attribute(name)) {
            case null -> null;
            case OnnxAttribute.Texts(var values) -> values;
            case OnnxAttribute other -> throw wrong(name, "strings", other.print());
        };
    }

    @Nullable Tensor tensor(String name) {
        return switch (attribute(name)) {
            case null -> null;
            case OnnxAttribute.TensorValue(var value) -> value.toTensor();
            case OnnxAttribute other -> throw wrong(name, "a tensor", other.print());
        };
    }

    /// {@return the dtype that an attribute names by ONNX's number}
    DType dtype(String name, DType otherwise) {
        return hasAttribute(name) ? OnnxReader.dtype(node, name, integer(name, 0)) : otherwise;
    }

    /// Expects that every attribute of the node was asked for.
    void expectNoOther() {
        for (var name : node.attributes().keySet().stream().sorted().toList()) {
            if (!read.contains(name)) {
                throw wrong(
                        "attribute '" + name + "'", "none of that name in opset " + opset, "one");
            }
        }
    }

    /// Expects of an operator that took complex numbers by their parts' type that it gave such:
    /// what it gave otherwise was made from the type alone. Graphs inside a node mix as they like.
    void expectComplex(List<Value> outputs) {
        boolean isPlain =
                node.attributes().values().stream()
                        .noneMatch(OnnxAttribute.GraphValue.class::isInstance);
        if (isPlain && !complex.isEmpty())
            for (var output : outputs)
                if (!output.isAbsent() && importing.collection(output) == null)
                    real(complex.getFirst());
    }

    /// {@return the value that a name stands for, of those computed before}
    Value named(String name) {
        return importing.lookUp(node, name);
    }

    // Building

    /// {@return a constant of zeros, to be filled}
    ///
    /// @param argument what its extents come from
    /// @throws GraphException if they are negative or there is no room for it
    Tensor zeros(String argument, DType dtype, long... extents) {
        double elements = 1;
        var shape = new int[extents.length];
        for (int d = 0; d < extents.length; d++) {
            elements *= extents[d];
            if (extents[d] < 0 || extents[d] > MOST_ELEMENTS || elements > MOST_ELEMENTS) {
                throw wrong(
                        argument,
                        "a constant of at most %d elements".formatted(MOST_ELEMENTS),
                        Arrays.toString(extents));
            }
            shape[d] = (int) extents[d];
        }
        return Tensor.zeros(dtype, shape);
    }

    /// {@return a vector of places, to be filled}
    long[] places(String argument, long count) {
        return zeros(argument, DType.INT64, count).longs();
    }

    /// {@return the outputs of an operator}
    List<Value> applyAll(Op op, List<Value> operands) {
        return importing.apply(op, node.label(), operands);
    }

    /// {@return the first output of an operator}
    Value apply(Op op, Value... operands) {
        return applyAll(op, List.of(operands)).getFirst();
    }

    Value constant(Tensor tensor) {
        return importing.constant("", tensor);
    }

    Value vector(long... values) {
        return constant(Tensor.of(values, values.length));
    }

    Value vector(List<Long> values) {
        return vector(values.stream().mapToLong(Long::longValue).toArray());
    }

    Value scalar(DType dtype, double value) {
        return constant(Tensor.scalar(dtype, value));
    }

    /// {@return a scalar of the value's dtype}
    Value like(Value value, double number) {
        return scalar(value.type().dtype(), number);
    }

    Value add(Value a, Value b) {
        return apply(new Add(), a, b);
    }

    Value sub(Value a, Value b) {
        return apply(new Sub(), a, b);
    }

    Value mul(Value a, Value b) {
        return apply(new Mul(), a, b);
    }

    Value div(Value a, Value b) {
        return apply(new Div(), a, b);
    }

    /// {@return the value in a dtype; itself if it has it}
    Value cast(Value value, DType dtype) {
        return value.type().dtype() == dtype ? value : apply(new Cast(dtype), value);
    }

    /// {@return the numbers 0 … count − 1, as int32, along one axis; the others have extent 1}
    Value count(int rank, int axis, int count) {
        var shape = new long[rank];
        Arrays.fill(shape, 1);
        shape[axis] = count;
        var numbers = zeros("extent of axis " + axis, DType.INT32, shape);
        for (int i = 0; i < count; i++) numbers.ints()[i] = i;
        return constant(numbers);
    }

    /// {@return the indices of an axis of a value, as int32, to broadcast with it}
    Value count(Value x, int axis) {
        int rank = x.type().rank();
        var extent = x.type().shape().get(axis);
        if (extent.isFixed()) return count(rank, axis, Math.toIntExact(extent.value()));
        var numbers = below(apply(new io.webdnn.graph.op.Shape(axis, axis + 1), x));
        var others = LongStream.range(0, rank).filter(d -> d != axis).toArray();
        return apply(new Unsqueeze(), numbers, vector(others));
    }

    /// {@return the numbers 0 … limit − 1, as int32}
    ///
    /// @param limit one number, int64, known or made of extents
    Value below(Value limit) {
        var end = apply(new Reshape(), limit, vector());
        var numbers = apply(new Range(), like(end, 0), end, like(end, 1));
        return cast(numbers, DType.INT32);
    }

    /// {@return the axis that an attribute names, counted from 0}
    int axis(String name, int otherwise, int rank) {
        int axis = axis(name, otherwise);
        if (axis < -rank || axis >= rank)
            throw wrong(name, "-" + rank + " ... " + (rank - 1), axis);
        return axis < 0 ? axis + rank : axis;
    }

    /// {@return the extent of an axis that must not be a symbol}
    int fixed(int i, int axis) {
        var extent = shape(i).get(axis);
        if (!extent.isFixed()) throw wrong("input " + i, "a fixed extent on axis " + axis, type(i));
        return Math.toIntExact(extent.value());
    }

    /// {@return the extents of an integer vector, which may be symbolic, or null if they are not
    /// known}
    @Nullable List<Dimension> extents(int i) {
        return extents(input(i));
    }

    /// {@return the elements of an integer vector or scalar, which may be symbolic, or null if they
    /// are not known}
    @Nullable List<Dimension> extents(Value value) {
        return importing.extents(value);
    }

    /// {@return the elements of an integer vector of fixed length; none for those that only a run
    /// gives}
    List<Optional<Dimension>> entries(int i) {
        var entries = importing.entries(input(i));
        if (!type(i).dtype().isInteger() || rank(i) != 1 || entries.size() != fixed(i, 0))
            throw wrong("input " + i, "a vector of at most 256 integers", type(i));
        return entries;
    }

    /// {@return a value that broadcasts to a shape in all runs that are not refused}
    Value agreeing(Value value, Shape shape) {
        return importing.agreeing(value, List.of(shape));
    }

    /// {@return a value of a shape; runs in which the extents of inputs make another are refused}
    Value ensured(Value value, Shape shape) {
        return importing.ensured(value, shape);
    }

    /// {@return the complaint about an argument or attribute of this node}
    GraphException wrong(String argument, String expected, Object actual) {
        return node.wrong(argument, expected, actual);
    }

    /// {@return the complaint about what this importer does not take}
    GraphException unsupported(String what) {
        return node.saying(what + " (opset " + opset + ")");
    }
}
