import static io.webdnn.train.F.relu;

import io.webdnn.train.Chain;
import io.webdnn.train.Variable;
import io.webdnn.train.link.Convolution2D;
import io.webdnn.train.link.Linear;

/// The network of the exercise: an image `[N, 1, 28, 28]` to a score for each of the ten digits,
/// before softmax. The sizes of the inputs of each layer are inferred at the first call.
public class CNN extends Chain {
    final Convolution2D conv1 = link("conv1", new Convolution2D(8, 3)); // out channels, kernel
    final Convolution2D conv2 = link("conv2", new Convolution2D(16, 3));
    final Linear l3 = link("l3", new Linear(32)); // out size
    final Linear l4 = link("l4", new Linear(10));

    @Override
    public Variable call(Variable x) {
        var h1 = relu(conv1.call(x));
        var h2 = relu(conv2.call(h1));
        var h3 = relu(l3.call(h2));
        return l4.call(h3);
    }
}
