package io.webdnn.verify.bench;

import io.webdnn.compiler.Program;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// Measures one competitor on one network on this JVM; started by [JvmBench].
final class JvmRun {
    private static final double MEASURED = 1500;
    private static final int LEAST = 5;

    private JvmRun() {}

    /// Measures, and prints what it saw.
    ///
    /// @param arguments the number of threads, the peer's jar or "", how long to warm up, the
    ///   input's shape; the network stands in the working directory, and its output is written
    ///   there
    public static void main(String[] arguments) throws Exception {
        var jar = arguments[1];
        double warmUp = Double.parseDouble(arguments[2]);
        var shape = Arrays.stream(arguments).skip(3).mapToInt(Integer::parseInt).toArray();
        var content = Files.readAllBytes(Path.of("input"));
        double before = calibration();
        long begin = System.nanoTime();
        var run =
                jar.isEmpty()
                        ? ours(content, shape)
                        : peers(Path.of(jar), Integer.parseInt(arguments[0]), content, shape);
        var output = run.call();
        double cold = since(begin);
        Files.write(
                Path.of("output"),
                RawElements.bytes(Tensor.of(output, output.length), ByteOrder.LITTLE_ENDIAN));
        for (long start = System.nanoTime(); since(start) < warmUp; ) run.call();
        var times = new ArrayList<Double>();
        for (long start = System.nanoTime(); times.size() < LEAST || since(start) < MEASURED; ) {
            long each = System.nanoTime();
            run.call();
            times.add(since(each));
        }
        System.out.println("cold " + cold);
        System.out.println("calibration " + Math.max(before, calibration()));
        System.out.println(
                "memory " + PageMemory.peakKibibytes(Path.of("/proc/self/status")) / 1024.0);
        System.out.println(
                "times " + times.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /// From the same file as the peer, which has no network in its memory either.
    private static Callable<float[]> ours(byte[] content, int[] shape) {
        var floats = floats(content);
        var values = new float[floats.remaining()];
        floats.get(values);
        var input = List.of(Tensor.of(values, shape));
        var program = Program.compile(OnnxImporter.read(Path.of("model.onnx")).graph());
        return () -> program.run(input).getFirst().floats();
    }

    private static Callable<float[]> peers(Path jar, int threads, byte[] content, int[] shape)
            throws IOException, ReflectiveOperationException {
        var x =
                ByteBuffer.allocateDirect(content.length)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        x.put(floats(content)).flip();
        var extents = Arrays.stream(shape).asLongStream().toArray();
        var runtime = new OnnxRuntime(jar, Path.of("model.onnx"), threads);
        return () -> runtime.run(x, extents);
    }

    private static FloatBuffer floats(byte[] content) {
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    /// A loop that lives in registers: its time tells how much of a core this JVM is given.
    private static double calibration() {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 3; round++) { // the first is not compiled
            long begin = System.nanoTime();
            int x = 88172645;
            for (int i = 0; i < 30_000_000; i++) {
                x ^= x << 13;
                x ^= x >>> 17;
                x ^= x << 5;
            }
            best = Math.min(best, since(begin) + (x == 0 ? 1 : 0));
        }
        return best;
    }
}
