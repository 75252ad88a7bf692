package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.shape.ShapeArithmetic;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A call of an operation. Its arguments are tensors, numbers, and lists of both, by place (all in
/// Keras 3, the first in TensorFlow) or by name; Keras 3 keeps others in the operation's
/// attributes. Each is asked for by the names that both give it.
final class OperationCall {
    private final LayerCall call;
    private final String name;
    private final CallArguments arguments;
    private final List<@Nullable Object> positional;
    private final Set<Integer> asked = new HashSet<>();

    /// @param name what is computed, as the file says it: `nn.relu`
    OperationCall(LayerCall call, String name, CallArguments arguments) {
        this.call = call;
        this.name = name;
        this.arguments = arguments;
        var given = arguments.positional();
        this.positional = given.isEmpty() ? List.copyOf(call.inputs()) : given;
    }

    /// {@return what applies operators}
    LayerCall call() {
        return call;
    }

    /// {@return whether the operation and its defaults are TensorFlow's, not Keras 3's}
    boolean isOfTensorFlow() {
        return Operations.OF_TENSORFLOW.contains(call.config().kind());
    }

    GraphException wrong(String argument, String expected, @Nullable Object actual) {
        return call.config().wrong(argument + " of " + name, expected, actual);
    }

    /// {@return an argument as it was given, null if it was not}
    ///
    /// @param place −1 for one that is given by name only
    @Nullable Object get(int place, String... names) {
        asked.add(place);
        Object found = place >= 0 && place < positional.size() ? positional.get(place) : null;
        for (var each : names) {
            var named = arguments.get(each);
            if (found == null) found = named == null ? call.config().get(each) : named;
        }
        return found;
    }

    void ignore(String... names) {
        get(-1, names);
    }

    /// {@return how many arguments are given by place, all of which are asked for by this}
    int count() {
        for (int i = 0; i < positional.size(); i++) asked.add(i);
        return positional.size();
    }

    /// Complains about arguments by place that nothing asked for.
    void expectNoOther() {
        for (int i = 0; i < positional.size(); i++) {
            if (positional.get(i) != null && !asked.contains(i))
                throw wrong("argument " + i, "none", positional.get(i));
        }
        arguments.expectNoOther(call.config());
    }

    // Tensors

    /// {@return a tensor that must be given}
    Value value(int place, String... names) {
        var value = optional(place, names);
        if (value == null)
            throw wrong(names.length == 0 ? "argument " + place : names[0], "a tensor", "none");
        return value;
    }

    /// {@return a tensor, null if it is not given}
    @Nullable Value optional(int place, String... names) {
        var said = get(place, names);
        return said == null ? null : tensor(said);
    }

    /// {@return a tensor of float32}
    Value real(int place, String... names) {
        return Value.of(call.cast(value(place, names), DType.FLOAT32));
    }

    /// {@return tensors that stand in a list}
    List<Value> values(int place, String... names) {
        var said = get(place, names);
        if (said instanceof List<?> list && list.stream().anyMatch(Value.class::isInstance)) {
            var values = new ArrayList<Value>();
            for (var each : list) {
                if (each == null) throw wrong("argument " + place, "tensors", list);
                values.add(tensor(each));
            }
            return alike(values);
        }
        return List.of(value(place, names));
    }

    private Value tensor(Object said) {
        return switch (said) {
            case Value value -> value;
            case Boolean flag -> call.constant(Tensor.of(new boolean[] {flag}));
            case Long integer -> Value.of(call.scalar(DType.INT32, integer));
            case Number number -> Value.of(call.scalar(DType.FLOAT32, number.doubleValue()));
            case Map<?, ?> array
                    when array.get("config") instanceof Map<?, ?> config
                            && config.get("value") != null ->
                    tensor(config.get("value")); // of NumPy
            case List<?> list when list.stream().anyMatch(Value.class::isInstance) ->
                    stacked(values(list), 0);
            case List<?> list -> array(list);
            default -> throw wrong("argument", "tensors and numbers", said);
        };
    }

    private List<Value> values(List<?> list) {
        var values = new ArrayList<Value>();
        for (var each : list) {
            if (each == null) throw wrong("argument", "tensors and numbers", list);
            values.add(tensor(each));
        }
        return alike(values);
    }

    /// {@return tensors of one shape, behind each other along a new axis}
    Value stacked(List<Value> values, int axis) {
        var parts = values.stream().map(value -> call.unsqueeze(value, axis)).toList();
        return call.applyAll(new Concat(axis), parts).getFirst();
    }

    private Value array(List<?> list) {
        var extents = new ArrayList<Integer>();
        for (Object at = list;
                at instanceof List<?> inner;
                at = inner.isEmpty() ? null : inner.getFirst()) extents.add(inner.size());
        int[] shape = extents.stream().mapToInt(Integer::intValue).toArray();
        var numbers = Structures.leaves(list, Number.class);
        int size = 1;
        for (int extent : shape) size *= extent;
        if (numbers.size() != size || Structures.leaves(list, Object.class).size() != size)
            throw wrong("argument", "an array of numbers", list);
        if (numbers.stream().allMatch(Long.class::isInstance))
            return call.constant(
                    Tensor.of(numbers.stream().mapToInt(Number::intValue).toArray(), shape));
        var values = new float[size];
        for (int i = 0; i < size; i++) values[i] = numbers.get(i).floatValue();
        return call.constant(Tensor.of(values, shape));
    }

    /// {@return the values in the widest of their dtypes: bool, int32, int64, float32}
    List<Value> alike(List<Value> values) {
        var dtypes = values.stream().map(value -> value.type().dtype()).distinct().toList();
        if (dtypes.size() < 2) return values;
        var widest =
                dtypes.stream().anyMatch(DType::isFloat)
                        ? DType.FLOAT32
                        : dtypes.contains(DType.INT64) ? DType.INT64 : DType.INT32;
        return values.stream().map(value -> Value.of(call.cast(value, widest))).toList();
    }

    /// {@return an operator of the first two arguments, in one dtype}
    Value binary(Op op) {
        var both = alike(List.of(value(0), value(1, SECOND)));
        return call.apply(op, both.get(0), both.get(1));
    }

    /// What TensorFlow's functions of two tensors call the second.
    static final String[] SECOND = {"y", "b", "x2"};

    // Numbers

    int integer(int otherwise, String... names) {
        return integerAt(-1, otherwise, names);
    }

    int integerAt(int place, int otherwise, String... names) {
        return switch (get(place, names)) {
            case null -> otherwise;
            case Long number -> Math.toIntExact(number);
            case Object other -> throw wrong(names[0], "an integer", other);
        };
    }

    float number(double otherwise, String... names) {
        return switch (get(-1, names)) {
            case null -> (float) otherwise;
            case Number number -> number.floatValue();
            case Object other -> throw wrong(names[0], "a number", other);
        };
    }

    boolean flag(boolean otherwise, String... names) {
        return switch (get(-1, names)) {
            case null -> otherwise;
            case Boolean flag -> flag;
            case Object other -> throw wrong(names[0], "true or false", other);
        };
    }

    String text(String otherwise, String... names) {
        return switch (get(-1, names)) {
            case null -> otherwise;
            case String text -> text;
            case Object other -> throw wrong(names[0], "a text", other);
        };
    }

    /// {@return integers, or a single one as a list; null if none are given}
    @Nullable List<Integer> integers(int place, String... names) {
        var said = get(place, names);
        if (said == null) return null;
        if (said instanceof Value value) said = listed(value);
        var integers = new ArrayList<Integer>();
        for (var each : said instanceof List<?> list ? list : List.of(said)) {
            if (!(each instanceof Long number)) throw wrong(names[0], "integers", said);
            integers.add(Math.toIntExact(number));
        }
        return integers;
    }

    private Object listed(Value value) {
        var extents = extents(value);
        return extents == null || !extents.stream().allMatch(Dimension::isFixed)
                ? value
                : extents.stream().map(Dimension::value).toList();
    }

    /// {@return axes from 0 on, in the order given; null if none are given}
    @Nullable List<Integer> axes(int rank, String... names) {
        var given = integers(1, names);
        return given == null
                ? null
                : given.stream().map(axis -> axis(axis, rank, names[0])).toList();
    }

    int axis(int axis, int rank, String argument) {
        if (axis < -rank || axis >= rank) throw wrong(argument, "an axis of " + rank, axis);
        return axis < 0 ? axis + rank : axis;
    }

    // Shapes that the model computes

    /// {@return a shape: numbers, extents of other tensors, and −1}
    List<Dimension> shape(int place, String... names) {
        var said = get(place, names);
        var shape = new ArrayList<Dimension>();
        for (var each :
                said instanceof List<?> list ? list : List.of(said == null ? "none" : said)) {
            switch (each) {
                case null -> shape.add(Dimension.of(-1));
                case Long number -> shape.add(Dimension.of(number));
                case Value value -> {
                    var extents = extents(value);
                    if (extents == null)
                        throw wrong(names[0], "extents known when compiling", value.type());
                    shape.addAll(extents);
                }
                default -> throw wrong(names[0], "integers", said);
            }
        }
        return shape;
    }

    /// {@return the elements of a vector or scalar that is made of extents, null if it is not}
    @Nullable List<Dimension> extents(Value value) {
        var constant = value.constant();
        if (constant != null) return ShapeArithmetic.of(constant);
        var node = value.producer();
        return node == null ? null : new ShapeArithmetic(this::extents).of(node);
    }
}
