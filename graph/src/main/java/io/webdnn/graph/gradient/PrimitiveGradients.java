package io.webdnn.graph.gradient;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.ArgMin;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Choose;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.ConstantOfShape;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.ConvWeightGradient;
import io.webdnn.graph.op.CumProd;
import io.webdnn.graph.op.CumSum;
import io.webdnn.graph.op.DeformConv;
import io.webdnn.graph.op.DepthToSpace;
import io.webdnn.graph.op.Det;
import io.webdnn.graph.op.Dropout;
import io.webdnn.graph.op.Einsum;
import io.webdnn.graph.op.EnsureShape;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.ExtremePick;
import io.webdnn.graph.op.ExtremePosition;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.GatherElements;
import io.webdnn.graph.op.GatherND;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.GridSample;
import io.webdnn.graph.op.HostOperator;
import io.webdnn.graph.op.LSTM;
import io.webdnn.graph.op.LoadAdjoint;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.Map;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.MeasuredSlice;
import io.webdnn.graph.op.NegativeLogLikelihoodLoss;
import io.webdnn.graph.op.NonMaxSuppression;
import io.webdnn.graph.op.NonZero;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.PairwiseCoupling;
import io.webdnn.graph.op.Primitive;
import io.webdnn.graph.op.RandomUniformLike;
import io.webdnn.graph.op.Range;
import io.webdnn.graph.op.Recurrent;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Reduction;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.ReshapeLike;
import io.webdnn.graph.op.Resize;
import io.webdnn.graph.op.ReverseSequence;
import io.webdnn.graph.op.RoiAlign;
import io.webdnn.graph.op.ScanAdjoint;
import io.webdnn.graph.op.ScanTrace;
import io.webdnn.graph.op.ScatterElements;
import io.webdnn.graph.op.ScatterND;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Size;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.SpaceToDepth;
import io.webdnn.graph.op.Split;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.StagePart;
import io.webdnn.graph.op.Tile;
import io.webdnn.graph.op.TopK;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.TreeEnsemble;
import io.webdnn.graph.op.Trilu;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.WordCounts;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradients of the operators that are neither elementwise nor compositions: the one place that
/// asks which operator it is.
///
/// A new operator that has no better rule belongs to the case of [StageGradients].
final class PrimitiveGradients {
    private PrimitiveGradients() {}

    static List<? extends @Nullable Value> of(Primitive op, Use use) {
        return switch (op) {
            case Conv conv -> ConvolutionGradients.of(conv, use);
            case ConvTranspose conv -> ConvolutionGradients.of(conv, use);
            case Gemm gemm -> gemm(gemm, use);
            case Softmax(var axis) -> softmax(axis, use);
            case LogSoftmax(var axis) -> logSoftmax(axis, use);
            case NegativeLogLikelihoodLoss loss -> LossGradients.of(loss, use);
            case Reshape _, Flatten _, Squeeze _, Unsqueeze _, ReshapeLike _ ->
                    use.only(0, use.reshapedLike(use.seed(), use.input(0)));
            case Transpose transpose -> use.only(0, use.apply(transpose.inverse(), use.seed()));
            case Split split -> split(split, use);
            case CumSum(var exclusive, var reverse) ->
                    use.only(
                            0,
                            use.apply(new CumSum(exclusive, !reverse), use.seed(), use.input(1)));
            case MaxPool pool -> maxPool(pool, use);
            case Dropout _ -> dropout(use);
            case ScatterElements(_, var combine) -> scatter(op, combine, use);
            case ScatterND(var combine) -> scatter(op, combine, use);
            case AveragePool _,
                    Choose _,
                    Concat _,
                    ConvWeightGradient _,
                    CumProd _,
                    DeformConv _,
                    DepthToSpace _,
                    Det _,
                    Einsum _,
                    EnsureShape _,
                    Expand _,
                    ExtremePick _,
                    Gather _,
                    GatherElements _,
                    GatherND _,
                    GridSample _,
                    LoadAdjoint _,
                    LSTM _,
                    MatMul _,
                    MeasuredSlice _,
                    Pad _,
                    Recurrent _,
                    Reduction _,
                    Resize _,
                    PairwiseCoupling _,
                    ReverseSequence _,
                    RoiAlign _,
                    ScanAdjoint _,
                    ScanTrace _,
                    Slice _,
                    SpaceToDepth _,
                    StagePart _,
                    Tile _,
                    TopK _,
                    Trilu _ ->
                    StageGradients.of(op, use);
            // Their outputs are integers or do not depend on values.
            case ArgMax _,
                    ArgMin _,
                    ConstantOfShape _,
                    ExtremePosition _,
                    Extents _,
                    HostOperator _,
                    NonMaxSuppression _,
                    NonZero _,
                    RandomUniformLike _,
                    Range _,
                    Shape _,
                    Size _,
                    TreeEnsemble _,
                    WordCounts _ ->
                    Arrays.asList(use.none());
        };
    }

