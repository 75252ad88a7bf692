package io.webdnn.verify.bench;

import io.webdnn.graph.Graph;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Measures on the JVM, each competitor in a fresh one: [JvmRun].
final class JvmBench implements Place {
    private static final int MINUTES = 5;

    private final @Nullable Path jar;
    private final double warmUp;
    private int[] shape = {};
    private final Path directory = Files.createTempDirectory("webdnn-bench");

    /// @param jar ONNX Runtime, or null to measure without it
    /// @param warmUp how long the JVM's compiler may be busy, in milliseconds
    JvmBench(@Nullable Path jar, double warmUp) throws IOException {
        this.jar = jar;
        this.warmUp = warmUp;
    }

    @Override
    public void serve(String name, Graph graph, Tensor input) throws IOException {
        shape = input.shape();
        OnnxExporter.write(graph, directory.resolve("model.onnx"));
        Files.write(directory.resolve("input"), RawElements.bytes(input, ByteOrder.LITTLE_ENDIAN));
    }

    @Override
    public Sample measure(Competitor competitor, Setting setting)
            throws IOException, InterruptedException {
        var output = directory.resolve("output");
        Files.deleteIfExists(output);
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Dio.webdnn.threads=" + setting.threads());
        command.addAll(program(JvmRun.class));
        command.add(String.valueOf(setting.threads()));
        command.add(competitor == Competitor.WEBDNN ? "" : String.valueOf(jar));
        command.add(String.valueOf(warmUp));
        for (int extent : shape) command.add(String.valueOf(extent));
        var printed = directory.resolve("printed");
        var process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES))
                throw new IllegalStateException("JVM: not done in " + MINUTES + " minutes");
        } finally {
            process.destroyForcibly();
        }
        var lines = Files.readAllLines(printed);
        if (process.exitValue() != 0) throw new IllegalStateException(String.join(" ", lines));
        var seen = new Words(lines);
        var values = ByteBuffer.wrap(Files.readAllBytes(output)).order(ByteOrder.LITTLE_ENDIAN);
        return new Sample(
                seen.number("cold"),
                0,
                0,
                0,
                seen.number("memory"),
                seen.number("calibration"),
                seen.numbers("times"),
                Sample.row(values));
    }

    /// {@return the arguments that start a class of this module as this program was started}
    static List<String> program(Class<?> main) {
        var run = main.getName();
        var modules = System.getProperty("jdk.module.path");
        var module = main.getModule();
        if (modules != null && module.isNamed())
            return List.of("-p", modules, "-m", module.getName() + "/" + run);
        var classes = System.getProperty("java.class.path");
        return List.of("--add-modules", "jdk.incubator.vector", "-cp", classes, run);
    }

    @Override
    public void close() throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}
