package io.webdnn.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What depends on constants only is computed once.
class OnceTest {
    /// Two convolutions whose filters are transformed.
    private static Graph graph() {
        var builder = Graph.builder();
        var x = builder.input("x", TensorType.of(DType.FLOAT32, 1, 16, 12, 12));
        var w = builder.constant("w", Tensor.zeros(DType.FLOAT32, 16, 16, 3, 3));
        var v = builder.constant("v", Tensor.zeros(DType.FLOAT32, 16, 16, 3, 3));
        var inner = builder.apply(new Relu(), builder.apply(Conv.of2d(1, 1), x, w));
        return builder.build(Map.of("y", builder.apply(Conv.of2d(1, 1), inner, v)));
    }

    @Test
    void readsConstantsOnly() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        assertThat(compiled.initial())
                .hasSize(2)
                .allSatisfy(call -> {
                    var buffers = ((Call.Run) call).buffers();
                    assertThat(buffers.subList(0, buffers.size() - 1))
                            .allMatch(b -> b.constant() != null);
                });
        assertThat(compiled.calls()).hasSize(8);
    }

    @Test
    void whatItWritesSharesNoMemory() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        var kept = new HashSet<>();
        for (var call : compiled.initial()) kept.add(((Call.Run) call).buffers().getLast());
        assertThat(kept).hasSize(2);
        assertThat(compiled.memory().slots())
                .filteredOn(slot -> slot.stream().anyMatch(kept::contains))
                .hasSize(2)
                .allMatch(slot -> slot.size() == 1);
    }

    @Test
    void thePlanSaysSo() {
        var files = GraphDescriptor.generate(Backend.WEBASSEMBLY, graph()).files();
        var plan = new String(files.get("graph_webassembly.json"), StandardCharsets.UTF_8);
        assertThat(plan.split("\"once\":true", -1)).hasSize(3);
    }

    @Test
    void reportsSayItToo() {
        var lines = Compiler.explain(Compiler.compile(graph(), Target.WEBASSEMBLY));
        assertThat(lines).filteredOn(line -> line.startsWith("once: ")).hasSize(2);
    }

    @Test
    void leavesRepetitions() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        var body = new ArrayList<Call>(compiled.initial());
        body.addAll(compiled.calls());
        var repeat = new Call.Repeat("#step0", Dimension.of(3), body, null, "Scan 's'");
        var once = Once.of(List.of(repeat), Set.of());
        assertThat(once.initial()).isEqualTo(compiled.initial());
        assertThat(once.calls())
                .containsExactly(
                        new Call.Repeat(
                                "#step0", Dimension.of(3), compiled.calls(), null, "Scan 's'"));
    }

    @Test
    void whatIsWrittenTwiceIsNotKept() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        var first = compiled.initial().getFirst();
        assertThat(Once.of(List.of(first, first), Set.of()).initial()).isEmpty();
        var output = ((Call.Run) first).buffers().getLast();
        assertThat(Once.of(List.of(first), Set.of(output)).initial()).isEmpty();
    }
}
