package io.webdnn.train;

import io.webdnn.graph.type.TensorType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The part of a recorded history that some variables need: what is given (*leaves*), and the calls
/// in an order in which each stands after what it reads.
///
/// A walk stops at variables that are computed already, unless a gradient is asked for, which needs
/// the whole way back to the parameters. It does not recurse: histories may be tens of thousands of
/// calls deep. Walks leave marks in the history, so only one may be under way: hold
/// [Evaluation#LOCK].
final class History {
    /// The reference of a variable that is not part of the history.
    static final long ABSENT = Long.MIN_VALUE;

    private static long walks;

    private final List<Variable> leaves = new ArrayList<>();
    private final List<FunctionNode> nodes = new ArrayList<>();
    private final ArrayDeque<FunctionNode> stack = new ArrayDeque<>();
    private final List<Variable> ends;
    private boolean through;
    private long walk;

    /// @param ends where the walk stops, besides at what was given
    private History(List<Variable> ends) {
        this.ends = ends;
    }

    /// {@return what is needed to compute the given variables}
    static History of(List<Variable> wanted) {
        var history = new History(List.of());
        while (!history.collect(wanted)) history.through = true;
        return history;
    }

    /// {@return everything that the given variables came from, computed or not}
    static History whole(List<Variable> wanted) {
        return between(List.of(), wanted);
    }

    /// {@return everything that the given variables came from, computed or not, up to some that
    /// count as given}
    static History between(List<Variable> ends, List<Variable> wanted) {
        var history = new History(ends);
        history.through = true;
        history.collect(wanted);
        return history;
    }

    List<Variable> leaves() {
        return leaves;
    }

    List<FunctionNode> nodes() {
        return nodes;
    }

    /// {@return false if the walk must be made anew, through computed variables}
    private boolean collect(List<Variable> wanted) {
        leaves.clear();
        nodes.clear();
        walk = ++walks;
        for (int i = 0; i < wanted.size(); i++) {
            enter(wanted.get(i));
            while (!stack.isEmpty()) {
                var node = stack.peek();
                if (node.walk == walk) {
                    stack.pop();
                    continue;
                }
                if (!through && node.function() instanceof Backward.Gradient) {
                    stack.clear();
                    return false;
                }
                int waiting = stack.size();
                for (int k = node.inputs().size() - 1; k >= 0; k--) enter(node.inputs().get(k));
                if (stack.size() == waiting) {
                    stack.pop();
                    node.walk = walk;
                    node.position = nodes.size();
                    nodes.add(node);
                }
            }
        }
        for (int i = 0; i < nodes.size(); i++) enterLeaves(nodes.get(i).inputs());
        enterLeaves(wanted);
        return true;
    }

    private void enter(Variable variable) {
        var creator = creatorToVisit(variable);
        if (creator != null && creator.walk != walk) stack.push(creator);
    }

    /// {@return the node that gives a variable, or null for a leaf}
    @Nullable FunctionNode creatorToVisit(Variable variable) {
        if (variable.isComputed() && !through || isEnd(variable)) return null;
        return variable.creator();
    }

    private boolean isEnd(Variable variable) {
        for (int i = 0; i < ends.size(); i++) if (ends.get(i) == variable) return true;
        return false;
    }

    private void enterLeaves(List<Variable> variables) {
        for (int i = 0; i < variables.size(); i++) {
            var variable = variables.get(i);
            if (creatorToVisit(variable) == null && variable.walk != walk) {
                variable.walk = walk;
                variable.position = leaves.size();
                leaves.add(variable);
            }
        }
    }

    /// {@return where a variable of this history stands: leaves from 0 up, outputs of nodes from −1
    /// down}
    long reference(Variable variable) {
        var creator = creatorToVisit(variable);
        if (creator == null) return variable.walk == walk ? variable.position : ABSENT;
        return -1 - ((long) creator.position << 32 | variable.outputIndex());
    }

    /// {@return the extent that counts as the size of the batch: the leading one of the given
    /// variable with the most axes; −1 if there is none}
    int batchSize() {
        int rank = 0;
        int size = -1;
        for (int i = 0; i < leaves.size(); i++) {
            var leaf = leaves.get(i);
            if (leaf instanceof Parameter) continue;
            if (leaf.shape().rank() > rank) {
                rank = leaf.shape().rank();
                size = leaf.size(0);
            }
        }
        return size;
    }

    /// {@return the type of a leaf, its leading axis being `N` where that is the batch}
    static TensorType typeOfLeaf(Variable leaf, int batchSize) {
        var type = leaf.type();
        boolean batched =
                !(leaf instanceof Parameter)
                        && type.rank() > 0
                        && type.shape().get(0).is(batchSize);
        return batched ? Types.batched(type) : type;
    }
}
