package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.TreeEnsemble;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decision trees in the older form, where nodes have a number within their tree and leaves any
/// number of votes.
///
/// Source: ONNX ai.onnx.ml TreeEnsembleClassifier-3, TreeEnsembleRegressor-3.
final class TreeVotes {
    private static final List<String> MODES =
            List.of(
                    "BRANCH_LEQ",
                    "BRANCH_LT",
                    "BRANCH_GTE",
                    "BRANCH_GT",
                    "BRANCH_EQ",
                    "BRANCH_NEQ");

    private TreeVotes() {}

    static void addTo(Map<String, Operator> table) {
        table.put(
                MachineLearningOperators.DOMAIN + "TreeEnsembleClassifier", TreeVotes::classifier);
        table.put(
                MachineLearningOperators.DOMAIN + "TreeEnsembleRegressor",
                single(TreeVotes::regressor));
    }

    /// A node of a tree, by the numbers that the file gives it.
    private record Place(long tree, long node) {}

    private static Value regressor(Translation node) {
        int targets = Math.toIntExact(node.integer("n_targets", 1));
        var aggregate =
                TreeEnsemble.Aggregate.valueOf(
                        node.choice("aggregate_function", "SUM", "AVERAGE", "MIN", "MAX"));
        var trees = trees(node, "target", targets, aggregate);
        var scores = node.apply(trees, ClassScores.rows(node));
        scores = based(node, scores, targets);
        return node.cast(ClassScores.transformed(node, scores), DType.FLOAT32);
    }

    /// Where the leaves vote for one class only, that is the second of two, and the first has what
    /// it leaves.
    private static List<Value> classifier(Translation node) {
        var labels = ClassScores.labels(node, "classlabels_int64s");
        int classes = labels.size();
        var voted = new HashSet<>(needed(node, "class_ids"));
        var trees = trees(node, "class", classes, TreeEnsemble.Aggregate.SUM);
        var scores = based(node, node.apply(trees, ClassScores.rows(node)), classes);
        var how =
                node.choice(
                        "post_transform", "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");
        boolean isPair = classes <= 2 && voted.size() == 1;
        if (isPair) {
            var which = node.vector(voted.iterator().next());
            var second = node.apply(new Gather(1), scores, which);
            boolean isProbability = how.equals("NONE") || how.equals("PROBIT");
            var first =
                    isProbability
                            ? node.sub(node.like(second, 1), second)
                            : node.apply(new Neg(), second);
            if (classes == 1 && !isProbability) first = second;
            scores = ClassScores.beside(node, first, second);
        }
        var shown = ClassScores.transformed(node, how, scores);
        var ranked = how.equals("SOFTMAX_ZERO") ? shown : scores; // others keep the order
        if (classes == 1) labels = withNothing(node, labels);
        return ClassScores.outputs(node, ClassScores.top(node, labels, ranked), shown);
    }

    /// {@return 0 and the only label}
    private static Tensor withNothing(Translation node, Tensor labels) {
        if (labels.dtype() == DType.STRING)
            throw node.wrong("classlabels_strings", "two or more labels", labels.size());
        return Tensor.of(new long[] {0, labels.getLong(0)}, 2);
    }

    private static Value based(Translation node, Value scores, int count) {
        var base = numbers(node, "base_values");
        if (base == null || base.length == 0) return scores;
        if (base.length != count && base.length != 1)
            throw node.wrong("base_values", count + " numbers", base.length);
        return node.add(scores, ClassScores.like(node, scores, base, base.length));
    }

    private static double @Nullable [] numbers(Translation node, String name) {
        var tensor = node.tensor(name + "_as_tensor");
        if (tensor == null) return ClassScores.numbers(node, name);
        var numbers = new double[tensor.size()];
        for (int i = 0; i < numbers.length; i++) numbers[i] = tensor.getDouble(i);
        return numbers;
    }

    private static List<Long> needed(Translation node, String name) {
        var list = node.integers(name);
        if (list == null) throw node.wrong(name, "ints", "none");
        return list;
    }

    private static double[] neededNumbers(Translation node, String name, int count) {
        var list = numbers(node, name);
        if (list == null || list.length != count)
            throw node.wrong(name, count + " numbers", list == null ? "none" : list.length);
        return list;
    }

