package io.webdnn.verify.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.compiler.Program;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Erf;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the peers are given, and where they come from.
class PeersTest {
    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    @Test
    void theExercisesNetworkInLayersOfTensorFlow() {
        var files = TensorFlowLayers.of(Networks.graph("exercise"));
        assertThat(new String(files.description(), StandardCharsets.UTF_8))
                .startsWith(
                        "{\"shape\":[1,28,28,1],\"layers\":[{\"kind\":\"conv2d\",\"from\":[0],"
                                + "\"kernelSize\":[3,3],\"strides\":[1,1],\"filters\":8,"
                                + "\"useBias\":true,\"shapes\":[[3,3,1,8],[8]],"
                                + "\"activation\":\"relu\"},")
                .contains("{\"kind\":\"flatten\",\"from\":[2]},{\"kind\":\"dense\",\"from\":[3],")
                .endsWith("{\"kind\":\"softmax\",\"from\":[5],\"axis\":-1}],\"result\":6}");
        int count = 72 + 8 + 72 * 16 + 16 + 9216 * 32 + 32 + 320 + 10;
        assertThat(files.weights()).hasSize(Float.BYTES * count);
        // l3 reads (row, column, channel) there and (channel, row, column) here
        var l3 = Networks.random(5, 9216, 32, 9216);
        var theirs =
                ByteBuffer.wrap(files.weights())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .position(72 + 8 + 72 * 16 + 16);
        int row = 5;
        int column = 7;
        int channel = 11;
        int unit = 13;
        assertThat(theirs.get(theirs.position() + ((row * 24 + column) * 16 + channel) * 32 + unit))
                .isEqualTo(l3.floats()[unit * 9216 + (channel * 24 + row) * 24 + column]);
    }

    @Test
    void paddingThatMovesTheWindowIsALayerOfItsOwn() {
        var description =
                new String(
                        TensorFlowLayers.of(Networks.graph("mobilenetv2")).description(),
                        StandardCharsets.UTF_8);
        assertThat(description)
                .startsWith(
                        "{\"shape\":[1,224,224,3],\"layers\":[{\"kind\":\"zeroPadding2d\","
                                + "\"from\":[0],\"padding\":[[1,1],[1,1]]},{\"kind\":\"conv2d\"")
                .contains("\"kind\":\"depthwiseConv2d\"", "\"activation\":\"relu6\"")
                .containsPattern("globalAveragePooling2d\",\"from\":.\\d+.},.\"kind\":\"dense\"")
                .doesNotContain("batchNormalization", "flatten");
    }

    @Test
    void channelsComeLast() {
        var x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 1, 3);
        assertThat(TensorFlowLayers.channelsLast(x).floats()).containsExactly(1, 4, 2, 5, 3, 6);
    }

    @Test
    void anOperatorWithoutLayerIsNamed() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 2));
        var graph = g.build(Map.of("y", g.apply(new Erf(), x)));
        assertThatThrownBy(() -> TensorFlowLayers.of(graph))
                .hasMessageContaining("TensorFlow.js: expected a known layer, got Erf");
    }

    @Test
    void wantOfAProgramAndItsFailureAreNamed() {
        var packages = new PeerPackages(directory);
        assertThatThrownBy(() -> packages.npm("no-such-npm"))
                .hasMessageContaining("expected npm (Node.js) on the PATH to fetch @tensorflow/")
                .hasMessageContaining("--no-peer measures without it");
        assertThatThrownBy(() -> packages.npm("false"))
                .hasMessageContaining("bench: false install --no-audit")
                .hasMessageContaining("expected exit code 0, got 1, see " + directory);
        assertThatThrownBy(() -> packages.onnxRuntime("no-such-maven"))
                .hasMessageContaining("expected Maven (mvn) on the PATH to fetch");
    }

    @Test
    void oursRunsInAJvmOfItsOwn() throws IOException, InterruptedException {
        try (var bench = new JvmBench(null, 100)) {
            var graph = Networks.graph("exercise");
            var input = Networks.input(graph);
            bench.serve("exercise", graph, input);
            var sample = bench.measure(Competitor.WEBDNN, Setting.JVM);
            assertThat(sample.output().floats())
                    .isEqualTo(Program.compile(graph).run(List.of(input)).getFirst().floats());
            assertThat(sample.times()).hasSizeGreaterThan(4).allMatch(time -> time > 0);
            assertThat(sample.cold()).isGreaterThan(sample.median());
            bench.serve("exercise", graph, Tensor.of(new float[] {1}));
            assertThatThrownBy(() -> bench.measure(Competitor.WEBDNN, Setting.JVM))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("input 'x': expected shape [1, 1, 28, 28], got []");
        }
    }

    @Test
    void whatIsNotSaidIsNamed() {
        var words = new Words(List.of("load 1.5", "times 1,2"));
        assertThat(words.number("load")).isEqualTo(1.5);
        assertThat(words.numbers("times")).containsExactly(1.0, 2.0);
        assertThatThrownBy(() -> words.text("bytes"))
                .hasMessageContaining("expected 'bytes' among what was seen, got [");
        assertThatThrownBy(() -> new Words(List.of("error no adapter"))).hasMessage("no adapter");
    }
}
