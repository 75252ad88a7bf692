package io.webdnn.verify.bench;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A network on ONNX Runtime for Java, whose jar is found when it is measured: nothing here is
/// compiled against it. It lives as long as this JVM.
final class OnnxRuntime {
    private static final String PACKAGE = "ai.onnxruntime.";

    private final Object environment;
    private final Object session;
    private final Method tensor;
    private final Method run;

    /// @param model an ONNX file whose input is called `x`
    OnnxRuntime(Path jar, Path model, int threads)
            throws IOException, ReflectiveOperationException {
        var classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        var environments = classes.loadClass(PACKAGE + "OrtEnvironment");
        var options = classes.loadClass(PACKAGE + "OrtSession$SessionOptions");
        environment = call(environments.getMethod("getEnvironment"), null);
        var chosen = options.getConstructor().newInstance();
        options.getMethod("setIntraOpNumThreads", int.class).invoke(chosen, threads);
        options.getMethod("setInterOpNumThreads", int.class).invoke(chosen, 1);
        session =
                call(
                        environments.getMethod("createSession", String.class, options),
                        environment,
                        model.toString(),
                        chosen);
        run = session.getClass().getMethod("run", Map.class);
        tensor =
                classes.loadClass(PACKAGE + "OnnxTensor")
                        .getMethod("createTensor", environments, FloatBuffer.class, long[].class);
    }

    /// {@return the elements of the first output}
    ///
    /// @param x direct
    float[] run(FloatBuffer x, long[] shape) throws Exception {
        try (var input = (AutoCloseable) call(tensor, null, environment, x, shape);
                var outputs = (AutoCloseable) call(run, session, Map.of("x", input))) {
            var output = call(outputs.getClass().getMethod("get", int.class), outputs, 0);
            var values = (FloatBuffer) call(output.getClass().getMethod("getFloatBuffer"), output);
            var result = new float[values.remaining()];
            values.get(result);
            return result;
        }
    }

    private static Object call(Method method, @Nullable Object target, Object... arguments)
            throws IllegalAccessException, InvocationTargetException {
        return Objects.requireNonNull(method.invoke(target, arguments), method.getName());
    }
}
