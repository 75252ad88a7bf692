package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Operators that the model itself defines: their attributes, their scope, their operator sets,
/// calls of calls.
class OnnxFunctionTest {
    private static final String DOMAIN = "own";

    @TempDir Path directory;

    /// A function as a file has it.
    private static final class Function {
        private final String name;
        private final List<Fields> fields = new ArrayList<>();

        Function(String name, List<String> inputs, List<String> outputs) {
            this.name = name;
            for (var input : inputs) fields.add(out -> out.writeString(4, input));
            for (var output : outputs) fields.add(out -> out.writeString(5, output));
        }

        Function attribute(String attribute) {
            fields.add(out -> out.writeString(6, attribute));
            return this;
        }

        Function attribute(Fields withDefault) {
            fields.add(out -> out.writeByteArray(11, OnnxWriter.bytes(withDefault)));
            return this;
        }

        Function overload(String overload) {
            fields.add(out -> out.writeString(13, overload));
            return this;
        }

        Function opset(String domain, long version) {
            fields.add(out ->
                    out.writeByteArray(
                            9,
                            OnnxWriter.bytes(it -> {
                                it.writeString(1, domain);
                                it.writeInt64(2, version);
                            })));
            return this;
        }

        Function node(String operator, List<String> inputs, String output, Fields... attributes) {
            return node("", "", operator, inputs, output, attributes);
        }

        Function node(
                String domain,
                String overload,
                String operator,
                List<String> inputs,
                String output,
                Fields... attributes) {
            var node = OnnxWriter.node("", operator, inputs, List.of(output), List.of(attributes));
            fields.add(out ->
                    out.writeByteArray(
                            7,
                            OnnxWriter.bytes(it -> {
                                it.writeRawBytes(node);
                                it.writeString(7, domain);
                                it.writeString(8, overload);
                            })));
            return this;
        }

        Fields build() {
            return out -> {
                out.writeString(1, name);
                out.writeString(10, DOMAIN);
                for (var field : fields) field.writeTo(out);
            };
        }
    }

    /// {@return an attribute that is what the function's attribute of some name is}
    private static Fields reference(String name, String of, int type) {
        return out -> {
            out.writeString(1, name);
            out.writeString(21, of);
            out.writeInt32(20, type);
        };
    }

