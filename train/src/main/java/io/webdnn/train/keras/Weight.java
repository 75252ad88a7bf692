package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.Parameter;
import java.util.List;

/// A parameter of a layer, as Keras's files hold it.
///
/// @param name Keras's, such as `kernel`
/// @param order axis `d` of the file's array is axis `order[d]` of the parameter
record Weight(String name, Parameter parameter, List<Integer> order) {
    /// {@return a weight whose axes stand as in the file}
    static Weight plain(String name, Parameter parameter) {
        return new Weight(name, parameter, List.of());
    }

    /// {@return a weight with another order of axes}
    static Weight turned(String name, Parameter parameter, Integer... order) {
        return new Weight(name, parameter, List.of(order));
    }

    /// {@return the shape in the file}
    int[] fileShape() {
        return permuted(parameter.type().shape().toInts());
    }

    private int[] permuted(int[] shape) {
        if (order.isEmpty()) return shape;
        int[] turned = new int[shape.length];
        for (int d = 0; d < turned.length; d++) turned[d] = shape[order.get(d)];
        return turned;
    }

    /// {@return the contents of something of the parameter's shape, as the file holds them}
    Tensor toFile(Tensor own) {
        if (order.isEmpty()) return own;
        int[] shape = own.shape();
        int[] turned = permuted(shape);
        var to = Tensor.zeros(own.dtype(), turned);
        int[] strides = strides(shape);
        float[] target = to.floats();
        for (int i = 0; i < target.length; i++)
            target[i] = own.floats()[offset(i, turned, strides)];
        return to;
    }

    /// {@return what the file holds, in the parameter's order}
    Tensor fromFile(Tensor stored) {
        if (order.isEmpty()) return stored;
        int[] turned = stored.shape();
        int[] shape = new int[turned.length];
        for (int d = 0; d < turned.length; d++) shape[order.get(d)] = turned[d];
        var to = Tensor.zeros(stored.dtype(), shape);
        int[] strides = strides(shape);
        float[] source = stored.floats();
        for (int i = 0; i < source.length; i++) to.floats()[offset(i, turned, strides)] = source[i];
        return to;
    }

    /// {@return where the file's element `i` stands in the parameter}
    private int offset(int i, int[] turned, int[] strides) {
        int offset = 0;
        for (int d = turned.length - 1; d >= 0; d--) {
            offset += i % turned[d] * strides[order.get(d)];
            i /= turned[d];
        }
        return offset;
    }

    private static int[] strides(int[] shape) {
        int[] strides = new int[shape.length];
        int stride = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= shape[d];
        }
        return strides;
    }
}
