package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// Sums of elements that are neighbours in an array, such as the gradient of a bias: many partial
/// sums side by side, where a loop would wait for each addition.
final class ArraySum implements Template {
    /// A run of fewer elements is not worth a call.
    private static final long SHORTEST = 16;

    @Override
    public String name() {
        return "Sum";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        if (stage.outputs().size() != 1) return new Result.Declined("several outputs");
        if (Schedule.dependsOnStep(stage))
            return new Result.Declined("its offsets change from one repetition to the next");
        var output = stage.outputs().getFirst().buffer();
        var value = stage.outputs().getFirst().value();
        if (output.type().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        var loops = new ArrayList<Expr>();
        Visit.all(
                value,
                part -> {
                    if (part instanceof Reduce || part instanceof Fold) loops.add(part);
                });
        if (loops.size() != 1
                || !(loops.getFirst() instanceof Reduce reduce)
                || reduce.operator() != Reduce.Operator.SUM
                || !(reduce.body() instanceof Load load)
                || load.dtype() != DType.FLOAT32
                || !ArrayContraction.isInside(load)) {
            return new Result.Declined("not one sum of elements");
        }
        var x = Strided.of(load.buffer(), load.index());
        var y = Strided.of(output, stage.domain());
        if (x == null || y == null) return new Result.Declined("the elements are no walk");
        if (!isLong(reduce.indices(), x)) return new Result.Declined("no long run of neighbours");
        Call.Run epilogue = null;
        if (!value.equals(reduce)) {
            var sum = new Load(output, List.copyOf(stage.domain()));
            var after = new Substitution(List.of(reduce), List.of(sum)).apply(value);
            var rest = new Stage(stage.domain(), List.of(new Stage.Output(output, after)));
            var accepted = (Result.Accepted) new Generic().apply(rest, request);
            epilogue = (Call.Run) accepted.calls().getFirst();
        }
        var calls = new ArrayList<Call>();
        calls.add(
                new Call.Sum(
                        stage.domain(),
                        reduce.indices(),
                        x,
                        y,
                        request.origin(),
                        request.declined()));
        if (epilogue != null) calls.add(epilogue);
        return new Result.Accepted(calls);
    }

    /// Whether the summed indices that walk through neighbours make up a long run.
    private static boolean isLong(List<Index> indices, Strided x) {
        var run = Dimension.of(1);
        boolean grows = true;
        while (grows) {
            grows = false;
            for (var index : indices) {
                if (!index.extent().is(1) && x.stride(index).equals(run)) {
                    run = run.times(index.extent());
                    grows = true;
                }
            }
        }
        return !run.isFixed() || run.value() >= SHORTEST;
    }
}
