package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A model as a network of layers, `Sequential` or `Model`; itself a layer where models are nested.
final class Network {
    /// Stands before a first argument that is no tensor.
    private static final String CONSTANT = "_CONSTANT_VALUE";

    private static final Set<String> MODELS = Set.of("Model", "Functional", "Sequential");

    private final LayerConfig config;
    private final List<Entry> layers = new ArrayList<>();
    private final List<Network> branches =
            new ArrayList<>(); // Keras 1 lets a Sequential merge them

    /// A layer and the calls of it.
    private record Entry(LayerConfig layer, List<CallSite> calls) {}

    /// What a call is given: lists, maps and numbers as the file says them, with [Reference]s where
    /// it names tensors.
    private record CallSite(
            List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        List<Reference> all() {
            return Structures.leaves(
                    List.of(positional, List.copyOf(named.values())), Reference.class);
        }
    }

    /// An output of a call of a layer.
    private record Reference(String layer, int call, int output) {
        @Override
        public String toString() {
            return "output " + output + " of call " + call + " of '" + layer + "'";
        }
    }

    /// An input as the model declares it; null for an extent that it leaves open.
    ///
    /// @param isText whether it holds strings instead of numbers
    record Declared(String name, List<@Nullable Long> shape, boolean isText) {}

    Network(LayerConfig config) {
        this.config = config;
        for (var entry : list(config, "layers")) {
            var layer = LayerConfig.of(config.place(), entry);
            layers.add(new Entry(layer, calls(layer, (Map<?, ?>) entry)));
        }
        if (layers.isEmpty()) throw config.wrong("layers", "at least one", 0);
        var first = layers.getFirst().layer();
        if (isSequential()
                && first.kind().equals("Merge")
                && first.get("layers") instanceof List<?> merged)
            for (var entry : merged) branches.add(branch(first, entry));
    }

    private static Network branch(LayerConfig merge, @Nullable Object entry) {
        var layer = LayerConfig.of(merge.place(), entry);
        return new Network(
                isModel(layer)
                        ? layer
                        : new LayerConfig(
                                "Sequential",
                                layer.name(),
                                Map.of("layers", Collections.singletonList(entry))));
    }

    static boolean isModel(LayerConfig config) {
        return MODELS.contains(config.kind());
    }

    private boolean isSequential() {
        return config.kind().equals("Sequential");
    }

    private static List<?> list(LayerConfig config, String key) {
        if (config.get(key) instanceof List<?> list) return list;
        throw config.wrong(key, "a list", config.get(key));
    }

    private List<CallSite> calls(LayerConfig layer, Map<?, ?> entry) {
        var calls = new ArrayList<CallSite>();
        if (isSequential() || !(entry.get("inbound_nodes") instanceof List<?> nodes)) return calls;
        for (var node : nodes) {
            var named = new LinkedHashMap<String, @Nullable Object>();
            var positional = new ArrayList<@Nullable Object>();
            switch (node) {
                case List<?> first -> positional.add(firstArgument(layer, first, named));
                case Map<?, ?> said -> {
                    if (said.get("args") instanceof List<?> arguments)
                        arguments.forEach(each -> positional.add(argument(each)));
                    if (said.get("kwargs") instanceof Map<?, ?> more) addNamed(layer, more, named);
                }
                case null, default ->
                        throw layer.wrong("inbound_nodes", "a list, or args and kwargs", node);
            }
            calls.add(new CallSite(positional, named));
        }
        return calls;
    }

    /// Reads the first argument of a call as Keras 1 and 2 write it; what it is given by name
    /// stands beside each tensor.
    private static @Nullable Object firstArgument(
            LayerConfig layer, List<?> said, Map<String, @Nullable Object> named) {
        if (said.isEmpty() || said.getFirst() instanceof List<?>) {
            var several = new ArrayList<@Nullable Object>();
            for (var each : said) {
                if (!(each instanceof List<?> inner))
                    throw layer.wrong("inbound_nodes", "[layer, call, output]", each);
                several.add(firstArgument(layer, inner, named));
            }
            return several;
        }
        if (said.size() > 3 && said.get(3) instanceof Map<?, ?> more) addNamed(layer, more, named);
        return CONSTANT.equals(said.getFirst()) && said.size() > 2
                ? argument(said.get(2))
                : reference(layer, "inbound_nodes", said);
    }

    private static void addNamed(
            LayerConfig layer, Map<?, ?> said, Map<String, @Nullable Object> named) {
        for (var entry : said.entrySet()) {
            var name = String.valueOf(entry.getKey());
            var value = argument(entry.getValue());
            boolean isTensor = !Structures.leaves(value, Reference.class).isEmpty();
            if (value == null || !isTensor && (name.equals("training") || name.equals("mask")))
                continue;
            if (name.equals("mask") && !layer.isOperation()) // one that a layer computes
            throw layer.wrong("call argument 'mask'", "none", entry.getValue());
            named.put(name, value);
        }
    }

