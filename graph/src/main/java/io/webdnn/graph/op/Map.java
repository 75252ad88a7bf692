package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// A scalar function given as data, applied elementwise with broadcasting: `Y = body(X₀, X₁ …)`.
///
/// For what has no name of its own: derivatives of elementwise operators, the update rules of
/// optimizers, results of fusing. The operands have the given dtypes, one at least; Y has the
/// body's. Its value at NaN, overflow and the like is that of [Expr]. Maps with equal bodies are
/// equal; a body that binds locals or indices of its own (a `Let`, a `Reduce`) equals only itself.
///
/// Source: ours; ONNX has no such operator.
///
/// @param dtypes of the operands
/// @param body in terms of `parameter(i, dtypes[i])`; may load no buffer
public record Map(List<DType> dtypes, Expr body) implements Elementwise {
    private record Position(int i, DType dtype) {}

    private static final java.util.Map<Position, Local> PARAMETERS = new ConcurrentHashMap<>();

    public Map {
        dtypes = List.copyOf(dtypes);
        if (dtypes.isEmpty()) throw GraphException.of("Map", "dtypes", "1 or more", dtypes);
    }

    /// {@return a map from the function that makes its body}
    public static Map of(List<DType> dtypes, Function<List<Expr>, Expr> body) {
        return new Map(dtypes, body.apply(parameters(dtypes)));
    }

    /// {@return what stands in a body for the element of operand `i`; always the same object}
    public static Local parameter(int i, DType dtype) {
        return PARAMETERS.computeIfAbsent(
                new Position(i, dtype), p -> new Local("x" + p.i, p.dtype));
    }

    private static List<Expr> parameters(List<DType> dtypes) {
        var parameters = new ArrayList<Expr>();
        for (var dtype : dtypes) parameters.add(parameter(parameters.size(), dtype));
        return parameters;
    }

    @Override
    public void expect(Operands in) {
        var expect = Expect.of(in).count(dtypes.size(), dtypes.size());
        for (int i = 0; i < dtypes.size(); i++) expect.input(i, "X" + i).dtype(dtypes.get(i));
    }

    @Override
    public Expr of(List<Expr> x) {
        return new Substitution(parameters(dtypes), x).apply(body);
    }
}
