package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Range;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Contractions by micro-kernels over arrays: both factors are walked through by strides, the sums
/// are written to the output, and the epilogue runs over the output in place.
///
/// A factor that is no plain walk is written to an array first: padded where a guard says that it
/// is 0 outside of its tensor, spread over the roles' indices otherwise.
final class ArrayContraction implements Template {
    /// Products below which loops are as fast.
    private static final long FEWEST = 2_048;

    @Override
    public String name() {
        return "Contraction";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        var match = ContractionForm.match(stage);
        var form = match.form();
        if (form == null) return new Result.Declined(match.reason());
        if (form.sum().dtype() != DType.FLOAT32)
            return new Result.Declined("the sum is " + form.sum().dtype());
        if (form.k().isEmpty()) return new Result.Declined("nothing is summed");
        if (Schedule.dependsOnStep(stage))
            return new Result.Declined("its offsets change from one repetition to the next");
        if (isSmall(form)) return new Result.Declined("too few products");
        var calls = new ArrayList<Call>();
        var a = operand(form.a(), rows(form.batch(), form.m(), form.k()), request, calls);
        if (a == null) return new Result.Declined("a is no array");
        var b = operand(form.b(), rows(form.batch(), form.n(), form.k()), request, calls);
        if (b == null) return new Result.Declined("b is no array");
        var output = stage.outputs().getFirst().buffer();
        boolean isPlain = form.epilogue() == form.sum();
        boolean inPlace = output.type().dtype() == DType.FLOAT32;
        var sums =
                inPlace
                        ? output
                        : Buffer.of(output.name() + "_sum", output.type().with(DType.FLOAT32));
        var y = Strided.of(sums, form.output());
        if (y == null) return new Result.Declined("the output is no array");
        Call.Run epilogue = null;
        if (!isPlain || !inPlace) {
            var after = epilogue(form, sums);
            var accepted = (Result.Accepted) new Generic().apply(after, request);
            epilogue = (Call.Run) accepted.calls().getFirst();
        }
        calls.add(
                new Call.Contract(
                        form.batch(),
                        form.m(),
                        form.n(),
                        form.k(),
                        a,
                        b,
                        y,
                        epilogue,
                        request.origin(),
                        request.declined()));
        return new Result.Accepted(calls);
    }

    private static List<Index> rows(List<Index> batch, List<Index> own, List<Index> k) {
        var all = new ArrayList<>(batch);
        all.addAll(own);
        all.addAll(k);
        return all;
    }

    private static boolean isSmall(ContractionForm form) {
        long products = 1;
        for (var role : List.of(form.batch(), form.m(), form.n(), form.k())) {
            for (var index : role) {
                if (!index.extent().isFixed()) return false;
                products = Math.multiplyExact(products, index.extent().value());
                if (products >= FEWEST) return false;
            }
        }
        return true;
    }

    // Factors

    private static @Nullable Strided operand(
            Expr factor, List<Index> indices, Request request, List<Call> calls) {
        var plain = ContractionForm.Operand.of(factor);
        if (plain != null) {
            var guard = plain.guard();
            if (guard == null && isInside(plain.load())) {
                var strided = Strided.of(plain.load().buffer(), plain.load().index());
                if (strided != null) return strided;
            }
            if (guard != null) {
                var padded = padded(plain.load(), guard, request, calls);
                if (padded != null) return padded;
            }
        }
        var materialized = Materialize.plain(factor);
        if (materialized != null && !materialized.before().isEmpty()) {
            var strided = Strided.of(materialized.load().buffer(), materialized.load().index());
            if (strided != null) {
                for (var stage : materialized.before())
                    calls.addAll(((Result.Accepted) new Generic().apply(stage, request)).calls());
                return strided;
            }
        }
        var spread = Materialize.spread(factor, indices);
        if (spread == null) return null;
        for (var stage : spread.before())
            calls.addAll(((Result.Accepted) new Generic().apply(stage, request)).calls());
        return Strided.of(spread.load().buffer(), spread.load().index());
    }

    static boolean isInside(Load load) {
        for (int d = 0; d < load.index().size(); d++) {
            if (!isInside(load.index().get(d), load.buffer().type().shape().get(d))) return false;
        }
        return true;
    }