    private static TreeEnsemble trees(
            Translation node, String votes, int width, TreeEnsemble.Aggregate aggregate) {
        var treeIds = needed(node, "nodes_treeids");
        int count = treeIds.size();
        var ids = lists(node, count, "nodes_nodeids", "nodes_featureids");
        var children = lists(node, count, "nodes_truenodeids", "nodes_falsenodeids");
        var modes = node.texts("nodes_modes");
        var missing = node.integers("nodes_missing_value_tracks_true");
        node.ignore("nodes_hitrates", "nodes_hitrates_as_tensor"); // how often, not what
        if (count > TreeEnsembles.MOST_NODES || width < 1)
            throw node.wrong("nodes_treeids", "up to " + TreeEnsembles.MOST_NODES, count);
        if (modes == null || modes.size() != count)
            throw node.wrong(
                    "nodes_modes", count + " words", modes == null ? "none" : modes.size());
        if (missing != null && !missing.isEmpty() && missing.size() != count)
            throw node.wrong("nodes_missing_value_tracks_true", count + " ints", missing.size());
        var values = neededNumbers(node, "nodes_values", count);
        var numbers = new HashMap<Place, Integer>(); // inner nodes, then leaves
        var leaves = new HashMap<Place, Integer>();
        var roots = new HashMap<Long, Place>();
        var order = new ArrayList<Place>();
        int inner = 0;
        for (int i = 0; i < count; i++) {
            var place = new Place(treeIds.get(i), ids.getFirst().get(i));
            boolean isLeaf = modes.get(i).equals("LEAF");
            if (numbers.containsKey(place) || leaves.containsKey(place))
                throw node.wrong("nodes_nodeids", "each number once in a tree", place.node);
            if (isLeaf) leaves.put(place, leaves.size());
            else numbers.put(place, inner++);
            if (roots.putIfAbsent(place.tree, place) == null) order.add(place);
        }
        int innerCount = inner;
        leaves.forEach((place, leaf) -> numbers.put(place, innerCount + leaf));
        var decisions = new ArrayList<TreeEnsemble.Inner>();
        for (int i = 0; i < count; i++) {
            if (modes.get(i).equals("LEAF")) continue;
            int mode = MODES.indexOf(modes.get(i));
            if (mode < 0) throw node.wrong("nodes_modes", "one of " + MODES, modes.get(i));
            boolean tracks = missing != null && !missing.isEmpty() && missing.get(i) != 0;
            decisions.add(
                    new TreeEnsemble.Inner(
                            Math.toIntExact(ids.getLast().get(i)),
                            TreeEnsembles.mode(node, mode),
                            values[i],
                            List.of(),
                            tracks,
                            child(node, numbers, treeIds.get(i), children.getFirst().get(i)),
                            child(node, numbers, treeIds.get(i), children.getLast().get(i))));
        }
        var starts = order.stream().map(numbers::get).toList();
        return new TreeEnsemble(
                starts, decisions, ends(node, votes, leaves, width), width, aggregate);
    }

    private static List<List<Long>> lists(Translation node, int count, String... names) {
        var lists = new ArrayList<List<Long>>();
        for (var name : names) {
            var list = needed(node, name);
            if (list.size() != count) throw node.wrong(name, count + " ints", list.size());
            lists.add(list);
        }
        return lists;
    }

    private static int child(Translation node, Map<Place, Integer> numbers, long tree, long id) {
        var number = numbers.get(new Place(tree, id));
        if (number == null) throw node.wrong("node ids", "nodes of tree " + tree, id);
        return number;
    }

    private static List<TreeEnsemble.Leaf> ends(
            Translation node, String votes, Map<Place, Integer> leaves, int width) {
        var targets = needed(node, votes + "_ids");
        int count = targets.size();
        var places = lists(node, count, votes + "_treeids", votes + "_nodeids");
        var weights = neededNumbers(node, votes + "_weights", count);
        var said = new ArrayList<List<TreeEnsemble.Vote>>();
        for (int i = 0; i < leaves.size(); i++) said.add(new ArrayList<>());
        for (int i = 0; i < count; i++) {
            var leaf = leaves.get(new Place(places.getFirst().get(i), places.getLast().get(i)));
            if (leaf == null)
                throw node.wrong(
                        votes + "_nodeids", "leaves", places.getLast().get(i) + ", an inner node");
            int target = Math.toIntExact(targets.get(i));
            said.get(leaf).add(new TreeEnsemble.Vote(target, weights[i]));
        }
        if (said.stream().anyMatch(v -> v.size() > 1)
                && (long) width * leaves.size() > TreeEnsembles.MOST_VOTES)
            throw node.wrong("leaves", "at most 2^26 votes in all", (long) width * leaves.size());
        return said.stream().map(TreeEnsemble.Leaf::new).toList();
    }
}
