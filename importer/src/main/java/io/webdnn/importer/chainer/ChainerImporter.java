package io.webdnn.importer.chainer;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.npy.Npz;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;

/// Reads the parameters that Chainer's `serializers.save_npz` wrote.
///
/// ```java
/// Map<String, Tensor> parameters = ChainerImporter.read(Path.of("chainer_model.npz"));
/// Tensor kernel = parameters.get("predictor/conv1/W");
/// ```
public final class ChainerImporter {
    private ChainerImporter() {}

    /// {@return the parameters and persistent values by their path in the chain of links, in the
    /// order of the file}
    ///
    /// @throws FileException if the file cannot be read, is broken, is empty, or holds what is no
    ///   number
    public static Map<String, Tensor> read(Path file) {
        var parameters = Npz.read(file);
        if (parameters.isEmpty())
            throw FileException.of(file.toString(), "contents", "parameters of a model", "none");
        parameters.forEach((path, tensor) -> expectNumbers(file, path, tensor));
        return Collections.unmodifiableMap(parameters);
    }

    private static void expectNumbers(Path file, String path, Tensor tensor) {
        if (!tensor.dtype().isNumeric() && tensor.dtype() != DType.BOOL)
            throw FileException.of(file.toString(), "'" + path + "'", "numbers", tensor);
    }
}