    private static boolean isInside(Expr i, Dimension extent) {
        var range = Range.of(i);
        if (range.low() < 0) return false;
        return extent.isFixed()
                ? range.high() < extent.value()
                : i instanceof Index index && index.extent().equals(extent);
    }

    /// The tensor in a frame of zeros, as wide as the factor reaches.
    private static @Nullable Strided padded(
            Load load, Expr guard, Request request, List<Call> calls) {
        var buffer = load.buffer();
        var shape = buffer.type().shape();
        var conditions = new ArrayList<Expr>();
        conjunction(guard, conditions);
        var low = new long[shape.rank()];
        var extents = new ArrayList<Dimension>(shape.dimensions());
        for (int d = 0; d < low.length; d++) {
            var i = load.index().get(d);
            var atLeast = Expr.of(0).lessOrEqual(i);
            var below = i.less(Expr.of(shape.get(d)));
            boolean lowGuard = conditions.removeIf(atLeast::equals);
            boolean highGuard = conditions.removeIf(below::equals);
            if (!lowGuard && !highGuard) {
                if (!isInside(i, shape.get(d))) return null;
                continue;
            }
            var range = Range.of(i);
            if (!range.isWithin(-(1 << 20), 1 << 24) || !shape.get(d).isFixed()) return null;
            if (!lowGuard && range.low() < 0 || !highGuard && range.high() >= shape.size(d))
                return null;
            low[d] = Math.min(0, range.low());
            extents.set(d, Dimension.of(Math.max(range.high() + 1, shape.size(d)) - low[d]));
        }
        if (!conditions.isEmpty()) return null;
        var padded =
                Buffer.of(
                        buffer.name() + "_padded",
                        new TensorType(DType.FLOAT32, new Shape(extents)));
        var index = new ArrayList<Expr>();
        for (int d = 0; d < low.length; d++) index.add(load.index().get(d).minus(low[d]));
        var strided = Strided.of(padded, index);
        if (strided == null) return null;
        calls.add(new Call.Pad(buffer, padded, longs(low), request.origin()));
        return strided;
    }

    private static List<Long> longs(long[] values) {
        return java.util.Arrays.stream(values).boxed().toList();
    }

    private static void conjunction(Expr e, List<Expr> into) {
        if (e instanceof Binary(var operator, var a, var b) && operator == Binary.Operator.AND) {
            conjunction(a, into);
            conjunction(b, into);
        } else {
            into.add(e);
        }
    }

    // Epilogue

    /// The stage that turns the sums into the output.
    private static Stage epilogue(ContractionForm form, Buffer sums) {
        var stage = form.stage();
        var from = new ArrayList<Expr>();
        var to = new ArrayList<Expr>();
        var roles = new HashMap<Index, Expr>();
        for (int d = 0; d < stage.domain().size(); d++)
            split(form.output().get(d), stage.domain().get(d), roles);
        for (Map.Entry<Index, Expr> entry : roles.entrySet()) {
            from.add(entry.getKey());
            to.add(entry.getValue());
        }
        from.add(form.sum());
        to.add(new Load(sums, List.copyOf(stage.domain())));
        var value = new Substitution(from, to).apply(form.epilogue());
        var output = stage.outputs().getFirst().buffer();
        return new Stage(stage.domain(), List.of(new Stage.Output(output, value)));
    }

    /// Where an axis is `group · c + within`, the roles' indices are `axis // c` and `axis mod c`.
    private static void split(Expr output, Index axis, Map<Index, Expr> roles) {
        var linear = Linear.of(output);
        if (linear.coefficients().size() == 1 && linear.constant() == 0) {
            var only = linear.coefficients().entrySet().iterator().next();
            if (only.getKey() instanceof Index index && only.getValue() == 1) {
                if (index != axis) roles.put(index, axis);
                return;
            }
        }
        long divisor = 1;
        for (var entry : linear.coefficients().entrySet())
            divisor = Math.max(divisor, entry.getValue());
        for (var entry : linear.coefficients().entrySet()) {
            if (!(entry.getKey() instanceof Index index)) continue;
            roles.put(
                    index,
                    entry.getValue() == 1 && divisor != 1
                            ? axis.floorModulo(divisor)
                            : axis.floorDividedBy(divisor));
        }
    }
}
