package io.webdnn.cli;

import static io.webdnn.train.F.relu;

import io.webdnn.train.Chain;
import io.webdnn.train.Variable;
import io.webdnn.train.link.Convolution2D;
import io.webdnn.train.link.Linear;

/// The network of the exercise (`exercise/CNN.java`): `[N, 1, 28, 28]` to scores `[N, 10]`.
final class ExerciseNetwork extends Chain {
    private final Convolution2D conv1 = link("conv1", new Convolution2D(8, 3));
    private final Convolution2D conv2 = link("conv2", new Convolution2D(16, 3));
    private final Linear l3 = link("l3", new Linear(32));
    private final Linear l4 = link("l4", new Linear(10));

    @Override
    public Variable call(Variable x) {
        return l4.call(relu(l3.call(relu(conv2.call(relu(conv1.call(x)))))));
    }
}
