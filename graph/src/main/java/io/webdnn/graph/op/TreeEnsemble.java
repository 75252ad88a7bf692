package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.LinkedHashSet;
import java.util.List;

/// Decision trees: `Y[n, t] = aggregate over trees of what the leaf votes for t`, the leaf being
/// the one that row n of X reaches.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, F]` | float |
/// | Y | `[N, targets]` | as X |
///
/// An inner node compares one feature with its number or asks whether it is one of its set, and
/// goes to one of two nodes; NaN compares as false, or as true where `missing` says so, whatever
/// the comparison. Nodes count from 0, leaves stand behind the inner nodes. A target that the leaf
/// of a tree does not vote for is left out of the aggregate; one that none votes for is 0.
/// `AVERAGE` divides by the number of trees.
///
/// Two stages: the leaf of each row and tree by as many steps as the deepest path has, then the
/// aggregate. Source: ONNX ai.onnx.ml TreeEnsemble-5; its older forms, whose leaves have several
/// votes, are TreeEnsembleClassifier-3 and TreeEnsembleRegressor-3.
///
/// @param roots the first node of each tree
public record TreeEnsemble(
        List<Integer> roots, List<Inner> inner, List<Leaf> leaves, int targets, Aggregate aggregate)
        implements Primitive {
    /// How an inner node decides: the feature is … its number.
    public enum Mode {
        AT_MOST,
        LESS,
        AT_LEAST,
        GREATER,
        EQUAL,
        NOT_EQUAL,
        /// One of its set.
        MEMBER;

        /// {@return the number that stands for this in the table of nodes, and in ONNX}
        public int code() {
            return switch (this) {
                case AT_MOST -> 0;
                case LESS -> 1;
                case AT_LEAST -> 2;
                case GREATER -> 3;
                case EQUAL -> 4;
                case NOT_EQUAL -> 5;
                case MEMBER -> 6;
            };
        }
    }

    /// What is made of the trees' numbers.
    public enum Aggregate {
        AVERAGE,
        SUM,
        MIN,
        MAX
    }

    /// A decision.
    public record Inner(
            int feature,
            Mode mode,
            double number,
            List<Double> set,
            boolean missing,
            int whenTrue,
            int whenFalse) {
        public Inner {
            set = List.copyOf(set);
        }
    }

    /// What a leaf says for one target.
    public record Vote(int target, double weight) {}

    /// An end.
    public record Leaf(List<Vote> votes) {
        public Leaf {
            votes = List.copyOf(votes);
        }

        /// With one vote.
        public Leaf(int target, double weight) {
            this(List.of(new Vote(target, weight)));
        }
    }

    public TreeEnsemble {
        roots = List.copyOf(roots);
        inner = List.copyOf(inner);
        leaves = List.copyOf(leaves);
        int nodes = inner.size() + leaves.size();
        for (var leaf : leaves)
            for (var vote : leaf.votes)
                if (vote.target < 0 || vote.target >= targets)
                    throw GraphException.of(
                            "TreeEnsemble", "target", "0 ... " + (targets - 1), vote.target);
        for (int root : roots)
            if (root < 0 || root >= nodes)
                throw GraphException.of("TreeEnsemble", "root", "0 ... " + (nodes - 1), root);
        depth(roots, inner);
    }

    /// {@return the number of decisions on the longest path}
    private static int depth(List<Integer> roots, List<Inner> inner) {
        var level = new LinkedHashSet<>(roots);
        int depth = 0;
        while (level.stream().anyMatch(i -> i < inner.size())) {
            if (depth++ > inner.size())
                throw GraphException.of("TreeEnsemble", "nodes", "trees", "a cycle");
            var next = new LinkedHashSet<Integer>();
            for (int i : level) {
                if (i >= inner.size()) continue;
                next.add(inner.get(i).whenTrue);
                next.add(inner.get(i).whenFalse);
            }
            level = next;
        }
        return depth;
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").floating().rank(2).type();
        var features = x.shape().get(1);
        for (var node : inner)
            if (node.feature < 0 || features.isFixed() && node.feature >= features.value())
                throw GraphException.of(
                        "TreeEnsemble", "feature", "0 ... " + features.plus(-1), node.feature);
        return List.of(x.with(Shape.of(x.shape().get(0), Dimension.of(targets))));
    }

    @Override
    public Lowering lower(Operands in) {
        var dtype = in.type(0).dtype();
        int most = inner.stream().mapToInt(n -> n.set.size()).max().orElse(0);
        var links = Tensor.zeros(DType.INT32, Math.max(1, inner.size()), 5);
        var numbers = Tensor.zeros(dtype, Math.max(1, inner.size()), most + 1);
        for (int i = 0; i < inner.size(); i++) {
            var node = inner.get(i);
            int[] row = {
                node.feature, node.mode.code(), node.missing ? 1 : 0, node.whenTrue, node.whenFalse
            };
            System.arraycopy(row, 0, links.ints(), 5 * i, 5);
            for (int k = 0; k <= most; k++) {
                double other = k == 0 || node.set.isEmpty() ? node.number : node.set.getFirst();
                numbers.setDouble(
                        i * (most + 1) + k,
                        k > 0 && k <= node.set.size() ? node.set.get(k - 1) : other);
            }
        }
        var starts = Tensor.of(roots.stream().mapToInt(r -> r).toArray(), roots.size());
        var tables =
                new Tables(
                        Buffer.constant("links", links),
                        Buffer.constant("numbers", numbers),
                        Buffer.constant("roots", starts),
                        most);
        var rows = in.extent(0, 0);
        var reached =
                Buffer.of(
                        "reached",
                        new TensorType(DType.INT32, Shape.of(rows, Dimension.of(roots.size()))));
        var y = Buffer.of("y", infer(in).getFirst());
        var find = Stage.each(reached, o -> leaf(in, o, tables));
        var votes = new LeafVotes(this, dtype);
        var sum = Stage.each(y, o -> aggregated(o, reached, votes, dtype));
        return new Compute(List.of(find, sum), List.of(y));
    }

    private record Tables(Buffer links, Buffer numbers, Buffer roots, int most) {
        Expr link(Expr node, int column) {
            return new Load(links, List.of(node, Expr.of(column)));
        }
    }

    private Expr leaf(Operands in, List<Index> o, Tables tables) {
        var root = new Load(tables.roots, List.of(o.get(1)));
        int depth = depth(roots, inner);
        if (depth == 0) return root;
        var at = new Local("at", DType.INT32);
        // a leaf stays where it is; it has no row of its own
        var isInner = at.less(Expr.of(inner.size()));
        var row = at.min(Expr.of(inner.size() - 1));
        var x = in.load(0, o.get(0), tables.link(row, 0));
        var next = decision(x, row, tables).select(tables.link(row, 3), tables.link(row, 4));
        var update = isInner.select(next, at);
        var step = new Index("step", Dimension.of(depth));
        return new Fold(List.of(step), List.of(new Accumulator(at, root, update)), at);
    }

    private static Expr decision(Expr x, Expr row, Tables tables) {
        var number = new Load(tables.numbers, List.of(row, Expr.of(0)));
        Expr decided = Literal.of(false);
        for (var mode : Mode.values()) {
            var holds =
                    switch (mode) {
                        case AT_MOST -> x.lessOrEqual(number);
                        case LESS -> x.less(number);
                        case AT_LEAST -> number.lessOrEqual(x);
                        case GREATER -> number.less(x);
                        case EQUAL -> x.isEqualTo(number);
                        case NOT_EQUAL -> x.isEqualTo(number).apply(Unary.Operator.NOT);
                        case MEMBER -> isMember(x, row, tables);
                    };
            decided = decided.or(tables.link(row, 1).isEqualTo(Expr.of(mode.code())).and(holds));
        }
        var isMissing = tables.link(row, 2).isEqualTo(Expr.of(1));
        return x.apply(Unary.Operator.IS_NAN).select(isMissing, decided);
    }

    private static Expr isMember(Expr x, Expr row, Tables tables) {
        if (tables.most == 0) return Literal.of(false);
        var k = new Index("k", Dimension.of(tables.most));
        var member = new Load(tables.numbers, List.of(row, k.plus(1)));
        return new Reduce(Reduce.Operator.ANY, List.of(k), x.isEqualTo(member));
    }

    private Expr aggregated(List<Index> o, Buffer reached, LeafVotes votes, DType dtype) {
        var tree = new Index("tree", Dimension.of(roots.size()));
        var leaf = new Load(reached, List.of(o.get(0), tree)).minus(Expr.of(inner.size()));
        var isTarget = votes.isCast(leaf, o.get(1));
        var value = votes.weight(leaf, o.get(1));
        var zero = Expr.of(dtype, 0);
        return switch (aggregate) {
            case SUM -> Expr.sum(List.of(tree), isTarget.select(value, zero));
            case AVERAGE ->
                    Expr.sum(List.of(tree), isTarget.select(value, zero))
                            .dividedBy(Expr.of(dtype, Math.max(1, roots.size())));
            case MIN, MAX -> {
                boolean most = aggregate == Aggregate.MAX;
                double least = most ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
                var extreme =
                        new Reduce(
                                most ? Reduce.Operator.MAX : Reduce.Operator.MIN,
                                List.of(tree),
                                isTarget.select(value, Expr.of(dtype, least)));
                var isAny = new Reduce(Reduce.Operator.ANY, List.of(tree), isTarget);
                yield isAny.select(extreme, zero);
            }
        };
    }
}
