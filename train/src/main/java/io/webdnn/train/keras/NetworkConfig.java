package io.webdnn.train.keras;

import io.webdnn.tensor.file.FileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Networks as Keras's files describe them: layers with the calls of each, by references `[layer,
/// call, output]`.
final class NetworkConfig {
    private NetworkConfig() {}

    /// {@return the layers of a model whose layers stand in a row}
    static List<Map<String, Object>> row(Model model) {
        var all = new ArrayList<Map<String, Object>>();
        for (var layer : model.layers()) all.add(layer.described());
        return all;
    }

    /// Adds layers, inputs and outputs.
    static void describe(Model model, Map<String, @Nullable Object> config) {
        if ("".equals(config.get("name"))) config.put("name", "model_1");
        config.remove("trainable"); // Keras says it of layers that are no models
        var numbers = new IdentityHashMap<Call, Integer>();
        var nodes = new IdentityHashMap<Layer, List<List<?>>>();
        for (var call : model.calls()) {
            var own = nodes.computeIfAbsent(call.layer(), _ -> new ArrayList<>());
            numbers.put(call, call.layer() instanceof Input ? 0 : own.size());
            if (call.layer() instanceof Input) continue;
            own.add(node(call, numbers));
        }
        var layers = row(model);
        for (int i = 0; i < layers.size(); i++) {
            var layer = model.layers().get(i);
            layers.get(i).put("name", layer.name());
            layers.get(i).put("inbound_nodes", nodes.getOrDefault(layer, List.of()));
        }
        config.put("layers", layers);
        config.put(
                "input_layers",
                model.inputs().stream().map(end -> reference(end, numbers, null)).toList());
        config.put(
                "output_layers",
                model.outputs().stream().map(end -> reference(end, numbers, null)).toList());
    }

    /// {@return the references of a call; the first one's holds those that are given by name}
    private static List<?> node(Call call, Map<Call, Integer> numbers) {
        var names = call.layer().argumentNames();
        if (names.isEmpty())
            return call.inputs().stream()
                    .map(input -> reference(input, numbers, Map.of()))
                    .toList();
        var named = new LinkedHashMap<String, Object>();
        for (int i = 1; i < call.inputs().size(); i++)
            named.put(names.get(i - 1), reference(call.inputs().get(i), numbers, null));
        named.putAll(call.layer().callSettings());
        return List.of(reference(call.inputs().getFirst(), numbers, named));
    }

    private static List<Object> reference(
            Output output, Map<Call, Integer> numbers, @Nullable Object arguments) {
        var reference = new ArrayList<Object>();
        reference.add(output.call().layer().name());
        reference.add(numbers.getOrDefault(output.call(), 0));
        reference.add(output.index());
        if (arguments != null) reference.add(arguments);
        return reference;
    }

    /// {@return the model that settings describe, its weights being what they are at first}
    static Model read(Settings settings) {
        return switch (settings.kind()) {
            case "Sequential" -> readRow(settings);
            case "Model", "Functional" -> new Reading(settings).model();
            default -> throw settings.wrong("model", "Sequential or Model", settings.kind());
        };
    }

    private static Model readRow(Settings settings) {
        var model = new Sequential();
        int[] shape = null;
        int batch = 0;
        for (var entry : settings.list("layers")) {
            var said = Settings.of(settings.file(), entry);
            if (said.kind().equals("InputLayer")) {
                shape = said.batchShape();
                batch = said.batchSize();
                continue;
            }
            var layer = LayerTable.read(said);
            if (shape != null) {
                layer.declare(shape);
                layer.declareBatch(batch);
            }
            shape = null;
            model.add(layer);
        }
        model.choose(settings.text("name", ""));
        return model;
    }

    /// A functional model that is being put together.
    private static final class Reading {
        private final Settings settings;
        private final Map<String, Layer> layers = new HashMap<>();
        private final Map<List<?>, Output> known = new HashMap<>();

