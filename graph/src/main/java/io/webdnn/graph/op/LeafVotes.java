package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Load;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;

/// What the leaves of a [TreeEnsemble] say, as tables: a target and a weight for each leaf, or,
/// where a leaf has several votes, a weight for each leaf and target.
final class LeafVotes {
    private final boolean isSingle;
    private final Buffer targets;
    private final Buffer weights;

    LeafVotes(TreeEnsemble trees, DType dtype) {
        var leaves = trees.leaves();
        isSingle = leaves.stream().allMatch(leaf -> leaf.votes().size() <= 1);
        int rows = Math.max(1, leaves.size());
        int columns = isSingle ? 1 : trees.targets();
        var whose = Tensor.zeros(DType.INT32, rows, columns);
        var weight = Tensor.zeros(dtype, rows, columns);
        for (int i = 0; i < leaves.size(); i++) {
            if (isSingle) whose.ints()[i] = -1;
            for (var vote : leaves.get(i).votes()) {
                int at = isSingle ? i : i * columns + vote.target();
                boolean isFirst = isSingle || whose.ints()[at] == 0;
                double sum = combined(trees, isFirst, weight.getDouble(at), vote.weight());
                weight.setDouble(at, sum);
                whose.ints()[at] = isSingle ? vote.target() : 1;
            }
        }
        targets = Buffer.constant("targets", whose);
        weights = Buffer.constant("weights", weight);
    }

    /// {@return two votes of a leaf for one target as one}
    private static double combined(TreeEnsemble trees, boolean isFirst, double a, double b) {
        if (isFirst) return b;
        return switch (trees.aggregate()) {
            case SUM, AVERAGE -> a + b;
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
        };
    }

    /// {@return whether a leaf votes for a target}
    Expr isCast(Expr leaf, Expr target) {
        return isSingle
                ? new Load(targets, List.of(leaf, Expr.of(0))).isEqualTo(target)
                : new Load(targets, List.of(leaf, target)).isEqualTo(Expr.of(1));
    }

    /// {@return the weight of that vote}
    Expr weight(Expr leaf, Expr target) {
        return new Load(weights, List.of(leaf, isSingle ? Expr.of(0) : target));
    }
}