    /// {@return what a file says, with references where it names tensors, at any depth}
    private static @Nullable Object argument(@Nullable Object said) {
        if (said instanceof Map<?, ?> tensor
                && tensor.get("config") instanceof Map<?, ?> config
                && config.get("keras_history") instanceof List<?> history
                && isReference(history)) return toReference(history);
        return switch (said) {
            case List<?> list when isReference(list) -> toReference(list); // as Keras 2 writes it
            case List<?> list -> {
                var several = new ArrayList<@Nullable Object>();
                list.forEach(each -> several.add(argument(each)));
                yield several;
            }
            case Map<?, ?> map -> {
                var entries = new LinkedHashMap<Object, @Nullable Object>();
                map.forEach((key, value) -> entries.put(key, argument(value)));
                yield entries;
            }
            case null, default -> said;
        };
    }

    private static boolean isReference(List<?> said) {
        return said.size() == 3
                && said.get(0) instanceof String
                && said.get(1) instanceof Long
                && said.get(2) instanceof Long;
    }

    private static Reference toReference(List<?> said) {
        return new Reference(
                (String) said.get(0),
                Math.toIntExact((Long) said.get(1)),
                Math.toIntExact((Long) said.get(2)));
    }

    private static Reference reference(LayerConfig layer, String key, @Nullable Object reference) {
        if (reference instanceof List<?> parts
                && parts.size() >= 3
                && isReference(parts.subList(0, 3))) return toReference(parts);
        throw layer.wrong(key, "[layer, call, output]", reference);
    }

    private List<Reference> ends(String key) {
        var list = list(config, key);
        // one end alone is sometimes written without the list around it
        if (!list.isEmpty() && list.getFirst() instanceof String) list = List.of(list);
        var ends = new ArrayList<Reference>();
        for (var end : list) ends.add(reference(config, key, end));
        return ends;
    }

    /// {@return the inputs, in order}
    List<Declared> inputs() {
        var inputs = new ArrayList<Declared>();
        if (!branches.isEmpty()) {
            branches.forEach(branch -> inputs.addAll(branch.inputs()));
            return inputs;
        }
        if (isSequential()) {
            inputs.add(declared(layers.getFirst().layer()));
            return inputs;
        }
        for (var end : ends("input_layers")) inputs.add(declared(find(end).layer()));
        return inputs;
    }

    private Entry find(Reference reference) {
        for (var entry : layers) {
            if (entry.layer().name().equals(reference.layer())) return entry;
        }
        throw config.wrong("layers", "one named '" + reference.layer() + "'", "none");
    }

    private Declared declared(LayerConfig layer) {
        if (isModel(layer)) { // a Sequential that starts with a model
            var inside = new Network(layer).inputs();
            if (inside.size() != 1) throw layer.wrong("inputs", "one", inside.size());
            return inside.getFirst();
        }
        var key = layer.has("batch_shape") ? "batch_shape" : "batch_input_shape";
        if (!(layer.get(key) instanceof List<?> extents)) {
            if (layer.kind().equals("Bidirectional") || layer.kind().equals("TimeDistributed"))
                return declared(layer.inner("layer"));
            throw layer.wrong(key, "the model's input shape", "none");
        }
        var shape = new ArrayList<@Nullable Long>();
        for (var extent : extents) {
            if (extent == null) shape.add(null);
            else if (extent instanceof Long number) shape.add(number);
            else throw layer.wrong(key, "integers and null", extents);
        }
        var name = layer.kind().equals("InputLayer") ? layer.name() : layer.name() + "_input";
        return new Declared(name, shape, "string".equals(layer.get("dtype")));
    }

    /// {@return the names and values of the outputs}
    Map<String, Value> outputs(List<Value> inputs, Weights weights, ImportContext context) {
        Calls calls =
                (layer, values, arguments, own) -> call(layer, values, arguments, own, context);
        if (!isSequential()) return graph(inputs, weights, calls);
        if (branches.isEmpty()) {
            if (inputs.size() != 1) throw config.wrong("inputs", "one", inputs.size());
            return chain(inputs, weights, calls);
        }
        int count = inputs().size();
        if (inputs.size() != count) throw config.wrong("inputs", count + "", inputs.size());
        var merged = new ArrayList<Value>();
        int next = 0;
        for (var branch : branches) {
            var own = inputs.subList(next, next + branch.inputs().size());
            next += own.size();
            merged.addAll(branch.outputs(own, weights, context).values());
        }
        return chain(merged, weights, calls);
    }

    /// Where the layers of a network find their weights.
    @FunctionalInterface
    interface Weights {
        LayerWeights of(String layer);
    }

