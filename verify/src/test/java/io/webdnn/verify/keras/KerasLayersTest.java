package io.webdnn.verify.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jhdf.HdfFile;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Single layers against the outputs of real Keras, which keras-js kept with inputs and weights.
///
/// `layers.tsv` lists the cases that pass, and every line of it must: file, case, weights per
/// layer, layers. The files of keras-js hold no attributes. Those in the list are what its tests
/// were thought to have; where that gave other numbers, variants were tried, and the first was kept
/// under which every element agrees. So a line shows that a layer with these attributes computes
/// what Keras computed, not that Keras was given these attributes.
final class KerasLayersTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir Path folder = Path.of("");

    static Stream<String> cases() throws IOException {
        try (InputStream in = KerasLayersTest.class.getResourceAsStream("layers.tsv")) {
            var text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void layerGivesWhatKerasGave(String line) throws IOException {
        var data = TestData.directory();
        var parts = List.of(line.split("\t"));
        var file = data.resolve("keras/keras-js-layer-tests").resolve(parts.get(0));
        var json = (Map<?, ?>) Objects.requireNonNull(read(file).get(parts.get(1)));
        var x = tensor(member(json, "input"));
        var weights = new ArrayList<Tensor>();
        if (json.get("weights") instanceof List<?> list) list.forEach(w -> weights.add(tensor(w)));
        var model = folder.resolve("model.h5");
        write(model, x, parts.get(2), parts.get(3), weights);
        KerasOracle.assertGives(
                batchOfOne(tensor(member(json, "expected"))),
                KerasImporter.read(model).graph(),
                batchOfOne(x),
                TOLERANCE);
    }

    private static Tensor batchOfOne(Tensor tensor) {
        int[] shape = new int[tensor.rank() + 1];
        shape[0] = 1;
        System.arraycopy(tensor.shape(), 0, shape, 1, tensor.rank());
        return tensor.reshape(shape);
    }

    /// Writes the model as Keras 2 does.
    private static void write(
            Path file, Tensor x, String counts, String layers, List<Tensor> weights) {
        var shape = new StringBuilder("null");
        for (int extent : x.shape()) shape.append(", ").append(extent);
        var input =
                "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"input\","
                        + " \"batch_input_shape\": ["
                        + shape
                        + "]}}";
        int next = 0;
        try (var hdf = HdfFile.write(file)) {
            hdf.putAttribute("keras_version", "2.0.8");
            hdf.putAttribute(
                    "model_config",
                    "{\"class_name\": \"Sequential\", \"config\": ["
                            + input
                            + ", "
                            + layers.substring(1)
                            + "}");
            var group = hdf.putGroup("model_weights");
            var perLayer = List.of(counts.split(" "));
            for (int i = 0; i < perLayer.size(); i++) {
                int count = Integer.parseInt(perLayer.get(i));
                if (count == 0) continue; // jHDF writes no empty groups
                var layer = group.putGroup("l" + i);
                var inside = layer.putGroup("l" + i);
                var names = new String[count];
                for (int k = 0; k < count; k++) {
                    names[k] = "l" + i + "/w" + k;
                    inside.putDataset("w" + k, nested(weights.get(next++)));
                }
                layer.putAttribute("weight_names", names);
            }
        }
        assertEquals(weights.size(), next, "weights used");
    }

    private static Object nested(Tensor tensor) {
        var array = Array.newInstance(float.class, tensor.shape());
        fill(array, tensor.floats(), new int[1]);
        return array;
    }

    private static void fill(Object array, float[] values, int[] next) {
        if (array instanceof float[] row) {
            for (int i = 0; i < row.length; i++) row[i] = values[next[0]++];
            return;
        }
        for (int i = 0; i < Array.getLength(array); i++) fill(Array.get(array, i), values, next);
    }

    private static Tensor tensor(Object json) {
        var map = (Map<?, ?>) json;
        var shape =
                ((List<?>) member(map, "shape"))
                        .stream().mapToInt(n -> ((Number) n).intValue()).toArray();
        var data = (List<?>) member(map, "data");
        var values = new float[data.size()];
        for (int i = 0; i < values.length; i++) values[i] = ((Number) data.get(i)).floatValue();
        return Tensor.of(values, shape);
    }

    private static Object member(Map<?, ?> object, String key) {
        return Objects.requireNonNull(object.get(key), key);
    }

    private static Map<?, ?> read(Path file) throws IOException {
        try (var parser = new JsonFactory().createParser(file.toFile())) {
            return (Map<?, ?>) value(parser, parser.nextToken());
        }
    }

    private static Object value(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.START_OBJECT) {
            var map = new LinkedHashMap<String, Object>();
            while (parser.nextToken() != JsonToken.END_OBJECT)
                map.put(parser.currentName(), value(parser, parser.nextToken()));
            return map;
        }
        if (token != JsonToken.START_ARRAY) return token.isNumeric() ? parser.getDoubleValue() : "";
        var list = new ArrayList<>();
        for (var next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken())
            list.add(value(parser, next));
        return list;
    }
}
