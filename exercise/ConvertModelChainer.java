import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.train.ChainerConverter;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.link.Classifier;
import io.webdnn.train.serializer.NpzSerializer;
import java.nio.file.Path;
import java.util.List;

/// Converts the trained model for the browser:
///
///     ../webdnn java ConvertModelChainer.java
public class ConvertModelChainer {
    public static void main(String[] arguments) {
        // The model, and its trained parameters.
        var model = new Classifier(new CNN());
        NpzSerializer.load(Path.of("chainer_output/chainer_model.npz"), model);

        // The network is what happens when it is called: call it once, with zeros.
        var input = new Variable(new float[28 * 28], 1, 1, 28, 28);
        var scores = model.predictor().call(input);
        var prediction = F.softmax(scores);

        var graph = new ChainerConverter().convert(List.of(input), List.of(prediction));

        // Other backends: WEBGPU, WEBASSEMBLY; each adds its files.
        GraphDescriptor.generate(Backend.WEBGL, graph).save(Path.of("webdnn_graph_descriptor"));
        System.out.println("the graph descriptor is saved to webdnn_graph_descriptor");
    }
}
