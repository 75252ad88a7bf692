package io.webdnn.graph.gradient;

import static io.webdnn.graph.gradient.Differences.between;
import static io.webdnn.graph.gradient.Differences.random;

import io.webdnn.graph.op.*;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class GradientsTest {
    private static DynamicTest twice(Op op, String what, Tensor... inputs) {
        return DynamicTest.dynamicTest(
                op.name() + " " + what,
                () -> Differences.of((g, x) -> g.applyAll(op, x), inputs).agreeTwice());
    }

    private static DynamicTest step(Op op) {
        return DynamicTest.dynamicTest(
                op.name() + " has none",
                () -> Differences.of((g, x) -> g.applyAll(op, x), random(1, 3, 4)).agree());
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    @TestFactory
    Stream<DynamicTest> elementwise() {
        var some = random(1, 3, 4);
        var positive = between(0.2, 3, 2, 3, 4);
        return Stream.of(
                twice(new Abs(), "", some),
                twice(new Add(), "", some, random(3, 3, 4)),
                twice(new Add(), "broadcast", random(4, 2, 3, 1), random(5, 4)),
                twice(new Affine(-1.5f, 0.25f), "", some),
                step(new Ceil()),
                twice(new Cos(), "", some),
                twice(new Div(), "", some, positive),
                twice(new Div(), "broadcast", random(6, 2, 1, 3), between(1, 2, 7, 4, 1)),
                twice(new Elu(0.7f), "", some),
                twice(new Erf(), "", some),
                twice(new Exp(), "", some),
                step(new Floor()),
                twice(new HardSigmoid(0.2f, 0.5f), "", between(-4, 4, 8, 5, 3)),
                twice(new Identity(), "", some),
                twice(new LeakyRelu(0.1f), "", some),
                twice(new Log(), "", positive),
                twice(new Max(), "of three", some, random(9, 4), random(10, 3, 1)),
                twice(new Min(), "of three", some, random(9, 4), random(10, 3, 1)),
                twice(new Mul(), "broadcast", random(11, 1, 4), random(12, 3, 1)),
                twice(new Neg(), "", some),
                twice(new Pow(), "", positive, random(13, 3, 4)),
                twice(new QuickGelu(1.702f), "", some),
                twice(new Reciprocal(), "", positive),
                twice(new Relu(), "", some),
                step(new Round()),
                twice(new ScaledTanh(1.5f, 0.7f), "", some),
                twice(new Sigmoid(), "", some),
                step(new Sign()),
                twice(new Sin(), "", some),
                twice(new Softsign(), "", some),
                twice(new ThresholdedRelu(0.5f), "", some),
                twice(new Softplus(), "", some),
                twice(new Sqrt(), "", positive),
                twice(new Sub(), "scalar", some, random(14)),
                twice(new Tanh(), "", some),
                twice(
                        new Where(),
                        "broadcast",
                        Tensor.of(new boolean[] {true, false, true}, 3, 1),
                        some,
                        random(15, 4)));
    }

    @TestFactory
    Stream<DynamicTest> convolutions() {
        var cases = Stream.<DynamicTest>builder();
        var windows =
                List.of(
                        List.of(new Window(1, 1, 0, 0), new Window(1, 1, 1, 1)),
                        List.of(new Window(2, 1, 1, 0), new Window(2, 1, 1, 1)),
                        List.of(new Window(2, 2, 2, 1), new Window(1, 2, 0, 2)),
                        List.of(new Window(3, 1, 0, 0), new Window(2, 1, 0, -1)));
        for (int group : List.of(1, 2, 4)) {
            for (var window : windows) {
                cases.add(
                        twice(
                                new Conv(window, group),
                                group + " " + window,
                                random(1, 2, 4, 5, 4),
                                random(2, 4, 4 / group, 2, 3),
                                random(3, 4)));
                cases.add(
                        twice(
                                new ConvTranspose(window, group, List.of(0, 1)),
                                group + " " + window,
                                random(4, 1, 4, 3, 3),
                                random(5, 4, 4 / group, 2, 3),
                                random(6, 4 / group * group)));
            }
        }
        cases.add(
                twice(
                        new Conv(List.of(new Window(2, 1, 1, 2)), 1),
                        "1-D",
                        random(7, 2, 3, 8),
                        random(8, 2, 3, 3)));
        cases.add(
                twice(
                        new Conv(List.of(Window.PLAIN, Window.PLAIN), 1),
                        "1 × 1",
                        random(9, 2, 3, 2, 2),
                        random(10, 2, 3, 1, 1)));
        return cases.build();
    }

    @TestFactory
    Stream<DynamicTest> products() {
        return Stream.of(
                twice(new MatMul(), "", random(1, 3, 4), random(2, 4, 2)),
                twice(new MatMul(), "batch", random(3, 2, 1, 3, 4), random(4, 3, 4, 2)),
                twice(new MatMul(), "row", random(5, 4), random(6, 4, 2)),
                twice(new MatMul(), "column", random(5, 2, 3, 4), random(6, 4)),
                twice(new MatMul(), "dot", random(5, 4), random(6, 4)),
                twice(new Gemm(false, false), "", random(7, 3, 4), random(8, 4, 2), random(9, 2)),
                twice(new Gemm(true, false), "", random(7, 4, 3), random(8, 4, 2), random(9, 3, 1)),
                twice(
                        new Gemm(2, 0.5f, false, true),
                        "",
                        random(7, 3, 4),
                        random(8, 2, 4),
                        random(9)),
                twice(
                        new Gemm(0.5f, 0, true, true),
                        "",
                        random(7, 4, 3),
                        random(8, 2, 4),
                        random(9)));
    }

    @TestFactory
    Stream<DynamicTest> poolings() {
        var x = random(1, 2, 2, 6, 5);
        return Stream.of(
                twice(MaxPool.of2d(2, 2, 0, false), "", x),
                twice(MaxPool.of2d(3, 2, 1, true), "overlapping", x),
                twice(
                        new MaxPool(
                                List.of(2, 2),
                                List.of(new Window(1, 2, 1, 0), new Window(2, 1, 0, 1)),
                                false,
                                false,
                                true),
                        "dilated, with indices",
                        x),
                twice(AveragePool.of2d(2, 2, 0), "", x),
                twice(AveragePool.of2d(3, 2, 1), "overlapping", x),
                twice(
                        new AveragePool(
                                List.of(3, 2),
                                List.of(new Window(2, 1, 1, 1), new Window(2, 2, 1, 1)),
                                true,
                                true),
                        "padding counts",
                        x),
                twice(new GlobalAveragePool(), "", x));
    }

    @TestFactory
    Stream<DynamicTest> reductions() {
        var x = random(1, 2, 3, 4);
        return Stream.of(
                twice(new ReduceSum(true), "", x, longs(1)),
                twice(new ReduceSum(false), "all", x),
                twice(new ReduceMean(false), "", x, longs(0, -1)),
                twice(new ReduceMax(true), "", x, longs(1, 2)),
                twice(new ReduceMax(false), "", x, longs(0)),
                twice(new ReduceMin(false), "all", x),
                twice(new ReduceProd(false), "", x, longs(2)),
                twice(new Softmax(1), "", x),
                twice(new Softmax(-1), "", x),
                twice(new LogSoftmax(0), "", x),
                twice(new CumSum(false, false), "", x, longs(1)),
                twice(new CumSum(true, true), "", x, longs(2)));
    }

    @TestFactory
    Stream<DynamicTest> movements() {
        var x = random(1, 2, 3, 4);
        return Stream.of(
                twice(new Reshape(), "", x, longs(4, -1)),
                twice(new Flatten(1), "", x),
                twice(new Squeeze(), "", random(2, 2, 1, 3), longs(1)),
                twice(new Unsqueeze(), "", x, longs(0, 2)),
                twice(Transpose.of(2, 0, 1), "", x),
                twice(new Expand(), "", random(3, 3, 1), longs(2, 3, 4)),
                twice(new Concat(1), "", x, random(4, 2, 1, 4), random(5, 2, 2, 4)),
                twice(new Split(1, 2), "", x),
                twice(new Slice(), "", x, longs(1, 3), longs(3, -9), longs(1, 2), longs(1, -2)),
                twice(new Pad(Pad.Mode.CONSTANT), "", x, longs(1, 0, -1, 0, 2, 1), random(6)),
                twice(new Pad(Pad.Mode.REFLECT), "", x, longs(0, 1, 2, 0, 2, 1)),
                twice(new Pad(Pad.Mode.EDGE), "", x, longs(0, 1, 2, 0, 2, 1)),
                twice(new Pad(Pad.Mode.WRAP), "", x, longs(0, 1, 2, 0, 2, 1)),
                twice(new Gather(1), "", x, longs(2, 0, -1, 2)),
                twice(
                        new GatherElements(2),
                        "",
                        x,
                        Tensor.of(new long[] {0, 3, 3, -1, 1, 1, 0, 0}, 2, 2, 2)),
                twice(
                        new ScatterElements(1, io.webdnn.graph.expr.Push.Combine.ADD),
                        "",
                        random(7, 2, 3),
                        Tensor.of(new long[] {0, 2, 2, 1, 0, 0, 0, 1}, 2, 4).reshape(2, 4),
                        random(8, 2, 4)),
                DynamicTest.dynamicTest("Resize", GradientsTest::resize));
    }

    private static void resize() {
        var scales = Tensor.of(new float[] {1, 1.5f, 2}, 3);
        var op =
                new Resize(Resize.Mode.LINEAR, Resize.Coordinates.HALF_PIXEL, Resize.Nearest.FLOOR);
        Differences.of(
                        (g, x) -> g.applyAll(op, List.of(x.get(0), g.absent(), g.constant(scales))),
                        random(9, 1, 3, 4))
                .agreeTwice();
    }

    @TestFactory
    Stream<DynamicTest> normalizations() {
        return Stream.of(
                twice(
                        new BatchNormalization(1e-5f),
                        "",
                        random(1, 2, 3, 2),
                        random(2, 3),
                        random(3, 3),
                        random(4, 3),
                        between(0.5, 2, 5, 3)),
                twice(new Clip(), "", random(6, 5), random(7).reshape(), between(0.8, 1, 8)));
    }

    @TestFactory
    Stream<DynamicTest> recurrences() {
        var x = random(1, 3, 2, 2); // T, N, I
        var cases = Stream.<DynamicTest>builder();
        for (var direction : LSTM.Direction.values()) {
            int d = direction == LSTM.Direction.BIDIRECTIONAL ? 2 : 1;
            cases.add(
                    DynamicTest.dynamicTest(
                            "LSTM " + direction,
                            () ->
                                    Differences.of(
                                                    (g, v) -> g.applyAll(LSTM.of(2, direction), v),
                                                    x,
                                                    random(2, d, 8, 2),
                                                    random(3, d, 8, 2),
                                                    random(4, d, 16))
                                            .agree()));
        }
        cases.add(
                DynamicTest.dynamicTest(
                        "LSTM with lengths, initial states and peepholes",
                        () ->
                                Differences.of(
                                                (g, v) ->
                                                        g.applyAll(
                                                                LSTM.of(
                                                                        2,
                                                                        LSTM.Direction
                                                                                .BIDIRECTIONAL),
                                                                v),
                                                x,
                                                random(2, 2, 8, 2),
                                                random(3, 2, 8, 2),
                                                random(4, 2, 16),
                                                Tensor.of(new int[] {3, 2}, 2),
                                                random(5, 2, 2, 2),
                                                random(6, 2, 2, 2),
                                                random(7, 2, 6))
                                        .agree()));
        cases.add(
                twice(
                        new LSTM(
                                1,
                                LSTM.Direction.REVERSE,
                                List.of(new Sigmoid(), new Tanh(), new Tanh()),
                                null,
                                true,
                                true),
                        "twice",
                        random(1, 1, 2, 1),
                        random(2, 1, 4, 1),
                        random(3, 1, 4, 1)));
        return cases.build();
    }

    @TestFactory
    Stream<DynamicTest> recurrentLayers() {
        var mask = Tensor.of(new boolean[] {false, true, false, true, true, false}, 2, 3);
        return Stream.of(Recurrent.Cell.values())
                .map(cell ->
                        DynamicTest.dynamicTest(
                                cell + "",
                                () -> {
                                    boolean twoStates = cell == Recurrent.Cell.LSTM;
                                    var op =
                                            new Recurrent(
                                                    cell, 2, new Sigmoid(), new Tanh(), twoStates);
                                    int width = cell.gates() * 2;
                                    var given =
                                            new ArrayList<>(
                                                    List.of(
                                                            random(1, 2, 3, width),
                                                            random(2, 2, width),
                                                            random(3, width),
                                                            mask,
                                                            random(4, 2, 2)));
                                    if (twoStates) {
                                        given.add(random(5, 2, 2));
                                        given.add(random(6, 2, 2));
                                    }
                                    Differences.of(
                                                    (g, v) -> g.applyAll(op, v),
                                                    given.toArray(Tensor[]::new))
                                            .agree();
                                }));
    }

    @TestFactory
    Stream<DynamicTest> losses() {
        var scores = random(1, 4, 3);
        var labels = Tensor.of(new int[] {2, 0, 1, 2}, 4);
        var weights = Tensor.of(new float[] {0.5f, 2, 1}, 3);
        var cases = Stream.<DynamicTest>builder();
        for (var reduction : LossReduction.values()) {
            for (var ignored : new Integer[] {null, 2}) {
                cases.add(
                        twice(
                                new SoftmaxCrossEntropyLoss(reduction, ignored, false),
                                reduction + " " + ignored,
                                scores,
                                labels));
                cases.add(
                        twice(
                                new NegativeLogLikelihoodLoss(reduction, ignored),
                                reduction + " " + ignored,
                                scores,
                                labels));
            }
        }
        cases.add(
                twice(
                        new SoftmaxCrossEntropyLoss(LossReduction.MEAN, 1, true),
                        "with logarithms",
                        random(2, 2, 3, 2),
                        Tensor.of(new int[] {2, 0, 1, 2}, 2, 2)));
        cases.add(
                DynamicTest.dynamicTest(
                        "SoftmaxCrossEntropyLoss weighted",
                        () ->
                                Differences.of(
                                                (g, x) ->
                                                        g.applyAll(
                                                                new SoftmaxCrossEntropyLoss(
                                                                        LossReduction.MEAN,
                                                                        1,
                                                                        false),
                                                                List.of(
                                                                        x.get(0),
                                                                        x.get(1),
                                                                        g.cast(
                                                                                x.get(2),
                                                                                DType.FLOAT64))),
                                                scores,
                                                labels,
                                                weights)
                                        .agreeTwice()));
        return cases.build();
    }
}
