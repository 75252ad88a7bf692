package io.webdnn.verify.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.compiler.CompileException;
import io.webdnn.graph.interpret.Bounds;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.HostOperator;
import io.webdnn.graph.op.Op;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.conformance.Target;
import io.webdnn.verify.conformance.Targets;
import io.webdnn.verify.conformance.Tolerance;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /// Every compiled target takes every case or says why not; it never gives another result.
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(strings = {"jvm", "webassembly", "webgl", "webgpu"})
    void compiled(String name) throws Exception {
        boolean inBrowser = name.startsWith("web");
        assumeTrue(!inBrowser || Chromium.find().isPresent(), "no Chromium: set CHROME_PATH");
        var wrong = new ArrayList<String>();
        var refused = new ArrayList<String>();
        int passes = 0;
        try (var target = Targets.named(List.of(name)).getFirst()) {
            for (var one : OperatorSuite.cases().toList()) {
                try {
                    var difference = difference(target, one);
                    if (difference == null) passes++;
                    else wrong.add(one + ": " + difference);
                } catch (CompileException e) {
                    refused.add(one + ": " + e.getMessage());
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(refused)
                .as("what %s refuses: 64 bits, long rows that depend on those before", name)
                .allMatch(r ->
                        r.contains("int64")
                                || r.contains("uint64")
                                || r.contains("depend on those before")
                                || r.contains("float64"));
        assertThat(passes).as("passes of %s", name).isGreaterThan(1200);
    }

    private static @Nullable String difference(Target target, OperatorCase one) throws Exception {
        var actual = target.compile(one.graph()).run(one.inputs());
        for (int i = 0; i < one.expected().size(); i++) {
            var wrong = target.tolerance().compare(one.expected().get(i), actual.get(i));
            if (wrong != null) return "output " + i + ": " + wrong;
        }
        return null;
    }

    /// But those that only gradients make, those of users, and functions of the JVM on strings,
    /// which have tests of their own.
    @Test
    void everyOperatorHasCases() {
        var elsewhere =
                Set.of(
                        "ConvWeightGradient",
                        "CustomOp",
                        "ExtremePick",
                        "ExtremePosition",
                        "LoadAdjoint",
                        "ReshapeLike",
                        "ScanAdjoint",
                        "ScanTrace",
                        "StagePart",
                        "WordCounts");
        var tried = OperatorSuite.cases().map(one -> one.op().getClass()).toList();
        assertThat(operators(Op.class))
                .filteredOn(c -> !HostOperator.class.isAssignableFrom(c))
                .filteredOn(c -> !elsewhere.contains(c.getSimpleName()))
                .isSubsetOf(tried);
    }

    private static List<Class<?>> operators(Class<?> kind) {
        if (!kind.isSealed()) return List.of(kind);
        return Stream.of(kind.getPermittedSubclasses())
                .flatMap(c -> operators(c).stream())
                .toList();
    }

    @Test
    void namesAreUnique() {
        assertThat(OperatorSuite.cases().map(OperatorCase::name)).doesNotHaveDuplicates();
    }
}
