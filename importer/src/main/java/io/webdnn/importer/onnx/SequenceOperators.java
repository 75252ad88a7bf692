package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Operators on sequences and optionals. Their lengths are known when compiling, positions must be:
/// so what is left in the graph are the operators on elements.
final class SequenceOperators {
    /// Each part is a node of its own.
    private static final int MOST_PARTS = 4096;

    private SequenceOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("ConcatFromSequence", single(SequenceOperators::concat));
        table.put("Identity", single(SequenceOperators::identity));
        table.put("Optional", single(SequenceOperators::optional));
        table.put("OptionalGetElement", single(SequenceOperators::element));
        table.put("OptionalHasElement", single(n -> truth(n, !n.isNothing(0))));
        table.put("SequenceAt", single(SequenceOperators::at));
        table.put("SequenceConstruct", single(n -> n.sequence(n.inputs())));
        table.put("SequenceEmpty", single(SequenceOperators::empty));
        table.put("SequenceErase", single(SequenceOperators::erase));
        table.put("SequenceInsert", single(SequenceOperators::insert));
        table.put("SequenceLength", single(SequenceOperators::length));
        table.put("SequenceMap", SequenceOperators::map);
        table.put("SplitToSequence", single(SequenceOperators::split));
    }

    private static Value identity(Translation node) {
        var value = node.any(0);
        return node.isTensor(value) ? node.apply(new Identity(), value) : value;
    }

    private static Value optional(Translation node) {
        node.ignore("type"); // of what might have been held
        return node.has(0) ? identity(node) : node.nothing();
    }

    private static Value element(Translation node) {
        if (node.isNothing(0)) throw node.wrong("input", "something in the optional", "nothing");
        return identity(node);
    }

    private static Value truth(Translation node, boolean value) {
        return node.constant(Tensor.of(new boolean[] {value}).reshape());
    }

    private static Value empty(Translation node) {
        node.dtype("dtype", DType.FLOAT32);
        return node.sequence(List.of());
    }

    private static Value length(Translation node) {
        return node.constant(Tensor.of(new long[] {node.elements(0).size()}));
    }

    /// {@return a position from 0 to `last`; negative ones count from `end`}
    private static int position(Translation node, int input, int end, int last) {
        var position = node.known(input, "position");
        if (position.size() != 1) throw node.wrong("position", "one element", position);
        long at = position.getLong(0);
        long from = at < 0 ? at + end : at;
        if (from < 0 || from > last)
            throw node.wrong("position", "-" + end + " ... " + last + " of a sequence", at);
        return (int) from;
    }

    private static Value at(Translation node) {
        var elements = node.elements(0);
        int count = elements.size();
        return elements.get(position(node, 1, count, count - 1));
    }

    private static Value insert(Translation node) {
        var elements = new ArrayList<>(node.elements(0));
        int count = elements.size();
        elements.add(node.has(2) ? position(node, 2, count, count) : count, node.input(1));
        return node.sequence(elements);
    }

    private static Value erase(Translation node) {
        var elements = new ArrayList<>(node.elements(0));
        int count = elements.size();
        if (count == 0) throw node.wrong("input_sequence", "an element", "an empty sequence");
        elements.remove(node.has(1) ? position(node, 1, count, count - 1) : count - 1);
        return node.sequence(elements);
    }

    private static Value concat(Translation node) {
        if (!node.hasAttribute("axis")) throw node.wrong("axis", "an int", "none");
        int axis = node.axis("axis", 0);
        var elements = node.elements(0);
        if (elements.isEmpty())
            throw node.wrong("input_sequence", "an element", "an empty sequence");
        if (!node.flag("new_axis", false))
            return node.applyAll(new Concat(axis), elements).getFirst();
        var rows = new ArrayList<Value>();
        for (var element : elements)
            rows.add(node.apply(new Unsqueeze(), element, node.vector(axis)));
        return node.applyAll(new Concat(axis), rows).getFirst();
    }

    /// Without the lengths of the parts, each is 1, and its axis may vanish.
    private static Value split(Translation node) {
        int axis = node.axis("axis", 0, node.rank(0));
        int extent = node.fixed(0, axis);
        boolean keeps = node.flag("keepdims", true) || node.has(1);
        var parts = new ArrayList<Value>();
        long start = 0;
        for (long length : lengths(node, extent)) {
            var part =
                    node.apply(
                            new Slice(),
                            node.input(0),
                            node.vector(start),
                            node.vector(start + length),
                            node.vector(axis));
            parts.add(keeps ? part : node.apply(new Squeeze(), part, node.vector(axis)));
            start += length;
        }
        if (start != extent) throw node.wrong("split", "lengths that sum to " + extent, start);
        return node.sequence(parts);
    }

    /// A scalar is the length of all parts but for the last, which is what remains.
    private static List<Long> lengths(Translation node, int extent) {
        var lengths = new ArrayList<Long>();
        if (node.has(1) && node.rank(1) == 1) {
            for (long length : node.knownIntegers(1, "split")) {
                if (length < 0) throw node.wrong("split", "lengths >= 0", length);
                lengths.add(length);
            }
            return lengths;
        }
        long length = node.has(1) ? node.known(1, "split").getLong(0) : 1;
        if (length < 1) throw node.wrong("split", ">= 1", length);
        long count = Math.ceilDiv(extent, length);
        if (count > MOST_PARTS)
            throw node.wrong("split", "at most " + MOST_PARTS + " parts", count);
        for (long start = 0; start < extent; start += length)
            lengths.add(Math.min(length, extent - start));
        return lengths;
    }

    /// The body, once for each element; of further inputs, sequences take part element by element
    /// and tensors whole.
    private static List<Value> map(Translation node) {
        var body = node.graph("body");
        int count = node.elements(0).size();
        var outputs = new ArrayList<List<Value>>();
        body.outputs().forEach(_ -> outputs.add(new ArrayList<>()));
        for (int i = 0; i < count; i++) {
            var given = new ArrayList<Value>();
            for (int k = 0; k < node.count(); k++) {
                var value = node.any(k);
                if (!node.isSequence(value)) {
                    given.add(value);
                    continue;
                }
                var elements = node.elements(k);
                if (elements.size() != count)
                    throw node.wrong("input " + k, count + " elements", elements.size());
                given.add(elements.get(i));
            }
            var made = node.body(body, given);
            for (int o = 0; o < made.size(); o++) outputs.get(o).add(made.get(o));
        }
        return outputs.stream().map(node::sequence).toList();
    }
}
