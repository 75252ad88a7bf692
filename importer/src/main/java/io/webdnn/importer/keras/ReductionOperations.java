package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.Operations.put;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.ArgMin;
import io.webdnn.graph.op.CumProd;
import io.webdnn.graph.op.CumSum;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Log;
import io.webdnn.graph.op.Not;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceMin;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.TopK;
import io.webdnn.importer.keras.Operations.Operation;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Operations over axes. Without an axis they are over all.
final class ReductionOperations {
    /// Makes an operator that keeps its axes or not.
    @FunctionalInterface
    private interface Reduced {
        Op keeping(boolean keepdims);
    }

    private ReductionOperations() {}

    static void addTo(Map<String, Operation> table) {
        put(table, "argmax", call -> extreme(call, true));
        put(table, "argmin", call -> extreme(call, false));
        put(table, "cumprod", call -> running(call, true));
        put(table, "cumsum", call -> running(call, false));
        put(table, "moments", ReductionOperations::moments);
        put(table, "norm reduce_euclidean_norm", ReductionOperations::norm);
        put(table, "reduce_all all", ReductionOperations::all);
        put(table, "reduce_any any", ReductionOperations::any);
        put(table, "reduce_logsumexp logsumexp", ReductionOperations::logSumExp);
        put(table, "reduce_max max amax", call -> reduced(call, k -> new ReduceMax(k, true)));
        put(table, "reduce_mean mean", ReductionOperations::mean);
        put(table, "reduce_min min amin", call -> reduced(call, k -> new ReduceMin(k, true)));
        put(table, "reduce_prod prod", call -> reduced(call, k -> new ReduceProd(k, true)));
        put(table, "reduce_std std", call -> squareRoot(call, variance(call)));
        put(table, "reduce_sum sum", call -> reduced(call, k -> new ReduceSum(k, true)));
        put(table, "reduce_variance variance var", ReductionOperations::variance);
        put(table, "top_k", ReductionOperations::largest);
    }

    private static Value reduced(OperationCall call, Reduced op) {
        return reduced(call, call.value(0), op);
    }

    private static Value reduced(OperationCall call, Value x, Reduced op) {
        return over(call, x, op.keeping(call.flag(false, "keepdims", "keep_dims")));
    }

    private static Value over(OperationCall call, Value x, Op op) {
        var axes = call.axes(x.type().rank(), "axis", "reduction_indices", "axes");
        if (axes == null) axes = IntStream.range(0, x.type().rank()).boxed().toList();
        var vector = call.call().vector(axes.stream().mapToLong(Integer::longValue).toArray());
        return call.call().apply(op, x, vector);
    }

    private static Value mean(OperationCall call) {
        return reduced(call, call.real(0), k -> new ReduceMean(k, true));
    }

    private static Value variance(OperationCall call) {
        var x = call.real(0);
        var from = call.call().sub(x, over(call, x, new ReduceMean(true, true)));
        return reduced(call, Value.of(call.call().mul(from, from)), k -> new ReduceMean(k, true));
    }

    private static Value squareRoot(OperationCall call, Value x) {
        return call.call().apply(new Sqrt(), x);
    }

    private static Value moments(OperationCall call) {
        call.ignore("shift");
        if (call.flag(false, "synchronized")) throw call.wrong("synchronized", "false", true);
        call.call().alsoGive(variance(call));
        return mean(call);
    }

    /// The Euclidean one, or by `ord` the sum or the maximum of absolute values.
    private static Value norm(OperationCall call) {
        var x = call.real(0);
        var order = call.get(-1, "ord");
        var axes = call.axes(x.type().rank(), "axis");
        boolean isEuclidean =
                order == null
                        || "euclidean".equals(order)
                        || "fro".equals(order)
                        || order instanceof Number two && two.doubleValue() == 2;
        boolean isVector = axes != null && axes.size() == 1 || x.type().rank() == 1;
        if (isEuclidean && (isVector || !(order instanceof Number))) {
            var squares = Value.of(call.call().mul(x, x));
            return squareRoot(call, reduced(call, squares, k -> new ReduceSum(k, true)));
        }
        if (isVector && order instanceof Number one && one.doubleValue() == 1)
            return reduced(call, call.call().apply(new Abs(), x), k -> new ReduceSum(k, true));
        throw call.wrong("ord", "the Euclidean norm, or 1 of vectors", order);
    }

    private static Value any(OperationCall call) {
        var x = Value.of(call.call().cast(call.value(0), DType.BOOL));
        return reduced(call, x, k -> new ReduceMax(k, true));
    }

    private static Value all(OperationCall call) {
        var not = call.call().apply(new Not(), call.call().cast(call.value(0), DType.BOOL));
        return call.call().apply(new Not(), reduced(call, not, k -> new ReduceMax(k, true)));
    }

    /// `m + log Σ exp(x − m)`, m the maximum.
    private static Value logSumExp(OperationCall call) {
        var x = call.real(0);
        var most = over(call, x, new ReduceMax(true, true));
        var exponentials = call.call().apply(new Exp(), call.call().sub(x, most));
        var sum = reduced(call, exponentials, k -> new ReduceSum(k, true));
        var shift = reduced(call, x, k -> new ReduceMax(k, true));
        return Value.of(call.call().add(call.call().apply(new Log(), sum), shift));
    }

    /// Without an axis TensorFlow takes the first, Keras 3 all elements in order.
    private static Value extreme(OperationCall call, boolean isMax) {
        call.ignore("output_type", "dtype");
        var x = call.value(0);
        var given = call.integers(1, "axis", "dimension");
        boolean keeps = call.flag(false, "keepdims");
        boolean isFlat = given == null && !call.isOfTensorFlow();
        if (isFlat && keeps) throw call.wrong("keepdims", "false without an axis", true);
        if (given != null && given.size() != 1) throw call.wrong("axis", "one axis", given);
        if (isFlat) x = call.call().reshape(x, -1);
        int axis = given == null ? 0 : given.getFirst();
        return call.call()
                .apply(isMax ? new ArgMax(axis, keeps, false) : new ArgMin(axis, keeps, false), x);
    }

    private static Value running(OperationCall call, boolean isProduct) {
        call.ignore("dtype");
        var x = call.value(0);
        var given = call.integers(1, "axis");
        if (given == null && !call.isOfTensorFlow()) x = call.call().reshape(x, -1);
        boolean exclusive = call.flag(false, "exclusive");
        boolean reverse = call.flag(false, "reverse");
        if (given != null && given.size() != 1) throw call.wrong("axis", "one axis", given);
        var axis = call.call().scalar(DType.INT64, given == null ? 0 : given.getFirst());
        return call.call()
                .apply(
                        isProduct
                                ? new CumProd(exclusive, reverse)
                                : new CumSum(exclusive, reverse),
                        x,
                        axis);
    }

    /// Along the last axis, in order.
    private static Value largest(OperationCall call) {
        call.ignore("sorted", "is_stable", "index_type");
        int count = call.integerAt(1, 1, "k");
        var outputs =
                call.call()
                        .applyAll(
                                new TopK(-1, true),
                                List.of(call.value(0), call.call().vector(count)));
        call.call().alsoGive(outputs.get(1));
        return outputs.getFirst();
    }
}
