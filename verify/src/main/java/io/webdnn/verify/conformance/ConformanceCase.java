package io.webdnn.verify.conformance;

import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// A case: a model, and for each data set the files of its inputs and expected outputs.
public record ConformanceCase(String name, Path model, List<DataSet> dataSets) {
    private static final String OUTPUT = "_output_0.pb";
    private static final Pattern NUMBER = Pattern.compile("_(\\d{1,9})(\\.pb)?$");

    /// {@return the cases of some directories, in the order of their names: `DIR/*/model.onnx`, a
    /// directory that is a case itself, or models beside what they should give,
    /// `DIR/NAME_output_0.pb`, as the backend suite has its networks with constant weights}
    ///
    /// @throws FileException if a directory cannot be read or holds no case
    public static List<ConformanceCase> find(List<Path> directories) {
        var cases = new ArrayList<ConformanceCase>();
        for (var directory : directories) {
            int before = cases.size();
            try {
                if (Files.exists(directory.resolve("model.onnx"))) cases.add(read(directory));
                for (var each : list(directory, "*"))
                    if (Files.exists(each.resolve("model.onnx"))) cases.add(read(each));
                for (var output : list(directory, "*" + OUTPUT))
                    cases.add(light(directory, output));
            } catch (IOException e) {
                throw FileException.reading(directory, e);
            }
            if (cases.size() == before) {
                throw FileException.of(
                        directory.toString(),
                        "contents",
                        "cases (*/model.onnx or *_output_0.pb)",
                        "none");
            }
        }
        return cases;
    }

    private static ConformanceCase read(Path directory) throws IOException {
        var dataSets = new ArrayList<DataSet>();
        boolean isNetwork = Files.isDirectory(directory.resolve("ref"));
        for (var dataSet : list(directory, "test_data_set_*")) {
            dataSets.add(
                    new DataSet.Numbered(
                            list(dataSet, "input_*.pb"), list(dataSet, "output_*.pb"), isNetwork));
        }
        if (isNetwork)
            for (var dataSet : list(directory.resolve("ref"), "*"))
                if (Files.isDirectory(dataSet) && !list(dataSet, "out_*.npy").isEmpty())
                    dataSets.add(new DataSet.Named(dataSet));
        return new ConformanceCase(
                String.valueOf(directory.toAbsolutePath().normalize().getFileName()),
                directory.resolve("model.onnx"),
                dataSets);
    }

    private static ConformanceCase light(Path directory, Path output) {
        var file = String.valueOf(output.getFileName());
        var name = file.substring(0, file.length() - OUTPUT.length());
        var files = new DataSet.Numbered(List.of(), List.of(output), true);
        return new ConformanceCase(
                name, directory.resolve(name + ".onnx"), List.of(new DataSet.Ramp(files)));
    }

    private static List<Path> list(Path directory, String glob) throws IOException {
        var paths = new ArrayList<Path>();
        try (var stream = Files.newDirectoryStream(directory, glob)) {
            stream.forEach(paths::add);
        }
        paths.sort(Comparator.<Path>comparingInt(ConformanceCase::number).thenComparing(p -> p));
        return paths;
    }

    private static int number(Path path) {
        var matcher = NUMBER.matcher(path.toString());
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
