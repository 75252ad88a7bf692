package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A model as a network of layers, `Sequential` or `Model`; itself a layer where models are nested.
final class Network {
    private static final Set<String> MODELS = Set.of("Model", "Functional", "Sequential");

    private final LayerConfig config;
    private final List<Entry> layers = new ArrayList<>();

    /// A layer and the calls of it.
    private record Entry(LayerConfig layer, List<CallSite> calls) {}

    /// What a call reads: tensors by their order, tensors by name, and other arguments by name.
    private record CallSite(
            List<Reference> reads,
            Map<String, List<Reference>> named,
            Map<String, Object> arguments) {
        CallSite() {
            this(new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        }

        List<Reference> all() {
            var all = new ArrayList<>(reads);
            named.values().forEach(all::addAll);
            return all;
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
    record Declared(String name, List<@Nullable Long> shape) {}

    Network(LayerConfig config) {
        this.config = config;
        for (var entry : list(config, "layers")) {
            var layer = LayerConfig.of(config.place(), entry);
            layers.add(new Entry(layer, calls(layer, (Map<?, ?>) entry)));
        }
        if (layers.isEmpty()) throw config.wrong("layers", "at least one", 0);
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
            var call = new CallSite();
            switch (node) {
                case List<?> references -> {
                    for (var reference : references) {
                        call.reads().add(reference(layer, "inbound_nodes", reference));
                        if (reference instanceof List<?> parts
                                && parts.size() > 3
                                && parts.get(3) instanceof Map<?, ?> arguments)
                            addNamed(layer, arguments, call);
                    }
                }
                case Map<?, ?> said -> addArguments(layer, said, call);
                case null, default ->
                        throw layer.wrong("inbound_nodes", "a list, or args and kwargs", node);
            }
            calls.add(call);
        }
        return calls;
    }

    /// Reads a call as Keras 3 writes it: the tensors among its arguments, at any depth.
    private static void addArguments(LayerConfig layer, Map<?, ?> said, CallSite call) {
        addTensors(said.get("args"), call.reads());
        if (said.get("kwargs") instanceof Map<?, ?> named) addNamed(layer, named, call);
    }

    private static void addNamed(LayerConfig layer, Map<?, ?> named, CallSite call) {
        for (var entry : named.entrySet()) {
            var argument = String.valueOf(entry.getKey());
            var value = entry.getValue();
            boolean isTensor = value instanceof Map<?, ?> || value instanceof List<?>;
            if (value == null
                    || !isTensor && (argument.equals("training") || argument.equals("mask")))
                continue;
            if (argument.equals("mask")) // one that a layer computes
            throw layer.wrong("call argument 'mask'", "none", value);
            var tensors = new ArrayList<Reference>();
            addTensors(value, tensors);
            if (tensors.isEmpty()) call.arguments().put(argument, value);
            else call.named().put(argument, tensors);
        }
    }

    private static void addTensors(@Nullable Object argument, List<Reference> call) {
        if (argument instanceof List<?> parts
                && parts.size() == 3
                && parts.get(0) instanceof String name
                && parts.get(1) instanceof Long number
                && parts.get(2) instanceof Long output) { // as Keras 2 writes it
            call.add(new Reference(name, Math.toIntExact(number), Math.toIntExact(output)));
        } else if (argument instanceof List<?> several) {
            for (var each : several) addTensors(each, call);
        } else if (argument instanceof Map<?, ?> tensor
                && tensor.get("config") instanceof Map<?, ?> config
                && config.get("keras_history") instanceof List<?> history
                && history.size() == 3
                && history.get(0) instanceof String name
                && history.get(1) instanceof Long number
                && history.get(2) instanceof Long output) {
            call.add(new Reference(name, Math.toIntExact(number), Math.toIntExact(output)));
        }
    }

    private static Reference reference(LayerConfig layer, String key, @Nullable Object reference) {
        if (reference instanceof List<?> parts
                && parts.size() >= 3
                && parts.get(0) instanceof String name
                && parts.get(1) instanceof Long call
                && parts.get(2) instanceof Long output) {
            return new Reference(name, Math.toIntExact(call), Math.toIntExact(output));
        }
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
        return new Declared(name, shape);
    }

    /// {@return the names and values of the outputs}
    Map<String, Value> outputs(List<Value> inputs, Weights weights, ImportContext context) {
        Calls calls =
                (layer, values, arguments, own) -> call(layer, values, arguments, own, context);
        return isSequential() ? chain(inputs, weights, calls) : graph(inputs, weights, calls);
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
        if (inputs.size() != 1) throw config.wrong("inputs", "one", inputs.size());
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
                var outputs =
                        calls.call(layer, all(reads.reads(), values), named(reads, values), own);
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

    private static List<Value> all(List<Reference> references, Map<Reference, Value> values) {
        return references.stream().map(values::get).toList();
    }

    private static CallArguments named(CallSite site, Map<Reference, Value> values) {
        var tensors = new LinkedHashMap<String, List<Value>>();
        site.named().forEach((name, references) -> tensors.put(name, all(references, values)));
        return new CallArguments(tensors, site.arguments());
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
            var outputs = new Network(layer).outputs(inputs, weights::of, context);
            return List.copyOf(outputs.values());
        }
        try {
            return Layers.translate(new LayerCall(layer, weights, inputs, arguments, context));
        } catch (ArithmeticException | IllegalArgumentException | IllegalStateException e) {
            // Dimension and Tensor, which complain so, know no layer.
            throw GraphException.saying(layer.place(), String.valueOf(e.getMessage()));
        }
    }
}
