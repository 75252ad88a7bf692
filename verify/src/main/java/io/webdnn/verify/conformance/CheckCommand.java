package io.webdnn.verify.conformance;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.cli.CommandException;
import io.webdnn.cli.ModelFile;
import io.webdnn.graph.Graph;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npy;
import io.webdnn.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn check MODEL`: whether a target computes what the JVM does, and if not, from where on.
@Command(
        name = "check",
        description =
                "Runs a model on the JVM and on another target; where the outputs differ, names the"
                        + " first node whose value does.")
public final class CheckCommand implements AdditionalCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ModelFile model;

    @Option(
            names = "--target",
            split = ",",
            paramLabel = "TARGET",
            description = "interpreter, webassembly, webgl, webgpu. Default: webassembly.")
    List<String> targets = List.of("webassembly");

    @Option(
            names = "--input",
            arity = "1..*",
            paramLabel = "FILE.npy",
            description = "The inputs, in the model's order. Default: random ones.")
    List<Path> files = new ArrayList<>();

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "Of the random inputs: reals from 0 to 1, integers 0 or 1, symbolic extents 2.")
    int seed;

    @Override
    public Integer call() throws Exception {
        var chosen = Targets.named(targets);
        try (var reference = new JvmTarget()) {
            var given = files.stream().map(Npy::read).toList();
            var graph = model.graph(given.stream().map(Tensor::toShape).toList());
            var inputs = given.isEmpty() ? random(graph, seed) : given;
            if (inputs.size() != graph.inputs().size()) {
                throw CommandException.wrongUse(
                        "--input: expected one file for each of the %d inputs, got %d"
                                .formatted(graph.inputs().size(), inputs.size()));
            }
            boolean isRight = true;
            for (var target : chosen) isRight &= isRight(graph, inputs, reference, target);
            return isRight ? 0 : 1;
        } finally {
            chosen.forEach(Target::close);
        }
    }

    private boolean isRight(Graph graph, List<Tensor> inputs, Target reference, Target target)
            throws Exception {
        var found = new FirstDifference(graph, inputs, reference, target).find();
        spec.commandLine()
                .getOut()
                .println(model.path() + ": " + line(graph, found.orElse(null), target.name()));
        return found.isEmpty();
    }

    static String line(Graph graph, FirstDifference.@Nullable Found found, String target) {
        if (found == null)
            return "%s gives what jvm gives (%d nodes, %d outputs)"
                    .formatted(target, graph.nodes().size(), graph.outputs().size());
        var node = found.node();
        return "%s differs from jvm first at %s '%s' (node %d of %d): %s"
                .formatted(
                        target,
                        node.op().name(),
                        node.name(),
                        found.position(),
                        graph.nodes().size(),
                        found.detail());
    }

    /// {@return inputs drawn from a seed}
    static List<Tensor> random(Graph graph, int seed) {
        var random = new RandomStream(seed, 0);
        var inputs = new ArrayList<Tensor>();
        for (var input : graph.inputs()) {
            var type = input.type();
            var extents = type.shape().dimensions().stream().map(CheckCommand::small).toList();
            var shape = extents.stream().mapToInt(Math::toIntExact).toArray();
            var tensor = Tensor.zeros(type.dtype(), shape);
            for (int i = 0; i < tensor.size(); i++) {
                double uniform = random.nextFloat();
                if (type.dtype().isFloat()) tensor.setDouble(i, uniform);
                else tensor.setLong(i, uniform < 0.5 ? 0 : 1);
            }
            inputs.add(tensor);
        }
        return inputs;
    }

    private static long small(Dimension extent) {
        return extent.valueAt(2);
    }
}
