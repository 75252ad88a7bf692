package io.webdnn.verify.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.graph.Graph;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.gradient.Gradients;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Compute;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Expect;
import io.webdnn.graph.op.Lowering;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.conformance.Targets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// An operator that is defined here, and nowhere else, runs on every target and has a gradient.
class CustomOperatorTest {
    private static final float[] X = {-2, -1.5f, -0.25f, 0, 0.5f, 1, 3};

    /// `y = x³ − scale · x`.
    private record Bent(double scale) implements CustomOp {
        @Override
        public List<TensorType> infer(Operands in) {
            return List.of(Expect.of(in).count(1, 1).input(0, "x").floating().type());
        }

        @Override
        public Lowering lower(Operands in) {
            return Compute.each(
                    in.type(0),
                    o -> {
                        var x = in.load(0, o);
                        var slope = Expr.of(in.type(0).dtype(), scale);
                        return x.times(x).times(x).minus(slope.times(x));
                    });
        }
    }

    static Stream<String> targets() {
        return Targets.names().stream();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void runsOnEveryTarget(String name) throws Exception {
        assumeTrue(
                !name.startsWith("web") || Chromium.find().isPresent(),
                "no Chromium: set CHROME_PATH");
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, X.length));
        var graph = g.build(Map.of("y", g.apply(new Bent(2), x)));
        try (var target = Targets.named(List.of(name)).getFirst()) {
            var y = target.compile(graph).run(List.of(Tensor.of(X.clone(), X.length))).getFirst();
            for (int i = 0; i < X.length; i++) {
                assertThat(y.getDouble(i)).isCloseTo(X[i] * X[i] * X[i] - 2.0 * X[i], within(1e-5));
            }
        }
    }

    @Test
    void hasAGradient() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, X.length));
        var loss = g.apply(new ReduceSum(false, false), g.apply(new Bent(2), x));
        var gradient = Gradients.of(g, loss, List.of(x)).getFirst();
        assertThat(gradient).isNotNull();
        if (gradient == null) return;
        var graph = Graph.of(List.of(x), List.of(gradient));
        var dx = Interpreter.run(graph, List.of(Tensor.of(X.clone(), X.length))).getFirst();
        for (int i = 0; i < X.length; i++) {
            assertThat(dx.getDouble(i)).isCloseTo(3.0 * X[i] * X[i] - 2, within(1e-5));
        }
    }
}
