package io.webdnn.train;

import io.webdnn.graph.Value;
import io.webdnn.graph.gradient.Gradients;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import java.util.ArrayList;
import java.util.List;

/// Records gradients: one node in the history stands for the whole way back, and becomes operators
/// when a program is compiled.
final class Backward {
    private Backward() {}

    /// Gradients of the first input with respect to each of the others.
    record Gradient() implements Function {
        @Override
        public String name() {
            return "Gradient";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var targets = new ArrayList<Value>();
            for (var input : inputs.subList(1, inputs.size())) targets.add(Value.of(input));
            var gradients = Gradients.of(g, Value.of(inputs.getFirst()), targets);
            var outputs = new ArrayList<Operand>();
            for (int i = 0; i < targets.size(); i++) {
                var gradient = gradients.get(i);
                outputs.add(gradient == null ? zeros(g, targets.get(i)) : gradient);
            }
            return outputs;
        }

        /// For what the loss does not depend on, since only comparisons lead there.
        private static Operand zeros(Operators g, Value target) {
            if (target.type().shape().isFixed()) return g.constant(Types.zeros(target.type()));
            return g.apply(new Mul(), target, g.scalar(target.type().dtype(), 0));
        }
    }

    static void from(Variable root) {
        if (!root.isOneElement()) {
            throw TrainingException.of(
                    "backward", "variable", "one element (take F.sum or F.mean)", root.type());
        }
        if (root.creator() == null) {
            throw TrainingException.saying(
                    "backward",
                    "the variable has no history; it was given, or computed while"
                            + " Configuration.backprop was off");
        }
        synchronized (Evaluation.LOCK) {
            computeWhatIsNotDifferentiable(root);
            var history = History.whole(List.of(root));
            Evaluation.expectFresh(history, root);
            var inputs = new ArrayList<Variable>();
            inputs.add(root);
            for (var leaf : history.leaves()) if (leaf.requiresGradient()) inputs.add(leaf);
            var node = new FunctionNode(new Gradient(), "", List.copyOf(inputs), true);
            for (int i = 1; i < inputs.size(); i++) {
                var target = inputs.get(i);
                target.addGradient(new Variable(target.type(), node, i - 1));
            }
        }
        root.retain();
    }

    /// Values that were recorded without backprop are constants: their history ends with them.
    private static void computeWhatIsNotDifferentiable(Variable root) {
        var constants = new ArrayList<Variable>();
        for (var node : History.whole(List.of(root)).nodes()) {
            for (var input : node.inputs()) {
                var creator = input.creator();
                if (creator != null && !creator.isDifferentiable()) constants.add(input);
            }
        }
        if (!constants.isEmpty()) Evaluation.compute(constants);
    }
}