        /// A call that waits for what it reads.
        private record Waiting(String layer, int number, List<List<?>> reads) {}

        Reading(Settings settings) {
            this.settings = settings;
        }

        Model model() {
            var waiting = new ArrayList<Waiting>();
            for (var entry : settings.list("layers")) {
                var said = Settings.of(settings.file(), entry);
                var layer = LayerTable.read(said);
                var name = said.text("name", "");
                layers.put(name, layer);
                if (layer instanceof Input input) known.put(List.of(name, 0L, 0L), input.output());
                var nodes = entry instanceof Map<?, ?> map ? map.get("inbound_nodes") : null;
                if (!(nodes instanceof List<?> calls)) continue;
                for (int i = 0; i < calls.size(); i++)
                    waiting.add(new Waiting(name, i, references(layer, calls.get(i))));
            }
            while (!waiting.isEmpty()) {
                if (!waiting.removeIf(this::called)) {
                    var stuck = waiting.getFirst();
                    throw wrong(
                            "layer '" + stuck.layer + "'",
                            "inputs from layers before",
                            stuck.reads);
                }
            }
            var model = new Model(ends("input_layers"), ends("output_layers"));
            model.choose(settings.text("name", ""));
            return model;
        }

        private boolean called(Waiting call) {
            if (!known.keySet().containsAll(call.reads)) return false;
            var layer = layers.get(call.layer);
            if (layer == null) throw wrong("layers", "one named '" + call.layer + "'", "none");
            var outputs = layer.callAll(call.reads.stream().map(known::get).toList());
            for (int i = 0; i < outputs.size(); i++)
                known.put(List.of(call.layer, (long) call.number, (long) i), outputs.get(i));
            return true;
        }

        private List<List<?>> references(Layer layer, @Nullable Object node) {
            var references = new ArrayList<List<?>>();
            if (!(node instanceof List<?> list))
                throw wrong("inbound_nodes", "lists of references", node);
            for (var reference : list) {
                var names = layer.argumentNames();
                if (!names.isEmpty()
                        && list.size() == 1
                        && reference instanceof List<?> parts
                        && parts.size() > 3
                        && parts.get(3) instanceof Map<?, ?> named) {
                    references.add(reference(parts.subList(0, 3)));
                    for (var name : names) addNamed(references, name, named);
                    named.forEach((name, value) -> {
                        if (!names.contains(String.valueOf(name)) && value != null)
                            layer.readCallSetting(String.valueOf(name), value);
                    });
                } else {
                    references.add(reference(reference));
                }
            }
            return references;
        }

        /// Adds what is given by name; one that is left out before another is the one before it.
        private void addNamed(List<List<?>> references, String name, Map<?, ?> named) {
            var given = named.get(name);
            if (given != null) {
                references.add(reference(given));
            } else if (name.equals("key") && named.get("attention_mask") != null) {
                references.add(references.getLast()); // Keras takes the values for keys
            }
        }

        private List<?> reference(@Nullable Object reference) {
            if (reference instanceof List<?> parts
                    && parts.size() >= 3
                    && parts.get(0) instanceof String
                    && parts.get(1) instanceof Long
                    && parts.get(2) instanceof Long
                    && (parts.size() == 3
                            || parts.get(3) instanceof Map<?, ?> map && map.isEmpty()))
                return List.copyOf(parts.subList(0, 3));
            throw wrong("inbound_nodes", "[layer, call, output]", reference);
        }

        private List<Output> ends(String key) {
            var ends = new ArrayList<Output>();
            for (var end : settings.list(key)) {
                var output = known.get(reference(end));
                if (output == null) throw wrong(key, "outputs of layers", end);
                ends.add(output);
            }
            return ends;
        }

        private FileException wrong(String argument, String expected, @Nullable Object actual) {
            return settings.wrong(argument, expected, actual);
        }
    }
}
