package io.webdnn.verify.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.interpret.Bounds;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.verify.conformance.Tolerance;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The interpreter, which uses no value outside a tensor, gives what the oracles say.
class OperatorSuiteTest {
    @TestFactory
    Stream<DynamicTest> interpreter() {
        return OperatorSuite.cases()
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> run(one)));
    }

    private static void run(OperatorCase one) {
        var actual = Interpreter.run(one.graph(), one.inputs(), Bounds.CHECKED);
        assertThat(actual).hasSameSizeAs(one.expected());
        for (int i = 0; i < actual.size(); i++) {
            var wrong = Tolerance.EXACT_ARITHMETIC.compare(one.expected().get(i), actual.get(i));
            assertThat(wrong).as("%s: output %d", one, i).isNull();
        }
    }

    @Test
    void namesAreUnique() {
        assertThat(OperatorSuite.cases().map(OperatorCase::name)).doesNotHaveDuplicates();
    }
}
