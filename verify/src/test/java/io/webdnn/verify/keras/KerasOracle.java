package io.webdnn.verify.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.webdnn.compiler.Program;
import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// What Keras gave, beside what an imported graph gives.
final class KerasOracle {
    private KerasOracle() {}

    /// Expects Keras's output from the interpreter and from the compiled program.
    static void assertGives(Tensor expected, Graph graph, Tensor input, double tolerance) {
        var inputs = List.of(input);
        var interpreted = Interpreter.run(graph, inputs).getFirst();
        assertClose(expected, interpreted, tolerance, "interpreter");
        assertClose(expected, Program.compile(graph).run(inputs).getFirst(), tolerance, "jvm");
    }

    private static void assertClose(
            Tensor expected, Tensor actual, double tolerance, String target) {
        assertEquals(Arrays.toString(expected.shape()), Arrays.toString(actual.shape()), target);
        for (int i = 0; i < expected.size(); i++)
            assertEquals(
                    expected.getDouble(i),
                    actual.getDouble(i),
                    tolerance,
                    target + ", element " + i);
    }
}
