package io.webdnn.train.serializer;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.npy.Npz;
import io.webdnn.train.Link;
import io.webdnn.train.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// The parameters of a link as NumPy's `.npz`, an array for each path such as `predictor/conv1/W`:
/// what Chainer writes can be read, and the other way round.
public final class NpzSerializer {
    private NpzSerializer() {}

    /// Writes all parameters, last ones first as Chainer does.
    ///
    /// @throws io.webdnn.train.TrainingException if one has no shape yet
    public static void save(Path file, Link link) {
        var paths = new ArrayList<>(link.namedParams().entrySet());
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var path : paths.reversed()) tensors.put(path.getKey(), path.getValue().array());
        Npz.write(file, tensors);
    }

    /// Reads all parameters. Those whose shape is not known yet take it from the file; nothing is
    /// changed if something does not fit.
    ///
    /// @throws FileException if the file cannot be read, lacks a parameter, holds something else,
    ///   or holds a parameter of another dtype or shape; names the path and the file
    public static void load(Path file, Link link) {
        var tensors = Npz.read(file);
        var parameters = link.namedParams();
        if (!tensors.keySet().equals(parameters.keySet()))
            throw FileException.saying(file.toString(), difference(tensors, parameters.keySet()));
        parameters.forEach((path, parameter) -> expectFit(file, path, parameter, tensors));
        parameters.forEach(
                (path, parameter) -> parameter.assign(Objects.requireNonNull(tensors.get(path))));
    }

    private static void expectFit(
            Path file, String path, Parameter parameter, Map<String, Tensor> tensors) {
        var tensor = tensors.get(path);
        if (tensor == null || tensor.dtype() != DType.FLOAT32 || !parameter.accepts(tensor.shape()))
            throw FileException.of(file.toString(), path, "float32" + parameter.expected(), tensor);
    }

    private static String difference(Map<String, Tensor> tensors, Set<String> expected) {
        var missing = new TreeSet<>(expected);
        missing.removeAll(tensors.keySet());
        var unknown = new TreeSet<>(tensors.keySet());
        unknown.removeAll(expected);
        List<String> sentences = new ArrayList<>();
        if (!missing.isEmpty()) sentences.add("expected " + missing + ", which it does not hold");
        if (!unknown.isEmpty()) sentences.add("got " + unknown + ", which the link does not have");
        return String.join("; ", sentences);
    }
}
