package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// A contraction whose columns lie in the lanes of the output's texels: per step of k one scalar of
/// the row is multiplied with one texel of four columns.
///
/// The columns' operand is laid out as `[batch · k, n]` first (weights when compiling), so that its
/// four columns are one fetch instead of four; guards, prologue and epilogue stay in the fragment.
final class TexelContraction implements Template {
    @Override
    public String name() {
        return "Contraction";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        var match = ContractionForm.match(stage);
        var form = match.form();
        if (form == null) return new Result.Declined(match.reason());
        if (form.sum().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        var output = stage.outputs().getFirst().buffer();
        int lane = request.kernel(this).layout(output).lane();
        if (lane < 0) return new Result.Declined("the output is one element");
        var column = form.output().get(lane);
        if (form.m().equals(List.of(column))) form = form.swapped();
        if (!form.n().equals(List.of(column))) {
            return new Result.Declined("the lanes of the output are not the columns alone");
        }
        var shared = new ArrayList<Index>(form.batch());
        shared.addAll(form.k());
        if (form.k().isEmpty()) return new Result.Declined("nothing is summed");
        if (shared.stream().anyMatch(i -> !i.extent().isFixed())) {
            return new Result.Declined("the length of the sum is a symbol");
        }
        var domain = new ArrayList<Index>();
        for (var index : form.output()) {
            if (index instanceof Index own) domain.add(own);
            else if (index.equals(Expr.of(0))) domain.add(new Index("one", Dimension.of(1)));
            else return new Result.Declined("its columns come in groups");
        }
        var calls = new ArrayList<Call>();
        var columns = columns(form, shared, request, calls);
        var load = new Load(columns, List.of(number(shared), column));
        var sum = Expr.sum(form.k(), form.a().times(load));
        var value = new Substitution(List.of(form.sum()), List.of(sum)).apply(form.epilogue());
        var packed = new Stage(domain, List.of(new Stage.Output(output, value)));
        calls.add(Generic.perTexel(packed, request, this));
        return new Result.Accepted(calls);
    }

    /// {@return the row-major number of a point of some indices}
    private static Expr number(List<Index> indices) {
        Expr number = Expr.of(0);
        for (var index : indices) number = number.times(index.extent().value()).plus(index);
        return number;
    }

    /// {@return the columns' operand as `[shared, n]`}
    private static Buffer columns(
            ContractionForm form, List<Index> shared, Request request, List<Call> calls) {
        var rows = new Shape(shared.stream().map(Index::extent).toList()).elements();
        var column = form.n().getFirst();
        var name = form.stage().outputs().getFirst().buffer().name() + " columns";
        var buffer =
                Buffer.of(name, new TensorType(DType.FLOAT32, Shape.of(rows, column.extent())));
        var stage =
                Stage.each(
                        buffer,
                        o -> {
                            var from = new ArrayList<Index>(shared);
                            from.add(column);
                            var to = new ArrayList<Expr>();
                            Expr rest = o.getFirst();
                            for (int d = shared.size() - 1; d >= 0; d--) {
                                long extent = shared.get(d).extent().value();
                                to.addFirst(d == 0 ? rest : rest.floorModulo(extent));
                                rest = rest.floorDividedBy(extent);
                            }
                            to.add(o.get(1));
                            return Substitution.ofIndices(form.b(), from, to);
                        });
        var evaluated = Materialize.evaluated(stage);
        if (evaluated.constant() == null
                && new Generic().apply(stage, request) instanceof Result.Accepted(var made))
            calls.addAll(made);
        return evaluated;
    }
}
