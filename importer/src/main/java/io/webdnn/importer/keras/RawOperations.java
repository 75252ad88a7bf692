package io.webdnn.importer.keras;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Operations as Keras 2 wrote them with TensorFlow 2.0 … 2.3: a node of TensorFlow's graph, and
/// the constants among its inputs by their places.
///
/// ```json
/// {"node_def": {"op": "AddV2", "input": ["x", "y"], "attr": {"T": {"type": "DT_FLOAT"}}},
///  "constants": {"1": 2.0}}
/// ```
final class RawOperations {
    static final String KIND = "TensorFlowOpLayer";

    /// What the functions are called that do the same, where they have another name.
    private static final Map<String, String> FUNCTIONS =
            Map.of(
                    "BatchMatMul", "matmul",
                    "Mul", "multiply",
                    "Neg", "negative",
                    "Pack", "stack",
                    "RealDiv", "divide",
                    "Select", "where",
                    "StridedSlice", "getitem",
                    "Sub", "subtract",
                    "Unpack", "unstack");

    private static final Map<String, String> ARGUMENTS =
            Map.of("adj_x", "adjoint_a", "adj_y", "adjoint_b", "DstT", "dtype");

    /// How many there are, which is seen, and how a cast rounds, which is the one way here.
    private static final Set<String> IGNORED = Set.of("N", "Truncate");

    private static final List<String> MASKS =
            List.of("begin_mask", "ellipsis_mask", "end_mask", "new_axis_mask", "shrink_axis_mask");

    /// @param name what TensorFlow calls the operation
    /// @param function what the same function is called
    record Node(String name, String function, CallArguments arguments) {}

    private RawOperations() {}

    static Node of(LayerCall call) {
        var config = call.config();
        if (!(config.get("node_def") instanceof Map<?, ?> node)
                || !(node.get("op") instanceof String name)
                || !(node.get("input") instanceof List<?> inputs))
            throw config.wrong("node_def", "a node of TensorFlow", config.get("node_def"));
        var constants = config.get("constants") instanceof Map<?, ?> map ? map : Map.of();
        var operands = new ArrayList<@Nullable Object>();
        var tensors = call.inputs().iterator();
        for (int i = 0; i < inputs.size(); i++) {
            var constant = constants.get(String.valueOf(i));
            if (constant == null && !tensors.hasNext())
                throw config.wrong("inputs", inputs.size() - constants.size() + "", i);
            operands.add(constant == null ? tensors.next() : constant);
        }
        if (tensors.hasNext())
            throw config.wrong(
                    "inputs", inputs.size() - constants.size() + "", call.inputs().size());
        var named = new LinkedHashMap<String, @Nullable Object>();
        if (node.get("attr") instanceof Map<?, ?> attributes)
            attributes.forEach((key, value) -> addAttribute(String.valueOf(key), value, named));
        var plain = name.replaceFirst("V[0-9]$", "");
        var function = FUNCTIONS.getOrDefault(plain, plain);
        switch (plain) {
            case "Concat" -> {
                var axis = operands.removeLast();
                inList(operands);
                operands.add(axis);
            }
            case "Pack", "AddN" -> inList(operands);
            case "StridedSlice" -> {
                var ranges = ranges(call, operands, named);
                operands.subList(1, operands.size()).clear();
                operands.add(ranges);
            }
            default -> {}
        }
        return new Node(name, function, new CallArguments(operands, named));
    }

    /// Puts all into one argument.
    private static void inList(List<@Nullable Object> operands) {
        var all = new ArrayList<>(operands);
        operands.clear();
        operands.add(all);
    }

    /// Adds an attribute unless it is a type that the operands have anyway.
    private static void addAttribute(
            String name, @Nullable Object value, Map<String, @Nullable Object> named) {
        if (!(value instanceof Map<?, ?> said) || IGNORED.contains(name)) return;
        var own = ARGUMENTS.getOrDefault(name, name);
        if (own.equals("dtype") && said.get("type") instanceof String type) {
            var lower = type.replace("DT_", "").toLowerCase(Locale.ROOT);
            named.put(own, lower.equals("float") ? "float32" : lower);
        } else if (said.get("b") instanceof Boolean flag) {
            named.put(own, flag);
        } else if (said.get("i") instanceof String integer) {
            named.put(own, Long.parseLong(integer));
        } else if (said.get("f") instanceof Number number) {
            named.put(own, number.doubleValue());
        } else if (said.get("s") instanceof String bytes) {
            named.put(own, new String(Base64.getDecoder().decode(bytes), StandardCharsets.UTF_8));
        } else if (said.get("list") instanceof Map<?, ?> list
                && list.get("i") instanceof List<?> integers) {
            named.put(own, integers.stream().map(i -> (Object) Long.valueOf("" + i)).toList());
        }
    }

    /// {@return what stands in the brackets, of begins, ends, steps, and a bit for each that says
    /// whether it counts}
    private static List<@Nullable Object> ranges(
            LayerCall call, List<@Nullable Object> operands, Map<String, @Nullable Object> named) {
        var bits = new LinkedHashMap<String, Long>();
        for (var mask : MASKS) bits.put(mask, named.remove(mask) instanceof Long set ? set : 0L);
        var ranges = new ArrayList<@Nullable Object>();
        if (!(operands.get(1) instanceof List<?> begins)
                || !(operands.get(2) instanceof List<?> ends)
                || !(operands.get(3) instanceof List<?> steps))
            throw call.wrong("subscript", "numbers", "tensors");
        for (int i = 0; i < begins.size(); i++) {
            if (isSet(bits, "ellipsis_mask", i)) {
                ranges.add(Map.of("class_name", "__ellipsis__"));
            } else if (isSet(bits, "new_axis_mask", i)) {
                ranges.add(null);
            } else if (isSet(bits, "shrink_axis_mask", i)) {
                ranges.add(begins.get(i));
            } else {
                var range = new LinkedHashMap<String, @Nullable Object>();
                range.put("start", isSet(bits, "begin_mask", i) ? null : begins.get(i));
                range.put("stop", isSet(bits, "end_mask", i) ? null : ends.get(i));
                range.put("step", steps.get(i));
                ranges.add(range);
            }
        }
        return ranges;
    }

    private static boolean isSet(Map<String, Long> bits, String mask, int place) {
        return (bits.getOrDefault(mask, 0L) >> place & 1) != 0;
    }
}