    private static Function unary(String name) {
        return new Function(name, List.of("a"), List.of("b"));
    }

    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }

    /// {@return what one call gives for constants}
    private Tensor call(
            ModelFile model, String function, List<Tensor> inputs, Fields... attributes) {
        var names = new ArrayList<String>();
        for (int i = 0; i < inputs.size(); i++) {
            names.add("x" + i);
            model.initializer("x" + i, inputs.get(i));
        }
        model.nodeOf(DOMAIN, function, "n", names, List.of("y"), attributes).output("y");
        var graph = OnnxImporter.read(model.write(directory)).graph();
        return Interpreter.run(graph, List.of()).getFirst();
    }

    @Test
    void attributesComeFromTheCallOrTheDefault() {
        var leaky =
                unary("Leaky")
                        .attribute(OnnxWriter.real("slope", 0.5f))
                        .node("LeakyRelu", List.of("a"), "b", reference("alpha", "slope", 1))
                        .build();
        var x = floats(-4, 3);
        var given =
                call(
                        new ModelFile().function(leaky),
                        "Leaky",
                        List.of(x),
                        OnnxWriter.real("slope", 0.25f));
        assertThat(given.floats()).containsExactly(-1, 3);
        var plain = call(new ModelFile().function(leaky), "Leaky", List.of(x));
        assertThat(plain.floats()).containsExactly(-2, 3);
    }

    @Test
    void whatNobodyGivesIsNotThere() {
        var leaky =
                unary("Leaky")
                        .attribute("slope")
                        .node("LeakyRelu", List.of("a"), "b", reference("alpha", "slope", 1))
                        .build();
        var y = call(new ModelFile().function(leaky), "Leaky", List.of(floats(-4)));
        assertThat(y.floats()).containsExactly(-4 * 0.01f); // the operator's own default
    }

    @Test
    void referencesInBranchesAreFollowed() {
        Fields branch =
                graph -> {
                    graph.writeByteArray(
                            1,
                            OnnxWriter.node(
                                    "",
                                    "Elu",
                                    List.of("a"),
                                    List.of("e"),
                                    List.of(reference("alpha", "height", 1))));
                    graph.writeByteArray(12, OnnxWriter.bytes(it -> it.writeString(1, "e")));
                };
        var function =
                new Function("Maybe", List.of("a", "c"), List.of("b"))
                        .attribute("height")
                        .node(
                                "If",
                                List.of("c"),
                                "b",
                                graph("then_branch", branch),
                                graph("else_branch", branch))
                        .build();
        var y =
                call(
                        new ModelFile().function(function),
                        "Maybe",
                        List.of(
                                floats(Float.NEGATIVE_INFINITY),
                                Tensor.of(new boolean[] {true}).reshape()),
                        OnnxWriter.real("height", 7));
        assertThat(y.floats()).containsExactly(-7);
    }

    private static Fields graph(String name, Fields graph) {
        return out -> {
            out.writeString(1, name);
            out.writeByteArray(6, OnnxWriter.bytes(graph));
            out.writeInt32(20, 5);
        };
    }

    /// In opset 9 the bounds of Slice are attributes, and in 17 they are not.
    @Test
    void functionsSpeakOfTheirOwnOperatorSets() {
        var rest =
                unary("Rest")
                        .opset("", 9)
                        .node(
                                "Slice",
                                List.of("a"),
                                "b",
                                OnnxWriter.integers("starts", 1),
                                OnnxWriter.integers("ends", 9))
                        .build();
        var twice =
                unary("Twice")
                        .opset("", 17)
                        .node(DOMAIN, "", "Rest", List.of("a"), "c")
                        .node("ReduceSum", List.of("c"), "b", OnnxWriter.integer("keepdims", 0))
                        .build();
        var y =
                call(
                        new ModelFile().function(twice).function(rest),
                        "Twice",
                        List.of(floats(5, 7, 8)));
        assertThat(y.floats()).containsExactly(15);
    }

    @Test
    void overloadsAreApart() {
        var first = unary("F").overload("negated").node("Neg", List.of("a"), "b").build();
        var second = unary("F").node("Abs", List.of("a"), "b").build();
        var both =
                unary("Both")
                        .node(DOMAIN, "negated", "F", List.of("a"), "c")
                        .node(DOMAIN, "", "F", List.of("c"), "d")
                        .node("Sub", List.of("d", "c"), "b")
                        .build();
        var model = new ModelFile().function(first).function(second).function(both);
        assertThat(call(model, "Both", List.of(floats(3, -1))).floats()).containsExactly(6, 0);
    }

    /// Names outside mean nothing inside, and the other way round.
    @Test
    void namesAreTheFunctionsOwn() {
        var function =
                new Function("Shadow", List.of("a", "bias"), List.of("b"))
                        .node("Neg", List.of("a"), "x1")
                        .node("Clip", List.of("x1", "", "bias"), "b")
                        .build();
        // x1 of the model is the second input; the function makes an x1 of its own
        var y =
                call(
                        new ModelFile().function(function),
                        "Shadow",
                        List.of(floats(-9, 2), Tensor.of(new float[] {5})));
        assertThat(y.floats()).containsExactly(5, -2);
        var alone = call(new ModelFile().function(function), "Shadow", List.of(floats(-9, 2)));
        assertThat(alone.floats()).containsExactly(9, -2);
        var leaking = unary("Leaks").node("Add", List.of("a", "x1"), "b").build();
        assertThatThrownBy(() ->
                        call(
                                new ModelFile().function(leaking),
                                "Leaks",
                                List.of(floats(1), floats(2))))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("inputs: expected at most 1, got 2");
        var model = new ModelFile().function(leaking).initializer("x1", floats(2));
        assertThatThrownBy(() -> call(model, "Leaks", List.of(floats(1))))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("input: expected a value that was computed before, got 'x1'");
    }

    /// Each call has a count of its own.
    @Test
    void countsOfTwoCallsAreTwo() {
        var places = unary("Places").node("NonZero", List.of("a"), "b").build();
        var model =
                new ModelFile()
                        .function(places)
                        .input("x", "4")
                        .input("z", "4")
                        .nodeOf(DOMAIN, "Places", "n", List.of("x"), List.of("p"))
                        .nodeOf(DOMAIN, "Places", "m", List.of("z"), List.of("q"))
                        .output("p")
                        .output("q");
        var graph = OnnxImporter.read(model.write(directory)).graph();
        var found = Interpreter.run(graph, List.of(floats(1, 0, 2, 0), floats(0, 0, 0, 3)));
        assertThat(found.get(0).longs()).containsExactly(0, 2);
        assertThat(found.get(1).longs()).containsExactly(3);
        assertThat(OnnxImporter.read(directory.resolve("model.onnx")).operatorsUsed())
                .containsExactly("NonZero");
    }

    @Test
    void wrongCallsAreRefused() {
        var endless = unary("Endless").node(DOMAIN, "", "Endless", List.of("a"), "b").build();
        refused("functions: expected calls at most 64 deep, got 65", endless, "Endless", 1);
        var leaky = unary("Leaky").attribute("slope").node("Abs", List.of("a"), "b").build();
        refused(
                "attribute 'steep': expected one that the function declares, got another",
                leaky,
                "Leaky",
                1,
                OnnxWriter.real("steep", 1));
        refused("inputs: expected at most 1, got 2", leaky, "Leaky", 2);
    }

    private void refused(
            String message, Fields function, String name, int inputs, Fields... attributes) {
        var given = new ArrayList<Tensor>();
        for (int i = 0; i < inputs; i++) given.add(floats(1));
        assertThatThrownBy(() -> call(new ModelFile().function(function), name, given, attributes))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining(name + " '")
                .hasMessageEndingWith(": " + message);
    }
}
