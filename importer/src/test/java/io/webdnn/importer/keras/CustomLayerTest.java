package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Layers of users; that a jar brings them is a test of the command line.
final class CustomLayerTest {
    private record Scale(Function<CustomLayer.Call, Value> translation) implements CustomLayer {
        @Override
        public String kind() {
            return "Scale";
        }

        @Override
        public Value translate(Call call) {
            return translation.apply(call);
        }
    }

    private static Value scaled(CustomLayer.Call call) {
        return Value.of(call.mul(call.input(), call.weight("factor", 2)));
    }

    private static String complaint(String attributes, Function<CustomLayer.Call, Value> layer) {
        var factor = Tensor.of(new float[] {2, -3}, 2);
        var importer =
                SmallModel.of("2.9.0", "Scale", attributes, "2", factor)
                        .importer()
                        .layers(List.of(new Scale(layer)));
        var e = assertThrows(GraphException.class, importer::graph);
        return String.valueOf(e.getMessage()).replaceAll("model\\d+", "model");
    }

    @Test
    void oneOfKerasIsReplaced() {
        var factor = Tensor.of(new float[] {2, -3}, 2);
        CustomLayer dense =
                new CustomLayer() {
                    @Override
                    public String kind() {
                        return "Dense";
                    }

                    @Override
                    public Value translate(Call call) {
                        return scaled(call);
                    }
                };
        var importer =
                SmallModel.of("2.9.0", "Dense", "", "2", factor).importer().layers(List.of(dense));
        var y = Interpreter.run(importer.graph(), List.of(Tensor.of(new float[] {1, 1}, 1, 2)));
        assertEquals("[2.0, -3.0]", Arrays.toString(y.getFirst().floats()));
    }

    @Test
    void whatALayerDoesNotAskForIsComplainedAbout() {
        assertEquals(
                "Scale 'd' (model.h5): attribute 'twist': expected one that this layer is known to"
                        + " have, got 1",
                complaint("'twist': 1", CustomLayerTest::scaled));
        assertEquals(
                "Scale 'd' (model.h5): weights: expected 0 weights, got 1",
                complaint("", CustomLayer.Call::input));
    }

    @Test
    void whatALayerThrowsNamesIt() {
        assertEquals(
                "Scale 'd' (model.h5): io.webdnn.importer.keras.CustomLayerTest$Scale:"
                        + " java.lang.UnsupportedOperationException: no idea",
                complaint(
                        "",
                        _ -> {
                            throw new UnsupportedOperationException("no idea");
                        }));
        assertEquals(
                "Scale 'd' (model.h5): size: expected even, got 3",
                complaint(
                        "",
                        call -> {
                            throw call.wrong("size", "even", 3);
                        }));
    }
}
