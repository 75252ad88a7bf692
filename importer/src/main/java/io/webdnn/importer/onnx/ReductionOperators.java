package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.ArgMin;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.IsInf;
import io.webdnn.graph.op.Log;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceMin;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.Map;

/// Operators that reduce over axes.
final class ReductionOperators {
    private ReductionOperators() {}

    private interface Reducing {
        Op of(boolean keepdims, boolean noopWithEmptyAxes);
    }

    private interface Arg {
        Op of(int axis, boolean keepdims, boolean selectLastIndex);
    }

    private static Operator arg(Arg arg) {
        return single(node ->
                node.apply(
                        arg.of(
                                node.axis("axis", 0),
                                node.flag("keepdims", true),
                                node.flag("select_last_index", false)),
                        node.input(0)));
    }

    static void addTo(Map<String, Operator> table) {
        table.put("ArgMax", arg(ArgMax::new));
        table.put("ArgMin", arg(ArgMin::new));
        table.put("ReduceL1", single(ReductionOperators::sumOfMagnitudes));
        table.put("ReduceL2", single(ReductionOperators::norm));
        table.put("ReduceLogSum", single(ReductionOperators::logarithmOfSum));
        table.put("ReduceLogSumExp", single(ReductionOperators::logarithmOfSumOfExponentials));
        table.put("ReduceSumSquare", single(ReductionOperators::sumOfSquares));
        table.put("ReduceMax", reduction(ReduceMax::new, 18));
        table.put("ReduceMean", reduction(ReduceMean::new, 18));
        table.put("ReduceMin", reduction(ReduceMin::new, 18));
        table.put("ReduceProd", reduction(ReduceProd::new, 18));
        table.put("ReduceSum", reduction(ReduceSum::new, 13));
    }

    /// @param operandSince the opset in which the axes became an input
    private static Operator reduction(Reducing reducing, int operandSince) {
        return single(node -> reduced(node, reducing, node.input(0), operandSince));
    }

    /// {@return a value, reduced as the node's attributes and its second input say}
    private static Value reduced(
            Translation node, Reducing reducing, Value value, int operandSince) {
        boolean keepdims = node.flag("keepdims", true);
        return reduced(node, reducing, value, keepdims, operandSince);
    }

    private static Value reduced(
            Translation node, Reducing reducing, Value value, boolean keepdims, int operandSince) {
        if (node.opset() >= operandSince) {
            var op = reducing.of(keepdims, node.flag("noop_with_empty_axes", false));
            return node.has(1) ? node.apply(op, value, node.input(1)) : node.apply(op, value);
        }
        var axes = node.integers("axes");
        var op = reducing.of(keepdims, false);
        return axes == null ? node.apply(op, value) : node.apply(op, value, node.vector(axes));
    }

    private static Value sum(Translation node, Value value) {
        return reduced(node, ReduceSum::new, value, 18);
    }

    private static Value sumOfMagnitudes(Translation node) {
        return sum(node, node.apply(new Abs(), node.input(0)));
    }

    private static Value sumOfSquares(Translation node) {
        return sum(node, node.mul(node.input(0), node.input(0)));
    }

    /// Squares of narrow floats and of integers are summed in float32.
    private static Value norm(Translation node) {
        var dtype = node.type(0).dtype();
        var x = node.cast(node.input(0), wide(dtype));
        return node.cast(node.apply(new Sqrt(), sum(node, node.mul(x, x))), dtype);
    }

    private static Value logarithmOfSum(Translation node) {
        var dtype = node.type(0).dtype();
        var sum = sum(node, node.cast(node.input(0), wide(dtype)));
        return node.cast(node.apply(new Log(), sum), dtype);
    }

    /// `m + ln Σ e^(x − m)` with m the maximum, or 0 where that is infinite: no x overflows.
    private static Value logarithmOfSumOfExponentials(Translation node) {
        var dtype = node.type(0).dtype();
        var x = node.cast(node.input(0), wide(dtype));
        var shift = finite(node, reduced(node, ReduceMax::new, x, true, 18));
        var shifted = node.apply(new Exp(), node.sub(x, shift));
        var sum = node.apply(new Log(), sum(node, shifted));
        var maximum = finite(node, reduced(node, ReduceMax::new, x, 18));
        return node.cast(node.add(sum, maximum), dtype);
    }

    private static Value finite(Translation node, Value x) {
        var infinite = node.apply(new IsInf(true, true), x);
        return node.apply(new Where(), infinite, node.like(x, 0), x);
    }

    /// {@return the dtype in which sums of a dtype are kept}
    static DType wide(DType dtype) {
        return dtype == DType.FLOAT64 ? dtype : DType.FLOAT32;
    }
}
