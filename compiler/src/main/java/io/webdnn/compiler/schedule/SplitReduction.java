package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Long reductions to few elements, on a grid: the maxima, sums and means of rows in softmax and
/// normalizations. An invocation for each element would leave a device idle; so several share a
/// reduction, and a second kernel reduces what they found.
///
/// `y[i] = Σ_k x[i, k]` becomes `part[i, p] = Σ_s x[i, s · P + p]` and `y[i] = Σ_p part[i, p]`:
/// neighbouring invocations read neighbours. No invocation waits for another, which devices without
/// memory of their own for workgroups do badly: a barrier took 30 times as long as this on one.
///
/// Cost: two dispatches; each element is loaded once, and a part for every 16 or more of them is
/// stored and loaded.
final class SplitReduction implements Template {
    /// Invocations that occupy a device.
    private static final long ENOUGH = 2048;

    /// Elements that an invocation should reduce, so that reducing the parts is little beside.
    private static final long EACH = 16;

    private static final long MOST_PARTS = 64;

    /// What a symbol is taken to be.
    private static final long USUAL = 128;

    @Override
    public String name() {
        return "Split reduction";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        if (stage.outputs().size() != 1) return new Result.Declined("several outputs");
        var reductions = new ArrayList<Reduce>();
        var value = stage.outputs().getFirst().value();
        if (!ContractionForm.collect(value, reductions) || reductions.size() != 1)
            return new Result.Declined("not one reduction");
        var reduce = reductions.getFirst();
        if (reduce.dtype() != DType.FLOAT32 && reduce.dtype() != DType.INT32)
            return new Result.Declined("not of float32 or int32");
        if (reduce.operator() == Reduce.Operator.PRODUCT) return new Result.Declined("a product");
        var free = Visit.free(reduce.body());
        if (!free.containsAll(reduce.indices()))
            return new Result.Declined("no element for each index");
        free.removeAll(reduce.indices());
        if (!stage.domain().containsAll(free))
            return new Result.Declined("what is reduced needs what is computed before");
        long outputs = extent(stage.domain()).valueAt(USUAL);
        long parts = parts(outputs, extent(reduce.indices()).valueAt(USUAL));
        if (parts < 2) return new Result.Declined("reductions too short or too many");
        var part = new Index("p", Dimension.of(parts));
        var type = new TensorType(reduce.dtype(), partShape(stage, reduce, part));
        var name = stage.outputs().getFirst().buffer().name() + " parts";
        var buffer = Buffer.of(name, type);
        return new Result.Accepted(
                List.of(
                        Generic.perElement(partial(stage, reduce, part, buffer), request, this),
                        Generic.perElement(whole(stage, reduce, part, buffer), request, this)));
    }

    private static Dimension extent(List<Index> indices) {
        return GridContraction.extent(indices);
    }

    /// {@return how many invocations share a reduction}
    static long parts(long outputs, long length) {
        long wanted = ENOUGH / Math.max(1, outputs);
        return Math.min(Math.min(wanted, length / EACH), MOST_PARTS);
    }

    /// Whether neighbours in memory belong to neighbouring outputs.
    private static boolean isAlongOutputs(Stage stage, Reduce reduce) {
        if (stage.domain().isEmpty()) return false;
        boolean[] is = {false};
        Visit.loads(
                reduce.body(),
                (load, _) -> {
                    var place = Strided.of(load.buffer(), load.index());
                    is[0] |= place != null && place.stride(stage.domain().getLast()).is(1);
                });
        return is[0];
    }

    /// {@return the indices of a part, so that neighbours read neighbours}
    private static List<Index> place(Stage stage, Reduce reduce, Index part) {
        var place = new ArrayList<>(stage.domain());
        place.add(isAlongOutputs(stage, reduce) ? 0 : place.size(), part);
        return place;
    }

    private static Shape partShape(Stage stage, Reduce reduce, Index part) {
        return new Shape(place(stage, reduce, part).stream().map(Index::extent).toList());
    }

    /// {@return every so-manieth element, reduced}
    private static Stage partial(Stage stage, Reduce reduce, Index part, Buffer buffer) {
        var length = extent(reduce.indices());
        long parts = part.extent().value();
        var step = new Index("s", length.plus(parts - 1).floorDividedBy(parts));
        var number = step.times(parts).plus(part);
        var end = Expr.of(length);
        boolean isSum = reduce.operator() == Reduce.Operator.SUM;
        // a maximum may see the last element twice
        var digits =
                ContractionForm.digits(
                        isSum ? number : number.min(end.minus(Expr.of(1))), reduce.indices());
        var element = Substitution.ofIndices(reduce.body(), reduce.indices(), digits);
        if (isSum) element = number.less(end).select(element, Expr.of(reduce.dtype(), 0));
        return new Stage(
                place(stage, reduce, part),
                List.of(
                        new Stage.Output(
                                buffer, new Reduce(reduce.operator(), List.of(step), element))));
    }

    /// {@return the stage over parts}
    private static Stage whole(Stage stage, Reduce reduce, Index part, Buffer buffer) {
        var load = new Load(buffer, List.copyOf(place(stage, reduce, part)));
        var all = new Reduce(reduce.operator(), List.of(part), load);
        var output = stage.outputs().getFirst();
        return new Stage(
                stage.domain(),
                List.of(
                        new Stage.Output(
                                output.buffer(),
                                ContractionForm.replace(output.value(), reduce, all))));
    }
}
