package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models of Keras on the command line.
class KerasModelTest {
    private static final String SERVICE = "META-INF/services/io.webdnn.importer.keras.CustomLayer";

    private static final String SCALE =
            """
            package user;

            import io.webdnn.graph.Value;
            import io.webdnn.importer.keras.CustomLayer;

            public final class Scale implements CustomLayer {
                @Override
                public String kind() {
                    return "Scale";
                }

                @Override
                public Value translate(Call call) {
                    var y = Value.of(call.mul(call.input(), call.weight("factor", 3)));
                    return call.activation("activation", y);
                }
            }
            """;

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    private Path model(String kind, String attributes, String shape, Tensor weight) {
        var config =
                "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': [{'class_name':"
                        + " 'InputLayer', 'config': {'name': 'x', 'batch_input_shape': [null, "
                        + shape
                        + "]}}, {'class_name': '"
                        + kind
                        + "', 'config': {'name': 'd'"
                        + attributes
                        + "}}]}}";
        var root = new Hdf5Group();
        root.put("model_config", config.replace('\'', '"'));
        root.put("keras_version", "2.9.0");
        var layer = root.putGroup("model_weights").putGroup("d");
        layer.put("weight_names", List.of("d/w"));
        layer.putGroup("d").put("w", weight);
        var file = directory.resolve("model.h5");
        Hdf5File.write(file, root);
        return file;
    }

    private CommandLineRun convert(Path model, String... arguments) {
        var all =
                new java.util.ArrayList<>(
                        List.of(
                                "convert",
                                model + "",
                                "--backend",
                                "webassembly",
                                "--out",
                                directory.resolve("out") + ""));
        all.addAll(List.of(arguments));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private String plan() throws IOException {
        return Files.readString(directory.resolve("out/graph_webassembly.json"));
    }

    private Path dense() {
        return model(
                "Dense",
                ", 'units': 2, 'use_bias': false",
                "null, 3",
                Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    }

    private Path jar(String service) throws IOException {
        var source = directory.resolve("Scale.java");
        Files.writeString(source, SCALE);
        var classes = directory.resolve("classes");
        var path =
                System.getProperty("java.class.path", "")
                        + File.pathSeparator
                        + System.getProperty("jdk.module.path", "");
        int code =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                path,
                                "-d",
                                classes + "",
                                source + "");
        assertThat(code).isZero();
        var jar = directory.resolve("plugin.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry("user/Scale.class"));
            out.write(Files.readAllBytes(classes.resolve("user/Scale.class")));
            out.putNextEntry(new ZipEntry(SERVICE));
            out.write(service.getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }

    @Test
    void aPluginBringsALayer() throws IOException {
        var model =
                model("Scale", ", 'activation': 'relu'", "3", Tensor.of(new float[] {2, -3, 1}, 3));
        var run = convert(model, "--plugin", jar("user.Scale") + "");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        var without = convert(model);
        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.err())
                .isEqualToIgnoringNewLines(
                        "webdnn convert: Scale 'd' (model.h5): layer: expected a layer of Keras, or"
                                + " one that a CustomLayer knows, got Scale");
    }

    @Test
    void pluginsThatCannotBeUsed() throws IOException {
        var missing = convert(dense(), "--plugin", "none.jar");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("none.jar: plugin: expected a jar, got no such file");
        var broken = convert(dense(), "--plugin", jar("user.Other") + "");
        assertThat(broken.exitCode()).isEqualTo(1);
        assertThat(broken.err())
                .contains("plugin.jar: plugin: expected classes that can be used, got ");
        var empty = convert(dense(), "--plugin", jar("") + "");
        assertThat(empty.err())
                .contains("plugin.jar: " + SERVICE + ": expected names of classes, got none");
        var onnx = convert(directory.resolve("model.onnx"), "--plugin", "plugin.jar");
        assertThat(onnx.exitCode()).isEqualTo(2);
        assertThat(onnx.err()).contains("--plugin: expected a model of Keras, got ");
    }

    @Test
    void namesInShapesStaySymbols() throws IOException {
        var run = convert(dense(), "--input-shape", "(B, T, 3)", "--encoding", "float16");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(plan()).contains("\"B\"").contains("\"T\"").contains("float16");
    }

    @Test
    void wrongShapesAndEncodings() {
        var number = convert(dense(), "--input-shape", "(1, 5, 4)");
        assertThat(number.exitCode()).isEqualTo(1);
        assertThat(number.err())
                .contains("model.h5: input 'x': expected [N, x.1, 3], got [1, 5, 4]");
        var rank = convert(dense(), "--input-shape", "(1, 3)");
        assertThat(rank.err()).contains("model.h5: input 'x': expected [N, x.1, 3], got [1, 3]");
        var many = convert(dense(), "--input-shape", "(1,5,3)", "--input-shape", "(1,5,3)");
        assertThat(many.exitCode()).isEqualTo(2);
        assertThat(many.err())
                .contains("--input-shape: expected at most one for each of the 1 inputs, got 2");
        var text = convert(dense(), "--input-shape", "1x5x3");
        assertThat(text.exitCode()).isEqualTo(2);
        assertThat(text.err())
                .contains("--input-shape: expected a shape such as \"(1,3,224,224)\", got 1x5x3");
        var encoding = convert(dense(), "--encoding", "zip");
        assertThat(encoding.exitCode()).isEqualTo(2);
        assertThat(encoding.err())
                .contains("--encoding: expected one of [raw, float16, eightbit], got zip");
        assertThat(directory.resolve("out")).doesNotExist();
    }
}
