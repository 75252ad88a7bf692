package io.webdnn.train;

import java.util.List;

/// One use of a [Function] in the history of a [Variable].
public final class FunctionNode {
    private final Function function;
    private final String label;
    private final List<Variable> inputs;
    private final boolean differentiable;
    private final long parameterVersions;

    /// Marks of the walk that visited this node last; see [History].
    long walk;

    int position;

    FunctionNode(Function function, String label, List<Variable> inputs, boolean differentiable) {
        this.function = function;
        this.label = label;
        this.inputs = inputs;
        this.differentiable = differentiable;
        this.parameterVersions = sumOfVersions();
    }

    private long sumOfVersions() {
        long sum = 0;
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) instanceof Parameter parameter) sum += parameter.version();
        }
        return sum;
    }

    /// {@return whether the parameters that this reads have been updated since it was recorded}
    boolean isStale() {
        return sumOfVersions() != parameterVersions;
    }

    /// {@return what is computed}
    public Function function() {
        return function;
    }

    /// {@return the name of the link that called the function, such as `conv1`, or an empty text}
    public String label() {
        return label;
    }

    /// {@return what is read}
    public List<Variable> inputs() {
        return inputs;
    }

    /// {@return whether [Variable#backward] may go through this node}
    public boolean isDifferentiable() {
        return differentiable;
    }

    /// {@return the function and its link: `LinearFunction 'l3'`}
    @Override
    public String toString() {
        return label.isEmpty() ? function.name() : function.name() + " '" + label + "'";
    }
}
