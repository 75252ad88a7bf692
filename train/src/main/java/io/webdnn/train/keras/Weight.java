package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.Parameter;
import io.webdnn.train.initializer.Initializer;
import java.util.List;

/// A parameter of a layer, as Keras's files hold it.
///
/// @param layer whose it is
/// @param role its name and what was said of it
/// @param isTrained whether an optimizer changes it; others are averages that a layer keeps
/// @param order axis `d` of the file's array is axis `order[d]` of the parameter; empty if they
///   stand alike
record Weight(
        Layer layer, WeightRole role, boolean isTrained, Parameter parameter, List<Integer> order) {
    /// {@return a weight that is drawn as Keras does, in the order of its axes}
    static Weight draw(
            Layer layer, WeightRole role, boolean isTrained, List<Integer> order, int[] fileShape) {
        int[] shape = fileShape.clone();
        for (int d = 0; d < order.size(); d++) shape[order.get(d)] = fileShape[d];
        Initializer drawn =
                (_, random) ->
                        fromFile(role.initializer().initializer().draw(fileShape, random), order);
        var parameter = new Parameter(role.name().replace('/', '_'), drawn, shape);
        parameter.initialize(shape);
        var constraint = role.constraint();
        if (constraint != null) parameter.constrain(updated -> constraint.apply(updated, order));
        return new Weight(layer, role, isTrained, parameter, List.copyOf(order));
    }

    /// {@return Keras's name, such as `kernel`}
    String name() {
        return role.name();
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
            target[i] = own.floats()[offset(i, turned, strides, order)];
        return to;
    }

    /// {@return what the file holds, in the parameter's order}
    Tensor fromFile(Tensor stored) {
        return fromFile(stored, order);
    }

    private static Tensor fromFile(Tensor stored, List<Integer> order) {
        if (order.isEmpty()) return stored;
        int[] turned = stored.shape();
        int[] shape = new int[turned.length];
        for (int d = 0; d < turned.length; d++) shape[order.get(d)] = turned[d];
        var to = Tensor.zeros(stored.dtype(), shape);
        int[] strides = strides(shape);
        float[] source = stored.floats();
        for (int i = 0; i < source.length; i++)
            to.floats()[offset(i, turned, strides, order)] = source[i];
        return to;
    }

    /// {@return where the file's element `i` stands in the parameter}
    private static int offset(int i, int[] turned, int[] strides, List<Integer> order) {
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
