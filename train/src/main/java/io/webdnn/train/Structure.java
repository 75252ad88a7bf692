package io.webdnn.train;

import io.webdnn.graph.type.TensorType;
import java.util.Arrays;
import java.util.List;

/// What two steps have in common if one program serves both: the types of what is given, the
/// functions, how they are wired, what is asked for and what is replaced in place.
final class Structure {
    private final TensorType[] leaves;
    private final Function[] functions;
    private final long[] wiring;
    private final int hash;

    private Structure(TensorType[] leaves, Function[] functions, long[] wiring) {
        this.leaves = leaves;
        this.functions = functions;
        this.wiring = wiring;
        this.hash =
                31 * (31 * Arrays.hashCode(leaves) + Arrays.hashCode(functions))
                        + Arrays.hashCode(wiring);
    }

    /// @param batchSize the extent that is a symbol in the program, −1 for none
    /// @param targets what the last of the wanted variables replace, in order
    static Structure of(
            History history, List<Variable> wanted, List<Parameter> targets, int batchSize) {
        var leaves = new TensorType[history.leaves().size()];
        for (int i = 0; i < leaves.length; i++)
            leaves[i] = History.typeOfLeaf(history.leaves().get(i), batchSize);
        int inputs = 0;
        var functions = new Function[history.nodes().size()];
        for (int i = 0; i < functions.length; i++) {
            functions[i] = history.nodes().get(i).function();
            inputs += history.nodes().get(i).inputs().size();
        }
        long[] wiring = new long[1 + functions.length + inputs + wanted.size() + targets.size()];
        int at = 0;
        wiring[at++] = targets.size();
        for (var node : history.nodes()) {
            wiring[at++] = node.inputs().size();
            for (var input : node.inputs()) wiring[at++] = history.reference(input);
        }
        for (var variable : wanted) wiring[at++] = history.reference(variable);
        for (var target : targets) wiring[at++] = history.reference(target);
        return new Structure(leaves, functions, wiring);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Structure s
                && hash == s.hash
                && Arrays.equals(wiring, s.wiring)
                && Arrays.equals(leaves, s.leaves)
                && Arrays.equals(functions, s.functions);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
