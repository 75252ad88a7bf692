package io.webdnn.train;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Turns the history of variables into a graph that can be compiled for any target.
///
/// The history is the network: parameters become constants. The leading axis of the inputs becomes
/// the symbol `N`, so that what is converted with a batch of one runs with any.
///
/// ```java
/// var x = new Variable(new float[28 * 28], 1, 1, 28, 28);
/// var y = F.softmax(model.predictor().call(x));
/// var graph = new ChainerConverter().convert(List.of(x), List.of(y));
/// ```
public final class ChainerConverter {
    private final boolean symbolicBatch;

    /// Converts for any size of the batch.
    public ChainerConverter() {
        this(true);
    }

    private ChainerConverter(boolean symbolicBatch) {
        this.symbolicBatch = symbolicBatch;
    }

    /// {@return a converter that keeps the sizes which the inputs have}
    public ChainerConverter withFixedBatch() {
        return new ChainerConverter(false);
    }

    /// {@return the graph that computes the outputs from the inputs}
    ///
    /// @throws TrainingException if the outputs do not depend on an input, or the network holds for
    ///   the given size of the batch only
    public Graph convert(List<Variable> inputs, List<Variable> outputs) {
        synchronized (Evaluation.LOCK) {
            var history = History.between(inputs, outputs);
            Evaluation.expectFresh(history, outputs.getFirst());
            for (var input : inputs) expectReached(history, input);
            int batchSize = symbolicBatch ? batchSize(inputs) : -1;
            var names = new HashSet<String>();
            var values = new IdentityHashMap<Variable, Value>();
            for (var input : inputs) {
                var name = unique(names, input.name().isEmpty() ? "input" : input.name());
                values.put(input, Value.input(name, History.typeOfLeaf(input, batchSize)));
            }
            var owners = owners(history);
            for (var leaf : history.leaves()) {
                values.computeIfAbsent(
                        leaf,
                        l -> Value.constant(owners.getOrDefault(l, "") + l.name(), l.array()));
            }
            HistoryGraph built;
            try {
                built = new HistoryGraph(history, leaf -> Objects.requireNonNull(values.get(leaf)));
            } catch (GraphException e) {
                throw TrainingException.saying(
                        "ChainerConverter",
                        "the network does not hold for every size of the batch (withFixedBatch()"
                                + " keeps the size): "
                                + e.getMessage());
            }
            var outputNames = new ArrayList<String>();
            for (var output : outputs) {
                outputNames.add(unique(names, output.name().isEmpty() ? "output" : output.name()));
            }
            return built.graph(inputs.stream().map(built::value).toList(), outputs, outputNames);
        }
    }

    private static void expectReached(History history, Variable input) {
        if (history.reference(input) != History.ABSENT) return;
        throw TrainingException.of(
                "ChainerConverter",
                "inputs",
                "variables that the outputs were computed from",
                input);
    }

    private static int batchSize(List<Variable> inputs) {
        int rank = 0;
        int size = -1;
        for (var input : inputs) {
            if (input.shape().rank() <= rank) continue;
            rank = input.shape().rank();
            size = input.size(0);
        }
        return size;
    }

    /// The links that call with each leaf, as prefixes of names.
    private static IdentityHashMap<Variable, String> owners(History history) {
        var owners = new IdentityHashMap<Variable, String>();
        for (var node : history.nodes()) {
            if (node.label().isEmpty()) continue;
            for (var input : node.inputs()) owners.putIfAbsent(input, node.label() + "/");
        }
        return owners;
    }

    private static String unique(Set<String> taken, String wanted) {
        var name = wanted;
        for (int i = 1; !taken.add(name); i++) name = wanted + i;
        return name;
    }
}
