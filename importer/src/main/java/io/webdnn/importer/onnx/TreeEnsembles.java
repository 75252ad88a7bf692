package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.TreeEnsemble;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decision trees, from the lists of nodes that ONNX keeps them in.
///
/// Source: ONNX ai.onnx.ml TreeEnsemble-5.
final class TreeEnsembles {
    static final int MOST_NODES = 1 << 22;
    static final int MOST_VOTES = 1 << 26;

    /// By ONNX's number.
    private static final List<String> TRANSFORMS =
            List.of("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");

    private TreeEnsembles() {}

    /// Leaves stand behind the inner nodes.
    static Value trees(Translation node) {
        var roots = needed(node, "tree_roots");
        var features = needed(node, "nodes_featureids");
        var trueIds = needed(node, "nodes_truenodeids");
        var falseIds = needed(node, "nodes_falsenodeids");
        var trueLeaves = needed(node, "nodes_trueleafs");
        var falseLeaves = needed(node, "nodes_falseleafs");
        var modes = node.tensor("nodes_modes");
        var splits = node.tensor("nodes_splits");
        var targets = needed(node, "leaf_targetids");
        var weights = node.tensor("leaf_weights");
        var members = node.tensor("membership_values");
        var missing = node.integers("nodes_missing_value_tracks_true");
        node.tensor("nodes_hitrates");
        var how = TRANSFORMS.get(transform(node));
        int inner = features.size();
        int leaves = targets.size();
        if (modes == null || splits == null || weights == null)
            throw node.wrong("nodes_modes, nodes_splits, leaf_weights", "tensors", "none");
        if (trueIds.size() != inner
                || falseIds.size() != inner
                || trueLeaves.size() != inner
                || falseLeaves.size() != inner
                || modes.size() != inner
                || splits.size() != inner
                || weights.size() != leaves
                || missing != null && missing.size() != inner
                || inner + leaves > MOST_NODES)
            throw node.wrong("nodes_*, leaf_*", "lists of one length each", inner);
        int width = Math.toIntExact(node.integer("n_targets", 1));
        if (width < 1 || (long) width * (inner + leaves) > MOST_VOTES)
            throw node.wrong("n_targets", "1 ... 2^26 numbers in all", width);
        var sets = sets(node, modes, members);
        var nodes = new ArrayList<TreeEnsemble.Inner>();
        for (int i = 0; i < inner; i++) {
            nodes.add(
                    new TreeEnsemble.Inner(
                            Math.toIntExact(features.get(i)),
                            mode(node, modes.getLong(i)),
                            splits.getDouble(i),
                            sets.get(i),
                            missing != null && missing.get(i) != 0,
                            place(node, trueIds.get(i), trueLeaves.get(i), inner, leaves),
                            place(node, falseIds.get(i), falseLeaves.get(i), inner, leaves)));
        }
        var ends = new ArrayList<TreeEnsemble.Leaf>();
        for (int i = 0; i < leaves; i++)
            ends.add(new TreeEnsemble.Leaf(Math.toIntExact(targets.get(i)), weights.getDouble(i)));
        var aggregate =
                switch ((int) node.integer("aggregate_function", 1)) {
                    case 0 -> TreeEnsemble.Aggregate.AVERAGE;
                    case 1 -> TreeEnsemble.Aggregate.SUM;
                    case 2 -> TreeEnsemble.Aggregate.MIN;
                    case 3 -> TreeEnsemble.Aggregate.MAX;
                    default ->
                            throw node.wrong(
                                    "aggregate_function",
                                    "0 ... 3",
                                    node.integer("aggregate_function", 1));
                };
        var starts = roots.stream().map(Math::toIntExact).toList();
        var trees = new TreeEnsemble(starts, nodes, ends, width, aggregate);
        return ClassScores.transformed(node, how, node.apply(trees, node.input(0)));
    }

    private static int transform(Translation node) {
        long code = node.integer("post_transform", 0);
        if (code < 0 || code >= TRANSFORMS.size())
            throw node.wrong("post_transform", "0 ... " + (TRANSFORMS.size() - 1), code);
        return (int) code;
    }

    private static List<Long> needed(Translation node, String name) {
        var list = node.integers(name);
        if (list == null) throw node.wrong(name, "ints", "none");
        return list;
    }

    private static int place(Translation node, long id, long isLeaf, int inner, int leaves) {
        if (id < 0 || id >= (isLeaf != 0 ? leaves : inner))
            throw node.wrong("node ids", "nodes or leaves that are there", id);
        return (int) (isLeaf != 0 ? inner + id : id);
    }

    static TreeEnsemble.Mode mode(Translation node, long code) {
        for (var mode : TreeEnsemble.Mode.values()) if (mode.code() == code) return mode;
        throw node.wrong("nodes_modes", "0 ... 6", code);
    }

    /// The sets of those nodes that ask for one stand one behind the other, each ended by NaN.
    private static List<List<Double>> sets(
            Translation node, Tensor modes, @Nullable Tensor members) {
        var sets = new ArrayList<List<Double>>();
        int next = 0;
        for (int i = 0; i < modes.size(); i++) {
            var set = new ArrayList<Double>();
            if (mode(node, modes.getLong(i)) == TreeEnsemble.Mode.MEMBER) {
                while (true) {
                    if (members == null || next >= members.size())
                        throw node.wrong("membership_values", "a set for node " + i, "none");
                    double value = members.getDouble(next++);
                    if (Double.isNaN(value)) break;
                    set.add(value);
                }
            }
            sets.add(set);
        }
        return sets;
    }
}
