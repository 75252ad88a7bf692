package io.webdnn.train.keras;

import java.util.Arrays;

/// What a layer will give, before there are numbers: models are made of these.
///
/// ```java
/// var image = Input.shape(28, 28, 1);
/// var y = new Dense(10).activation("softmax").call(new Flatten().call(image));
/// var model = new Model(image, y);
/// ```
public final class Output {
    private final Call call;
    private final int index;
    private final int[] shape;

    Output(Call call, int index, int[] shape) {
        this.call = call;
        this.index = index;
        this.shape = shape.clone();
    }

    Call call() {
        return call;
    }

    /// {@return which output of its call this is}
    int index() {
        return index;
    }

    /// {@return the shape for one example}
    public int[] shape() {
        return shape.clone();
    }

    @Override
    public String toString() {
        return "output " + index + " of " + call.layer() + " " + Arrays.toString(shape);
    }
}
