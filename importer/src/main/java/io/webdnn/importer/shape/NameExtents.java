package io.webdnn.importer.shape;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.CumSum;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.pass.Pass;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Before: int64 arithmetic on the extents of inputs (`ReduceProd(Shape(x))`), whose results are
/// computed with further.
///
/// After: the results by name ([Extents]), which are evaluated where sizes are, so that a target of
/// 32 bits need not refuse what could be more; constants where no symbol is left.
public final class NameExtents implements Pass {
    @Override
    public Graph apply(Graph graph) {
        var symbols = new HashSet<String>();
        for (var input : graph.inputs()) symbols.addAll(input.type().shape().symbols());
        return symbols.isEmpty() ? graph : graph.rewrite(new Rule(symbols)::rewrite);
    }

    private static final class Rule {
        private final IdentityHashMap<Operand, List<Dimension>> known = new IdentityHashMap<>();
        private final ShapeArithmetic arithmetic = new ShapeArithmetic(this::extents);
        private final Set<String> symbols;

        Rule(Set<String> symbols) {
            this.symbols = symbols;
        }

        private @Nullable List<Dimension> extents(Value value) {
            var constant = value.constant();
            return constant == null ? known.get(value) : ShapeArithmetic.of(constant);
        }

        List<? extends Operand> rewrite(Node node, Operators g) {
            var made = arithmetic.of(node);
            if (made == null) return node.outputs();
            var result = named(node, made, g);
            known.put(result, made);
            return List.of(result);
        }

        private Operand named(Node node, List<Dimension> made, Operators g) {
            var output = node.outputs().getFirst();
            var type = output.type();
            if (type.dtype() != DType.INT64) return output;
            if (made.stream().allMatch(Dimension::isFixed)) {
                var numbers = made.stream().mapToLong(Dimension::value).toArray();
                return g.constant(Tensor.of(numbers, type.shape().toInts()));
            }
            if (!computes(node.op()) || !isOfInputs(made)) return output;
            var extents = g.vector(made);
            return type.rank() == 0 ? g.apply(new Reshape(), extents, g.vector()) : extents;
        }

        private static boolean computes(Op op) {
            return switch (op) {
                case Add _, Sub _, Mul _, Neg _, CumSum _, ReduceProd _ -> true;
                default -> false;
            };
        }

        private boolean isOfInputs(List<Dimension> extents) {
            return extents.stream().allMatch(e -> symbols.containsAll(e.symbols()));
        }
    }
}
