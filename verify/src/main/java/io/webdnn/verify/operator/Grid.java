package io.webdnn.verify.operator;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;

/// An array of doubles with a shape, in which oracles compute; it says in which dtype its numbers
/// are compared.
final class Grid {
    /// A number for each position.
    @FunctionalInterface
    interface Element {
        double at(int[] index);
    }

    private final DType dtype;
    private final int[] shape;
    private final double[] values;

    private Grid(DType dtype, int[] shape) {
        this.dtype = dtype;
        this.shape = shape.clone();
        int n = 1;
        for (int extent : shape) n *= extent;
        values = new double[n];
    }

    static Grid zeros(DType dtype, int... shape) {
        return new Grid(dtype, shape);
    }

    static Grid of(Tensor tensor) {
        var grid = new Grid(tensor.dtype(), tensor.shape());
        for (int i = 0; i < grid.values.length; i++) grid.values[i] = tensor.getDouble(i);
        return grid;
    }

    static Grid each(DType dtype, int[] shape, Element element) {
        var grid = new Grid(dtype, shape);
        grid.forEach(index -> grid.set(element.at(index), index));
        return grid;
    }

    /// What is done at each position, in row-major order.
    @FunctionalInterface
    interface Visitor {
        void visit(int[] index);
    }

    void forEach(Visitor visitor) {
        for (int i = 0; i < values.length; i++) visitor.visit(position(i));
    }

    private int[] position(int flat) {
        var index = new int[shape.length];
        for (int d = shape.length - 1; d >= 0; d--) {
            index[d] = flat % shape[d];
            flat /= shape[d];
        }
        return index;
    }

    private int flat(int[] index) {
        if (index.length != shape.length)
            throw new IllegalArgumentException(
                    "Grid: " + index.length + " indices for rank " + shape.length);
        int flat = 0;
        for (int d = 0; d < shape.length; d++) {
            if (index[d] < 0 || index[d] >= shape[d])
                throw new IndexOutOfBoundsException("Grid: index " + index[d] + " on axis " + d);
            flat = flat * shape[d] + index[d];
        }
        return flat;
    }

    DType dtype() {
        return dtype;
    }

    int[] shape() {
        return shape.clone();
    }

    int rank() {
        return shape.length;
    }

    int extent(int axis) {
        return shape[axis];
    }

    int size() {
        return values.length;
    }

    double at(int... index) {
        return values[flat(index)];
    }

    /// {@return the element at an index, or a value where it is outside}
    double atOr(double outside, int... index) {
        for (int d = 0; d < shape.length; d++)
            if (index[d] < 0 || index[d] >= shape[d]) return outside;
        return at(index);
    }

    double flatAt(int i) {
        return values[i];
    }

    void set(double value, int... index) {
        values[flat(index)] = value;
    }

    /// {@return the element that belongs to an index into what this broadcasts to}
    double broadcastAt(int[] index) {
        var own = new int[shape.length];
        for (int d = 0; d < shape.length; d++)
            own[d] = shape[d] == 1 ? 0 : index[index.length - shape.length + d];
        return at(own);
    }

    Grid as(DType other) {
        return each(other, shape, this::at);
    }

    Tensor toTensor() {
        var tensor = Tensor.zeros(dtype, shape);
        for (int i = 0; i < values.length; i++) tensor.setDouble(i, values[i]);
        return tensor;
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }
}