    /// Calls a layer.
    @FunctionalInterface
    private interface Calls {
        List<Value> call(
                LayerConfig layer,
                List<Value> inputs,
                CallArguments arguments,
                LayerWeights weights);
    }

    private Map<String, Value> chain(List<Value> inputs, Weights weights, Calls calls) {
        var values = inputs;
        var name = "";
        for (var entry : layers) {
            name = entry.layer().name();
            if (entry.layer().kind().equals("InputLayer")) continue;
            values = calls.call(entry.layer(), values, CallArguments.none(), weights.of(name));
        }
        return named(List.of(name), values);
    }

    private static Map<String, Value> named(List<String> names, List<Value> values) {
        var outputs = new LinkedHashMap<String, Value>();
        for (int i = 0; i < values.size(); i++) {
            var name = names.get(Math.min(i, names.size() - 1));
            while (outputs.containsKey(name)) name += "_" + i;
            outputs.put(name, values.get(i));
        }
        return outputs;
    }

    private Map<String, Value> graph(List<Value> inputs, Weights weights, Calls calls) {
        var values = new HashMap<Reference, Value>();
        var ends = ends("input_layers");
        if (ends.size() != inputs.size())
            throw config.wrong("inputs", ends.size() + " of them", inputs.size());
        for (int i = 0; i < inputs.size(); i++) values.put(ends.get(i), inputs.get(i));
        var shared = new HashMap<String, LayerWeights>();
        record Call(Entry entry, int number) {}
        var waiting = new ArrayList<Call>();
        for (var entry : layers) {
            for (int i = 0; i < entry.calls().size(); i++) waiting.add(new Call(entry, i));
        }
        while (!waiting.isEmpty()) {
            var rest = new ArrayList<Call>();
            for (var call : waiting) {
                var reads = call.entry().calls().get(call.number());
                var layer = call.entry().layer();
                if (!values.keySet().containsAll(reads.all())) {
                    rest.add(call);
                    continue;
                }
                var own = shared.computeIfAbsent(layer.name(), weights::of);
                var given = arguments(reads, values);
                var outputs = calls.call(layer, given.inputs(), given, own);
                for (int i = 0; i < outputs.size(); i++)
                    values.put(new Reference(layer.name(), call.number(), i), outputs.get(i));
            }
            if (rest.size() == waiting.size()) {
                var stuck = rest.getFirst();
                var missing =
                        stuck.entry().calls().get(stuck.number()).all().stream()
                                .filter(reference -> !values.containsKey(reference))
                                .findFirst()
                                .orElseThrow();
                throw stuck.entry()
                        .layer()
                        .wrong(
                                "inbound_nodes",
                                "outputs of layers before",
                                missing + ", which waits for it or is not there");
            }
            waiting = rest;
        }
        var wanted = ends("output_layers");
        var results = new ArrayList<Value>();
        for (var end : wanted) {
            var value = values.get(end);
            if (value == null) throw config.wrong("output_layers", "outputs of layers", end);
            results.add(value);
        }
        return named(wanted.stream().map(Reference::layer).toList(), results);
    }

    private static CallArguments arguments(CallSite site, Map<Reference, Value> values) {
        var positional = new ArrayList<@Nullable Object>();
        site.positional().forEach(each -> positional.add(valued(each, values)));
        var named = new LinkedHashMap<String, @Nullable Object>();
        site.named().forEach((name, each) -> named.put(name, valued(each, values)));
        return new CallArguments(positional, named);
    }

    private static @Nullable Object valued(@Nullable Object said, Map<Reference, Value> values) {
        return Structures.map(
                said, leaf -> leaf instanceof Reference reference ? values.get(reference) : leaf);
    }

    /// {@return the weights of a model within another; Keras 1 stores those of a Sequential in a
    /// Sequential beside the outer one's}
    private static Weights inner(LayerWeights weights, ImportContext context) {
        return layer -> {
            var own = weights.of(layer);
            return own.size() > 0 || context.version().major() > 1
                    ? own
                    : context.weights().of(layer);
        };
    }

    /// {@return the outputs of a layer, which may be a model}
    static List<Value> call(
            LayerConfig layer,
            List<Value> inputs,
            CallArguments arguments,
            LayerWeights weights,
            ImportContext context) {
        if (isModel(layer)) {
            arguments.expectNoOther(layer);
            var outputs = new Network(layer).outputs(inputs, inner(weights, context), context);
            return List.copyOf(outputs.values());
        }
        var later = weights.converted(layer, context.version());
        try {
            return Layers.translate(new LayerCall(layer, later, inputs, arguments, context));
        } catch (ArithmeticException | IllegalArgumentException | IllegalStateException e) {
            // Dimension and Tensor, which complain so, know no layer.
            throw GraphException.saying(layer.place(), String.valueOf(e.getMessage()));
        }
    }
}
