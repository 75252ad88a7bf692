package io.webdnn.graph.op;

import static io.webdnn.graph.op.Types.ABSENT;
import static io.webdnn.graph.op.Types.longs;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every wrong use of an operator is refused with a text that names operation, argument, what was
/// expected and what was found.
class RejectionTest {
    private final List<DynamicTest> tests = new ArrayList<>();

    /// Expects a message of operands.
    private void rejects(String message, Op op, Object... operands) {
        tests.add(
                DynamicTest.dynamicTest(
                        message,
                        () ->
                                assertThatThrownBy(() -> Types.infer(op, operands))
                                        .isInstanceOf(GraphException.class)
                                        .hasMessage(message)));
    }

    /// Expects a message of attributes.
    private void rejects(String message, Supplier<Op> op) {
        tests.add(
                DynamicTest.dynamicTest(
                        message,
                        () ->
                                assertThatThrownBy(op::get)
                                        .isInstanceOf(GraphException.class)
                                        .hasMessage(message)));
    }

    @TestFactory
    Stream<DynamicTest> elementwise() {
        rejects("Relu: inputs: expected 1, got 2", new Relu(), "float32[2]", "float32[2]");
        rejects("Relu: X: expected a float or integer tensor, got bool[2]", new Relu(), "bool[2]");
        rejects("Exp: X: expected a float tensor, got int32[2]", new Exp(), "int32[2]");
        rejects("Exp: X: expected an input at position 0, got none", new Exp(), ABSENT);
        rejects("Not: X: expected bool, got int8[2]", new Not(), "int8[2]");
        rejects("Add: inputs: expected 2, got 1", new Add(), "float32[2]");
        rejects("Add: B: expected float32, got int32[2]", new Add(), "float32[2]", "int32[2]");
        rejects(
                "Mul: inputs: expected shapes that broadcast, got [[2, 3], [2]]",
                new Mul(),
                "float32[2, 3]",
                "float32[2]");
        rejects(
                "Mul: inputs: expected shapes that broadcast, got [[N], [3]]",
                new Mul(),
                "float32[N]",
                "float32[3]");
        rejects("And: A: expected bool, got int32[]", new And(), "int32[]", "int32[]");
        rejects(
                "Equal: A: expected a float, integer or bool tensor, got string[2]",
                new Equal(),
                "string[2]",
                "string[2]");
        rejects("Max: inputs: expected 1 or more, got 0", new Max());
        rejects(
                "Max: input 1: expected float32, got float16[2]",
                new Max(),
                "float32[2]",
                "float16[2]");
        rejects(
                "Mod: A: expected an integer tensor, got float32[2]",
                new Mod(false),
                "float32[2]",
                "float32[2]");
        rejects(
                "Where: condition: expected bool, got float32[2]",
                new Where(),
                "float32[2]",
                "float32[2]",
                "float32[2]");
        rejects(
                "Where: Y: expected float32, got int32[2]",
                new Where(),
                "bool[2]",
                "float32[2]",
                "int32[2]");
        rejects(
                "Pow: Y: expected a float or integer tensor, got bool[]",
                new Pow(),
                "float32[2]",
                "bool[]");
        rejects(
                "Clip: min: expected one element, got float32[2]",
                new Clip(),
                "float32[2]",
                "float32[2]");
        rejects(
                "Clip: max: expected float32, got int32[]",
                new Clip(),
                "float32[2]",
                ABSENT,
                "int32[]");
        rejects(
                "Cast: input: expected a float, integer or bool tensor, got string[2]",
                new Cast(DType.INT32),
                "string[2]");
        rejects(
                "Map: dtypes: expected 1 or more, got []",
                () -> new Map(List.of(), Literal.of(true)));
        rejects(
                "Map: X1: expected int32, got float32[2]",
                Map.of(List.of(DType.FLOAT32, DType.INT32), x -> x.get(0)),
                "float32[2]",
                "float32[2]");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> windows() {
        var plain = List.of(Window.PLAIN, Window.PLAIN);
        rejects(
                "Window: stride: expected >= 1, got 0",
                () -> new Conv(List.of(new Window(0, 1, 0, 0)), 1));
        rejects(
                "Window: dilation: expected >= 1, got 0",
                () -> new Conv(List.of(new Window(1, 0, 0, 0)), 1));
        rejects("Conv: group: expected >= 1, got 0", () -> new Conv(plain, 0));
        rejects(
                "Conv: X: expected rank 4, got float32[2, 3, 7]",
                new Conv(plain, 1),
                "float32[2, 3, 7]",
                "float32[4, 3, 3, 3]");
        rejects(
                "Conv: W: expected C/group = 1 on axis 1, got float32[64, 3, 7, 7]",
                new Conv(plain, 32),
                "float32[1, 32, 9, 9]",
                "float32[64, 3, 7, 7]");
        rejects(
                "Conv: group: expected a divisor of C = 3, got 2",
                new Conv(plain, 2),
                "float32[1, 3, 9, 9]",
                "float32[4, 1, 3, 3]");
        rejects(
                "Conv: group: expected a divisor of M = 5, got 2",
                new Conv(plain, 2),
                "float32[1, 4, 9, 9]",
                "float32[5, 2, 3, 3]");
        rejects(
                "Conv: B: expected shape [4], got float32[5]",
                new Conv(plain, 1),
                "float32[1, 3, 9, 9]",
                "float32[4, 3, 3, 3]",
                "float32[5]");
        rejects(
                "Conv: X: expected a padded extent >= the kernel's on spatial axis 1, got float32[1, 3, 9, 2] for kernel [4, 3, 3, 3]",
                new Conv(plain, 1),
                "float32[1, 3, 9, 2]",
                "float32[4, 3, 3, 3]");
        rejects(
                "ConvTranspose: group: expected >= 1, got 0",
                () -> new ConvTranspose(plain, 0, List.of(0, 0)));
        rejects(
                "ConvTranspose: outputPadding: expected 2 numbers >= 0, got [0]",
                () -> new ConvTranspose(plain, 1, List.of(0)));
        rejects(
                "ConvTranspose: W: expected C = 3 on axis 0, got float32[4, 2, 3, 3]",
                ConvTranspose.of2d(1, 0),
                "float32[1, 3, 5, 5]",
                "float32[4, 2, 3, 3]");
        rejects(
                "ConvTranspose: group: expected a divisor of C = 3, got 2",
                new ConvTranspose(plain, 2, List.of(0, 0)),
                "float32[1, 3, 5, 5]",
                "float32[3, 2, 3, 3]");
        rejects(
                "ConvTranspose: windows: expected pads that leave something of spatial axis 0, got Window[stride=1, dilation=1, padBegin=4, padEnd=4]",
                ConvTranspose.of2d(1, 4),
                "float32[1, 3, 5, 5]",
                "float32[3, 2, 3, 3]");
        rejects(
                "MaxPool: kernel: expected 2 extents >= 1, got [2]",
                () -> new MaxPool(List.of(2), plain, false, false, false));
        rejects(
                "MaxPool: X: expected rank 4, got float32[2, 3, 7]",
                MaxPool.of2d(2, 2, 0, false),
                "float32[2, 3, 7]");
        rejects(
                "MaxPool: X: expected a padded extent >= the kernel's on spatial axis 0, got [1, 1, 2, 4] for kernel [3, 3]",
                MaxPool.of2d(3, 1, 0, false),
                "float32[1, 1, 2, 4]");
        rejects(
                "AveragePool: X: expected a float tensor, got int32[1, 1, 4, 4]",
                AveragePool.of2d(2, 2, 0),
                "int32[1, 1, 4, 4]");
        rejects(
                "GlobalAveragePool: X: expected rank >= 2, got float32[2]",
                new GlobalAveragePool(),
                "float32[2]");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> products() {
        rejects(
                "MatMul: A: expected rank >= 1, got float32[]",
                new MatMul(),
                "float32[]",
                "float32[3]");
        rejects(
                "MatMul: B: expected K = 4 rows for A [3, 4], got [5, 2]",
                new MatMul(),
                "float32[3, 4]",
                "float32[5, 2]");
        rejects(
                "MatMul: inputs: expected shapes that broadcast, got [[2], [3]]",
                new MatMul(),
                "float32[2, 3, 4]",
                "float32[3, 4, 5]");
        rejects(
                "Gemm: A: expected rank 2, got float32[2, 3, 4]",
                new Gemm(false, false),
                "float32[2, 3, 4]",
                "float32[4, 5]");
        rejects(
                "Gemm: B: expected K = 4 on axis 1, got float32[4, 5]",
                new Gemm(false, true),
                "float32[3, 4]",
                "float32[4, 5]");
        rejects(
                "Gemm: C: expected a shape that broadcasts to [3, 5], got [3]",
                new Gemm(false, false),
                "float32[3, 4]",
                "float32[4, 5]",
                "float32[3]");
        rejects(
                "Gemm: alpha: expected a whole number for int32, got 0.5",
                new Gemm(0.5f, 1, false, false),
                "int32[3, 4]",
                "int32[4, 5]");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> axes() {
        rejects(
                "Softmax: axis: expected -2 ... 1 for float32[2, 3], got 2",
                new Softmax(2),
                "float32[2, 3]");
        rejects(
                "LogSoftmax: input: expected a float tensor, got int32[2]",
                new LogSoftmax(0),
                "int32[2]");
        rejects(
                "ReduceSum: axes: expected -2 ... 1, got 2",
                new ReduceSum(true),
                "float32[2, 3]",
                longs(2));
        rejects(
                "ReduceSum: axes: expected each axis once, got -1 again",
                new ReduceSum(true),
                "float32[2, 3]",
                longs(1, -1));
        rejects(
                "ReduceSum: axes: expected a value known when compiling, got one that is computed by the graph",
                new ReduceSum(true),
                "float32[2, 3]",
                "int64[1]");
        rejects(
                "ReduceMean: axes: expected an int32 or int64 tensor, got float32[1]",
                new ReduceMean(true),
                "float32[2]",
                "float32[1]");
        rejects(
                "ReduceMax: data: expected a float, integer or bool tensor, got string[2]",
                new ReduceMax(true),
                "string[2]");
        rejects(
                "ArgMax: data: expected an extent > 0 on axis 1, got float32[2, 0]",
                new ArgMax(1, true, false),
                "float32[2, 0]");
        rejects(
                "CumSum: axis: expected -1 ... 0 for float32[3], got 1",
                new CumSum(false, false),
                "float32[3]",
                longs(1));
        rejects(
                "Concat: axis: expected -1 ... 0 for float32[3], got 1",
                new Concat(1),
                "float32[3]");
        rejects(
                "Concat: input 1: expected rank 2, got float32[3]",
                new Concat(0),
                "float32[2, 3]",
                "float32[3]");
        rejects(
                "Concat: input 1: expected the extents of [2, 3] but on axis 0, got [2, 4]",
                new Concat(0),
                "float32[2, 3]",
                "float32[2, 4]");
        rejects("Split: outputs: expected >= 1, got 0", () -> new Split(0, 0));
        rejects(
                "Split: split: expected 2 extents >= 0 whose sum is 5, got [2, 2]",
                new Split(0, 2),
                "float32[5]",
                longs(2, 2));
        rejects(
                "Split: input: expected a multiple of 2 on axis 0, got N",
                new Split(0, 2),
                "float32[N]");
        rejects(
                "Transpose: permutation: expected each of 0 ... 1 once, got [0, 0]",
                () -> Transpose.of(0, 0));
        rejects(
                "Transpose: data: expected rank 2, got float32[3]",
                Transpose.of(1, 0),
                "float32[3]");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> shapes() {
        rejects(
                "Reshape: shape: expected one that holds data [2, 3], got [4]",
                new Reshape(),
                "float32[2, 3]",
                longs(4));
        rejects(
                "Reshape: shape: expected one that holds data [2, 3], got [-1, 4]",
                new Reshape(),
                "float32[2, 3]",
                longs(-1, 4));
        rejects(
                "Reshape: shape: expected one that holds data [2, 3], got [-1, -1]",
                new Reshape(),
                "float32[2, 3]",
                longs(-1, -1));
        rejects(
                "Reshape: shape: expected one that holds data [0, 3], got [0, -1]",
                new Reshape(),
                "float32[0, 3]",
                longs(0, -1));
        rejects(
                "Reshape: shape: expected one that holds data [N, 3], got [2, 3]",
                new Reshape(),
                "float32[N, 3]",
                longs(2, 3));
        rejects(
                "Reshape: shape: expected one that holds data [N, 3], got [-1, 2]",
                new Reshape(),
                "float32[N, 3]",
                longs(-1, 2));
        rejects("Flatten: axis: expected -2 ... 2, got 3", new Flatten(3), "float32[2, 3]");
        rejects(
                "Squeeze: data: expected extent 1 on axis 0, got float32[2, 1]",
                new Squeeze(),
                "float32[2, 1]",
                longs(0));
        rejects(
                "Unsqueeze: axes: expected each axis once, got -3 again",
                new Unsqueeze(),
                "float32[2]",
                longs(0, -3));
        rejects(
                "Expand: inputs: expected shapes that broadcast, got [[3], [2]]",
                new Expand(),
                "float32[3]",
                longs(2));
        rejects(
                "Expand: shape: expected extents >= 0, got -1",
                new Expand(),
                "float32[3]",
                longs(-1));
        rejects(
                "Slice: steps: expected no 0, got 0",
                new Slice(),
                "float32[3]",
                longs(0),
                longs(1),
                longs(0),
                longs(0));
        rejects(
                "Slice: ends, axes, steps: expected 1 entries each, as starts, got 2, 1, 1",
                new Slice(),
                "float32[3]",
                longs(0),
                longs(1, 2));
        rejects(
                "Pad: pads: expected 2 entries, got [1, 2, 3]",
                new Pad(Pad.Mode.EDGE),
                "float32[3]",
                longs(1, 2, 3));
        rejects(
                "Pad: pads: expected no more cut off than there is on axis 0, got -2, -2 for data [3]",
                new Pad(Pad.Mode.CONSTANT),
                "float32[3]",
                longs(-2, -2));
        rejects(
                "Pad: pads: expected none on axis 0, got 1, 0 for data [0]",
                new Pad(Pad.Mode.EDGE),
                "float32[0]",
                longs(1, 0));
        rejects(
                "Pad: constant_value: expected one element, got float32[2]",
                new Pad(Pad.Mode.CONSTANT),
                "float32[3]",
                longs(1, 1),
                "float32[2]");
        rejects(
                "ConstantOfShape: input: expected extents >= 0, got [-1]",
                new ConstantOfShape(Literal.of(true)),
                longs(-1));
        rejects(
                "Range: delta: expected not 0, got 0",
                new Range(),
                Tensor.of(new long[] {0}),
                Tensor.of(new long[] {5}),
                Tensor.of(new long[] {0}));
        rejects(
                "Range: limit: expected int64, got float32[]",
                new Range(),
                Tensor.of(new long[] {0}),
                "float32[]",
                Tensor.of(new long[] {1}));
        rejects(
                "NonZero: count: expected a name for the number of columns, got ''",
                () -> new NonZero(""));
        rejects(
                "MeasuredSlice: count: expected a name for the number of elements, got ''",
                () -> new MeasuredSlice(List.of(0), List.of(1L), ""));
        rejects(
                "MeasuredSlice: steps: expected 1 entries that are not 0, got [0]",
                () -> new MeasuredSlice(List.of(0), List.of(0L), "n"));
        rejects(
                "MeasuredSlice: ends: expected axes = 1 on axis 0, got int64[2]",
                new MeasuredSlice(List.of(0), List.of(1L), "n"),
                "float32[3]",
                "int64[1]",
                "int64[2]");
        rejects(
                "MeasuredSlice: axes: expected -1 ... 0, got 1",
                new MeasuredSlice(List.of(1), List.of(1L), "n"),
                "float32[3]",
                "int64[1]",
                "int64[1]");
        rejects(
                "Choose: size: expected a name for the extents that differ, got ''",
                () -> new Choose(""));
        rejects(
                "Choose: Y: expected rank 1, got float32[2, 3]",
                new Choose("n"),
                "bool[]",
                "float32[3]",
                "float32[2, 3]");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> indices() {
        rejects(
                "Gather: indices: expected an int32 or int64 tensor, got float32[2]",
                new Gather(0),
                "float32[3]",
                "float32[2]");
        rejects(
                "Gather: axis: expected -1 ... 0 for float32[3], got -2",
                new Gather(-2),
                "float32[3]",
                "int64[2]");
        rejects(
                "GatherElements: indices: expected rank 2, got int64[3]",
                new GatherElements(0),
                "float32[3, 2]",
                "int64[3]");
        rejects(
                "GatherElements: indices: expected <= 2 on axis 1, got [1, 3]",
                new GatherElements(0),
                "float32[3, 2]",
                "int64[1, 3]");
        rejects(
                "ScatterElements: updates: expected shape [1, 2], got float32[2, 2]",
                new ScatterElements(0, Push.Combine.ADD),
                "float32[3, 2]",
                "int64[1, 2]",
                "float32[2, 2]");
        rejects(
                "ScatterElements: data: expected a float or integer tensor, got bool[2]",
                new ScatterElements(0, Push.Combine.ADD),
                "bool[2]",
                "int64[1]",
                "bool[1]");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> networks() {
        rejects(
                "BatchNormalization: epsilon: expected >= 0, got -1.0",
                () -> new BatchNormalization(-1));
        rejects(
                "BatchNormalization: input_var: expected shape [3], got float32[4]",
                new BatchNormalization(0.1f),
                "float32[N, 3, 5]",
                "float32[3]",
                "float32[3]",
                "float32[3]",
                "float32[4]");
        rejects(
                "LayerNormalization: epsilon: expected > 0, got 0.0",
                () -> new LayerNormalization(-1, 0));
        rejects(
                "LayerNormalization: Scale: expected a shape that broadcasts to [2, 7], got [6]",
                new LayerNormalization(-1, 1e-5f),
                "float32[2, 7]",
                "float32[6]");
        rejects(
                "NegativeLogLikelihoodLoss: target: expected shape [N, 5], got int64[N]",
                new NegativeLogLikelihoodLoss(LossReduction.SUM, null),
                "float32[N, 3, 5]",
                "int64[N]");
        rejects(
                "SoftmaxCrossEntropyLoss: labels: expected an int32 or int64 tensor, got float32[N]",
                new SoftmaxCrossEntropyLoss(),
                "float32[N, 3]",
                "float32[N]");
        rejects(
                "SoftmaxCrossEntropyLoss: weights: expected shape [3], got float32[4]",
                new SoftmaxCrossEntropyLoss(),
                "float32[N, 3]",
                "int64[N]",
                "float32[4]");
        rejects(
                "Dropout: seed: expected shape [2], got uint32[]",
                new Dropout(0),
                "float32[3]",
                "float32[]",
                "uint32[]",
                "uint32[]");
        rejects("LSTM: hidden: expected >= 1, got 0", () -> LSTM.of(0, LSTM.Direction.FORWARD));
        rejects(
                "LSTM: activations: expected 3 functions, got []",
                () -> new LSTM(3, LSTM.Direction.FORWARD, List.of(), null, false, false));
        rejects(
                "LSTM: W: expected shape [1, 12, 4], got float32[1, 12, 5]",
                LSTM.of(3, LSTM.Direction.FORWARD),
                "float32[T, N, 4]",
                "float32[1, 12, 5]",
                "float32[1, 12, 3]");
        return tests.stream();
    }

    private static Resize resize(Resize.AspectRatio policy, boolean antialias) {
        return new Resize(
                Resize.Mode.LINEAR,
                Resize.Coordinates.HALF_PIXEL,
                Resize.Nearest.FLOOR,
                policy,
                antialias,
                false,
                -0.75f,
                0,
                List.of());
    }

    @TestFactory
    Stream<DynamicTest> resizing() {
        var linear =
                new Resize(Resize.Mode.LINEAR, Resize.Coordinates.HALF_PIXEL, Resize.Nearest.FLOOR);
        var two = Tensor.of(new float[] {2}, 1);
        rejects(
                "Resize: X: expected a float tensor, got int32[3]",
                linear,
                "int32[3]",
                ABSENT,
                two);
        rejects(
                "Resize: scales, sizes: expected one of the two, got both",
                linear,
                "float32[3]",
                ABSENT,
                two,
                longs(6));
        rejects(
                "Resize: scales, sizes: expected one of the two, got neither",
                linear,
                "float32[3]",
                ABSENT);
        rejects("Resize: scales: expected 2 entries, got 1", linear, "float32[2, 3]", ABSENT, two);
        rejects(
                "Resize: scales: expected > 0, got [-1.0]",
                linear,
                "float32[3]",
                ABSENT,
                Tensor.of(new float[] {-1}, 1));
        rejects(
                "Resize: scales: expected multiples of 1/1024 on a symbolic axis, got 0.7",
                linear,
                "float32[N]",
                ABSENT,
                Tensor.of(new float[] {0.7f}, 1));
        rejects(
                "Resize: X: expected fixed extents, where it is cropped or keeps its aspect ratio,"
                        + " got [N]",
                resize(Resize.AspectRatio.NOT_LARGER, false),
                "float32[N]",
                ABSENT,
                ABSENT,
                longs(6));
        rejects(
                "Resize: X, sizes: expected fixed extents for antialiasing, got N and 6",
                resize(Resize.AspectRatio.STRETCH, true),
                "float32[N]",
                ABSENT,
                ABSENT,
                longs(6));
        rejects(
                "Resize: X: expected an extent to resample, got 0",
                linear,
                "float32[0]",
                ABSENT,
                ABSENT,
                longs(6));
        rejects(
                "Resize: X: expected an extent to resample, got 0",
                linear,
                "float32[0, N]",
                ABSENT,
                ABSENT,
                longs(6, 6));
        return tests.stream();
    }
}
