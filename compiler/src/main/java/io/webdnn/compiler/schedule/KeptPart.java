package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is summed over a row and needed again for each of its elements, kept in the output between:
/// the exponentials of a softmax.
///
/// `y[i, j] = f(x[i, j]) / Σ_k f(x[i, k])` writes `f` to y while it adds up, and then reads it from
/// there: f is computed once.
///
/// @param reduce what adds up
/// @param buffer the output
/// @param place where an element that is added up is kept
/// @param value what the output becomes, in terms of what is kept in it
record KeptPart(Reduce reduce, Buffer buffer, List<Expr> place, Expr value) {
    /// {@return what can be kept of a stage whose values are bound outside of its last loop, or
    /// null}
    ///
    /// @param bound the values that are bound
    /// @param value what the stage stores, in terms of them
    /// @param row the index of the elements of a row
    static @Nullable KeptPart of(Stage stage, List<Expr> bound, Expr value, Index row) {
        var buffer = stage.outputs().getFirst().buffer();
        if (stage.outputs().size() > 1 || buffer.type().dtype() != DType.FLOAT32) return null;
        var rows = new HashSet<Expr>(stage.domain());
        rows.remove(row);
        for (var each : bound) {
            if (each instanceof Reduce reduce && isOfRow(reduce, row, rows)) {
                var kept = of(reduce, buffer, stage.domain(), value, row);
                if (kept != null) return kept;
            }
        }
        return null;
    }

    private static boolean isOfRow(Reduce reduce, Index row, Set<Expr> rows) {
        return reduce.dtype() == DType.FLOAT32
                && reduce.indices().size() == 1
                && reduce.indices().getFirst().extent().equals(row.extent())
                && Visit.free(reduce).containsAll(rows)
                && !Visit.free(reduce).contains(row)
                && TermBuilder.isExpensive(reduce.body());
    }

    private static @Nullable KeptPart of(
            Reduce reduce, Buffer buffer, List<Index> domain, Expr value, Index row) {
        var again = Substitution.ofIndices(reduce.body(), reduce.indices(), List.of(row));
        var rest = Materialize.replace(value, Map.of(again, new Load(buffer, List.copyOf(domain))));
        if (rest.equals(value)) return null;
        var place = new ArrayList<Expr>(domain);
        place.set(domain.indexOf(row), reduce.indices().getFirst());
        return new KeptPart(reduce, buffer, place, rest);
    }
}