    /// `Y = α·A'·B' + β·C`.
    private static List<@Nullable Value> gemm(Gemm gemm, Use use) {
        var gradients = use.none();
        var seed = use.seed();
        boolean a = gemm.transA();
        boolean b = gemm.transB();
        if (use.needs(0)) {
            gradients[0] =
                    a
                            ? product(gemm.alpha(), use, use.input(1), b, seed, true)
                            : product(gemm.alpha(), use, seed, false, use.input(1), !b);
        }
        if (use.needs(1)) {
            gradients[1] =
                    b
                            ? product(gemm.alpha(), use, seed, true, use.input(0), a)
                            : product(gemm.alpha(), use, use.input(0), !a, seed, false);
        }
        if (use.needs(2) && gemm.beta() != 0) {
            var c = use.reducedTo(seed, use.input(2).type().shape());
            gradients[2] =
                    gemm.beta() == 1
                            ? c
                            : Value.of(
                                    use.g().mul(c, use.g().scalar(c.type().dtype(), gemm.beta())));
        }
        return Arrays.asList(gradients);
    }

    private static Value product(
            float alpha, Use use, Value a, boolean transA, Value b, boolean transB) {
        return use.apply(new Gemm(alpha, 1, transA, transB), a, b);
    }

    /// `dX = Y · (dY − Σ dY · Y)`.
    private static List<@Nullable Value> softmax(int axis, Use use) {
        var g = use.g();
        var y = use.output();
        var sum = sumAlong(axis, Value.of(g.mul(use.seed(), y)), use);
        return use.only(0, Value.of(g.mul(y, g.sub(use.seed(), sum))));
    }

    /// `dX = dY − e^Y · Σ dY`.
    private static List<@Nullable Value> logSoftmax(int axis, Use use) {
        var g = use.g();
        var probability = g.apply(new Exp(), use.output());
        var sum = sumAlong(axis, use.seed(), use);
        return use.only(0, Value.of(g.sub(use.seed(), g.mul(probability, sum))));
    }

    private static Value sumAlong(int axis, Value value, Use use) {
        return use.apply(new ReduceSum(true), value, use.g().vector(axis));
    }

    private static List<? extends @Nullable Value> split(Split split, Use use) {
        var parts = new ArrayList<Value>();
        for (var seed : use.seeds()) if (seed != null) parts.add(seed);
        if (parts.size() < use.seeds().size()) return StageGradients.of(split, use);
        return use.only(0, use.apply(new Concat(split.axis()), parts));
    }

    /// The gradient goes where the first maximum stands, whatever else the operator gives.
    private static List<? extends @Nullable Value> maxPool(MaxPool pool, Use use) {
        if (use.seeds().getFirst() == null) return Arrays.asList(use.none());
        var plain = new MaxPool(pool.kernel(), pool.windows(), pool.roundUp(), false, false);
        return StageGradients.extreme(plain, use);
    }

    /// `ddata = mask ? doutput / (1 − ratio) : 0`.
    private static List<@Nullable Value> dropout(Use use) {
        if (use.seeds().getFirst() == null) return Arrays.asList(use.none());
        var dtype = use.seed().type().dtype();
        var scaled =
                Map.of(
                        List.of(DType.BOOL, DType.FLOAT32, dtype),
                        x -> {
                            var one = Expr.of(DType.FLOAT32, 1);
                            var scale = one.dividedBy(one.minus(x.get(1)));
                            return x.get(0)
                                    .select(x.get(2).times(scale.cast(dtype)), Expr.of(dtype, 0));
                        });
        return use.only(
                0, use.apply(scaled, use.node().outputs().get(1), use.input(1), use.seed()));
    }

    private static List<? extends @Nullable Value> scatter(
            Primitive op, Push.Combine combine, Use use) {
        return switch (combine) {
            case ADD -> StageGradients.of(op, use);
            case REPLACE, MULTIPLY, MIN, MAX ->
                    throw GraphException.saying(
                            op.name(),
                            "expected one that adds, as only that has a gradient, got " + combine);
        };
    }
}
