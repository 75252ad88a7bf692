package io.webdnn.graph.gradient;

import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.ReshapeLike;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One node whose inputs' gradients are asked for, and what rules need to say them.
///
/// @param g adds operators
/// @param seeds the gradient of each output, null where none is known
/// @param depends the values that gradients are asked for, and all that depends on them
record Use(Operators g, Node node, List<? extends @Nullable Value> seeds, Set<Value> depends) {
    /// {@return whether the gradient of an input is asked for, and can be}
    boolean needs(int i) {
        if (i >= node.inputs().size()) return false;
        var input = node.input(i);
        return !input.isAbsent() && input.type().dtype().isFloat() && depends.contains(input);
    }

    boolean has(int i) {
        return i < node.inputs().size() && !node.input(i).isAbsent();
    }

    Value input(int i) {
        return node.input(i);
    }

    Value output() {
        return node.outputs().getFirst();
    }

    /// {@return the gradient of the first output}
    Value seed() {
        var seed = seeds.getFirst();
        if (seed == null) {
            throw GraphException.saying(node.op().name(), "no gradient goes through this output");
        }
        return seed;
    }

    Value apply(Op op, Operand... inputs) {
        return Value.of(g.apply(op, inputs));
    }

    Value apply(Op op, List<? extends Operand> inputs) {
        return Value.of(g.applyAll(op, inputs).getFirst());
    }

    /// {@return the gradients of all inputs, of which one is given}
    List<@Nullable Value> only(int i, @Nullable Value gradient) {
        var all = none();
        all[i] = gradient;
        return Arrays.asList(all);
    }

    /// {@return a place for the gradient of each input}
    @Nullable Value[] none() {
        return new @Nullable Value[node.inputs().size()];
    }

    /// {@return the sum over what a value was broadcast along, of a shape that broadcasts to its}
    Value reducedTo(Value value, Shape shape) {
        var from = value.type().shape();
        if (from.equals(shape)) return value;
        int more = from.rank() - shape.rank();
        var dropped = new ArrayList<Long>();
        var kept = new ArrayList<Long>();
        for (int d = 0; d < more; d++) dropped.add((long) d);
        for (int d = 0; d < shape.rank(); d++) {
            if (shape.get(d).is(1) && !from.get(d + more).is(1)) kept.add((long) d);
        }
        var reduced = value;
        if (!dropped.isEmpty()) reduced = apply(new ReduceSum(false), reduced, vector(dropped));
        if (!kept.isEmpty()) reduced = apply(new ReduceSum(true), reduced, vector(kept));
        return reduced;
    }

    /// {@return the elements of a value under the shape of another}
    Value reshapedLike(Value value, Value like) {
        var shape = like.type().shape();
        if (value.type().shape().equals(shape)) return value;
        if (shape.dimensions().stream().filter(d -> !d.isFixed()).count() > 1
                || shape.elements().is(0)) {
            return apply(new ReshapeLike(), value, like);
        }
        var extents = shape.dimensions().stream().map(d -> d.isFixed() ? d.value() : -1L).toList();
        return apply(new Reshape(), value, vector(extents));
    }

    Operand vector(List<Long> values) {
        return g.vector(values.stream().mapToLong(Long::longValue).toArray());
    }
}
