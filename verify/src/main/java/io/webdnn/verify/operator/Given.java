package io.webdnn.verify.operator;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// One input of a case: how its contents are made, whether they are known when compiling, and which
/// of its extents may be symbols.
///
/// @param tensor the contents for the input's position, null if the input is absent
/// @param isConstant whether they are known when compiling
/// @param symbols the axes whose extent is a symbol in one variant of the case, and its name
record Given(
        IntFunction<@Nullable Tensor> tensor, boolean isConstant, Map<Integer, String> symbols) {
    /// An optional input that is not given.
    static final Given ABSENT = new Given(_ -> null, false, Map.of());

    private static Given data(IntFunction<@Nullable Tensor> tensor) {
        return new Given(tensor, false, Map.of());
    }

    /// {@return random numbers in `low … high`, the same in each run}
    static Given random(DType dtype, double low, double high, int... shape) {
        return data(position -> {
            var random = new RandomStream(shape.length * 1000L + position, 7);
            var tensor = Tensor.zeros(dtype, shape);
            for (int i = 0; i < tensor.size(); i++) {
                double value = random.nextDouble(low, high);
                tensor.setDouble(i, dtype.isFloat() ? value : Math.floor(value));
            }
            return tensor;
        });
    }

    /// {@return random float32 numbers in `−1 … 1`}
    static Given f32(int... shape) {
        return random(DType.FLOAT32, -1, 1, shape);
    }

    /// {@return random float16 numbers in `−1 … 1`}
    static Given f16(int... shape) {
        return random(DType.FLOAT16, -1, 1, shape);
    }

    /// {@return random int32 numbers in `−9 … 8`}
    static Given i32(int... shape) {
        return random(DType.INT32, -9, 9, shape);
    }

    /// {@return random bools}
    static Given bool(int... shape) {
        return data(position -> {
            var random = new RandomStream(position, 11);
            var tensor = Tensor.zeros(DType.BOOL, shape);
            for (int i = 0; i < tensor.size(); i++) tensor.setLong(i, random.nextInt(2));
            return tensor;
        });
    }

    /// {@return a tensor}
    static Given of(Tensor tensor) {
        return data(_ -> tensor);
    }

    /// {@return a float32 vector}
    static Given vector(float... values) {
        return of(Tensor.of(values, values.length));
    }

    /// {@return a float32 tensor of one repeated number}
    static Given filled(double value, int... shape) {
        return filled(DType.FLOAT32, value, shape);
    }

    /// {@return a tensor of one repeated number}
    static Given filled(DType dtype, double value, int... shape) {
        var tensor = Tensor.zeros(dtype, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, value);
        return of(tensor);
    }

    /// {@return an int64 vector that is known when compiling, as shape operands are}
    static Given longs(long... values) {
        return of(Tensor.of(values, values.length)).known();
    }

    /// {@return an int64 tensor of indices}
    static Given indices(int[] shape, long... values) {
        return of(Tensor.of(values, shape));
    }

    /// {@return the dtype of what is given}
    DType declaredDtype() {
        var made = tensor.apply(0);
        if (made == null) throw new IllegalStateException("Given: an absent input has no dtype");
        return made.dtype();
    }

    /// {@return this, known when compiling}
    Given known() {
        return new Given(tensor, true, symbols);
    }

    /// {@return this with an extent that is a symbol in one variant of the case}
    Given symbol(int axis, String name) {
        var named = new TreeMap<>(symbols);
        named.put(axis, name);
        return new Given(tensor, isConstant, named);
    }

    /// {@return the declared shape}
    Shape shape(Tensor tensor, boolean symbolic) {
        var shape = tensor.toShape();
        if (!symbolic) return shape;
        for (var symbol : symbols.entrySet())
            shape = shape.with(symbol.getKey(), Dimension.symbol(symbol.getValue()));
        return shape;
    }
}
