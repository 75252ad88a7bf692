package io.webdnn.train;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Dropout;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Log;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.function.Labels;
import io.webdnn.train.function.LinearFunction;
import io.webdnn.train.function.OperatorFunction;
import io.webdnn.train.function.ReductionFunction;
import io.webdnn.train.function.ReshapeFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The functions of variables. Each checks its inputs at once, records the call and computes
/// nothing; a wrong shape is an error at the line of the call.
///
/// Unless said otherwise inputs and results are float32. `N` is the size of the batch.
public final class F {
    private F() {}

    // Any function

    /// {@return the outputs of a function}
    ///
    /// @param label the name of the calling link for messages, may be empty
    public static List<Variable> applyAll(Function function, String label, Variable... inputs) {
        var given = List.of(inputs);
        var types = Inference.of(function, label, given);
        var node = new FunctionNode(function, label, given, Configuration.isBackpropEnabled());
        var outputs = new Variable[types.size()];
        for (int i = 0; i < outputs.length; i++) outputs[i] = new Variable(types.get(i), node, i);
        var result = List.of(outputs);
        if (Configuration.isEager()) Evaluation.compute(result);
        return result;
    }

    /// {@return the first output of a function}
    public static Variable apply(Function function, String label, Variable... inputs) {
        return applyAll(function, label, inputs).getFirst();
    }

    /// {@return the first output of an operator, such as a user's own}
    public static Variable apply(Op op, Variable... inputs) {
        return apply(new OperatorFunction(op.name(), op), "", inputs);
    }

    // Activations

    /// Rectifier, elementwise: `max(x, 0)`; the derivative at 0 is 0.
    public static Variable relu(Variable x) {
        return apply(RELU, "", x);
    }

    private static final Function RELU = new OperatorFunction("ReLU", new Relu());

    /// Logistic function, elementwise: `1 / (1 + e^−x)`.
    public static Variable sigmoid(Variable x) {
        return apply(SIGMOID, "", x);
    }

    private static final Function SIGMOID = new OperatorFunction("Sigmoid", new Sigmoid());

    /// Hyperbolic tangent, elementwise.
    public static Variable tanh(Variable x) {
        return apply(TANH, "", x);
    }

    private static final Function TANH = new OperatorFunction("Tanh", new Tanh());

    /// Exponentials along axis 1, divided by their sum: `[N, C, …]` to probabilities of C classes.
    public static Variable softmax(Variable x) {
        return softmax(x, 1);
    }

    /// Exponentials along an axis, divided by their sum.
    public static Variable softmax(Variable x, int axis) {
        return apply(new OperatorFunction("Softmax", new Softmax(axis)), "", x);
    }

    /// The logarithm of [#softmax(Variable)], without its underflow.
    public static Variable logSoftmax(Variable x) {
        return apply(LOG_SOFTMAX, "", x);
    }

    private static final Function LOG_SOFTMAX =
            new OperatorFunction("LogSoftmax", new LogSoftmax(1));

    // Connections

    /// Convolution with stride 1 and without padding: x `[N, C, H, W]`, weight `[M, C, kH, kW]`,
    /// bias `[M]`, result `[N, M, H − kH + 1, W − kW + 1]`.
    public static Variable convolution2d(Variable x, Variable weight, Variable bias) {
        return convolution2d(x, weight, bias, 1, 0);
    }

    /// Convolution with a stride and zero padding that are the same on both axes.
    public static Variable convolution2d(
            Variable x, Variable weight, Variable bias, int stride, int pad) {
        var window = new Window(stride, 1, pad, pad);
        return apply(convolution(new Conv(List.of(window, window), 1)), "", x, weight, bias);
    }

    /// {@return the function of a convolution}
    public static Function convolution(Conv conv) {
        return new OperatorFunction("Convolution2DFunction", conv);
    }

    /// `y[n, o] = Σ_i x[n, i] · weight[o, i] + bias[o]`: x `[N, d…]`, whose axes after the first
    /// are flattened to I; weight `[O, I]`, bias `[O]`, result `[N, O]`.
    public static Variable linear(Variable x, Variable weight, Variable bias) {
        return apply(new LinearFunction(), "", x, weight, bias);
    }

    /// Product of matrices, leading axes broadcasting: `[…, M, K]` and `[…, K, N]` to `[…, M, N]`.
    public static Variable matmul(Variable a, Variable b) {
        return apply(MATMUL, "", a, b);
    }

    private static final Function MATMUL = new OperatorFunction("MatMul", new MatMul());

    // Pooling

    /// The maximum of each window of size and stride `kernel`: `[N, C, H, W]` to `[N, C,
    /// ⌈H/kernel⌉, ⌈W/kernel⌉]`; a last window may overrun the end, as in Chainer.
    public static Variable maxPooling2d(Variable x, int kernel) {
        return maxPooling2d(x, kernel, kernel, 0, true);
    }

    /// The maximum of each window.
    ///
    /// @param coverAll whether a last window may overrun the end
    public static Variable maxPooling2d(
            Variable x, int kernel, int stride, int pad, boolean coverAll) {
        var pool = MaxPool.of2d(kernel, stride, pad, coverAll);
        return apply(new OperatorFunction("MaxPooling2D", pool), "", x);
    }

    /// The mean of each window of size and stride `kernel`: `[N, C, H, W]` to `[N, C, ⌊H/kernel⌋,
    /// ⌊W/kernel⌋]`.
    public static Variable averagePooling2d(Variable x, int kernel) {
        return averagePooling2d(x, kernel, kernel, 0);
    }

    /// The mean of each window, zeros of the padding counting.
    public static Variable averagePooling2d(Variable x, int kernel, int stride, int pad) {
        var window = new Window(stride, 1, pad, pad);
        var pool = new AveragePool(List.of(kernel, kernel), List.of(window, window), false, true);
        return apply(new OperatorFunction("AveragePooling2D", pool), "", x);
    }

    // Noise

    /// In training, sets elements to 0 with a probability and divides the others by what is left of
    /// it; otherwise gives x itself.
    public static Variable dropout(Variable x, double ratio) {
        if (!(ratio >= 0 && ratio < 1))
            throw TrainingException.of("dropout", "ratio", "0 <= ratio < 1", ratio);
        if (!Configuration.isTraining()) return x;
        var random = Configuration.nextStream();
        int[] seed = {random.nextInt(), random.nextInt()};
        return apply(
                DROPOUT,
                "",
                x,
                Variable.scalar(ratio),
                Variable.sharing(Tensor.of(DType.UINT32, seed, 2)),
                Variable.sharing(Tensor.scalar(DType.UINT32, 0)));
    }

    private static final Function DROPOUT = new OperatorFunction("Dropout", new Dropout(0));

    // Losses and figures

    /// The mean over the examples of `−log softmax(y)[t]`, those with label −1 not counting.
    ///
    /// @param y logits `[N, C]`
    /// @param t labels `[N]`, int32, −1 … C − 1
    /// @return a scalar
    /// @throws TrainingException if a given label is none of these
    public static Variable softmaxCrossEntropy(Variable y, Variable t) {
        Labels.expect("softmaxCrossEntropy", y, t, t.data());
        return apply(Labels.softmaxCrossEntropy(), "", y, t);
    }

    /// The share of the examples whose largest logit is that of their label.
    ///
    /// @param y logits `[N, C]`
    /// @param t labels `[N]`, int32
    /// @return a scalar
    public static Variable accuracy(Variable y, Variable t) {
        return apply(Labels.accuracy(), "", y, t);
    }

    // Shapes

    /// The same elements, in row-major order, under another shape; one extent may be −1.
    public static Variable reshape(Variable x, int... shape) {
        return apply(new ReshapeFunction(boxed(shape)), "", x);
    }

    /// All axes after the first as one: `[N, d…]` to `[N, Π d]`.
    public static Variable flatten(Variable x) {
        return apply(FLATTEN, "", x);
    }

    private static final Function FLATTEN = new OperatorFunction("Flatten", new Flatten(1));

    /// Reorders axes: axis `d` of the result is axis `permutation[d]` of x.
    public static Variable transpose(Variable x, int... permutation) {
        return apply(new OperatorFunction("Transpose", Transpose.of(permutation)), "", x);
    }

    /// The sum over some axes, which are dropped; over all if none is named.
    public static Variable sum(Variable x, int... axes) {
        return apply(new ReductionFunction("Sum", new ReduceSum(false), boxed(axes)), "", x);
    }

    /// The mean over some axes, which are dropped; over all if none is named.
    public static Variable mean(Variable x, int... axes) {
        return apply(new ReductionFunction("Mean", new ReduceMean(false), boxed(axes)), "", x);
    }

    private static List<Integer> boxed(int[] numbers) {
        return new ArrayList<>(Arrays.stream(numbers).boxed().toList());
    }

    // Arithmetic, elementwise; operands broadcast

    /// `a + b`.
    public static Variable add(Variable a, Variable b) {
        return apply(ADD, "", a, b);
    }

    private static final Function ADD = new OperatorFunction("Add", new Add());

    /// `a − b`.
    public static Variable subtract(Variable a, Variable b) {
        return apply(SUBTRACT, "", a, b);
    }

    private static final Function SUBTRACT = new OperatorFunction("Sub", new Sub());

    /// `a · b`.
    public static Variable multiply(Variable a, Variable b) {
        return apply(MULTIPLY, "", a, b);
    }

    private static final Function MULTIPLY = new OperatorFunction("Mul", new Mul());

    /// `a / b`.
    public static Variable divide(Variable a, Variable b) {
        return apply(DIVIDE, "", a, b);
    }

    private static final Function DIVIDE = new OperatorFunction("Div", new Div());

    /// `−x`.
    public static Variable negate(Variable x) {
        return apply(NEGATE, "", x);
    }

    private static final Function NEGATE = new OperatorFunction("Neg", new Neg());

    /// `e^x`.
    public static Variable exp(Variable x) {
        return apply(EXP, "", x);
    }

    private static final Function EXP = new OperatorFunction("Exp", new Exp());

    /// The natural logarithm.
    public static Variable log(Variable x) {
        return apply(LOG, "", x);
    }

    private static final Function LOG = new OperatorFunction("Log", new Log());

    /// The square root.
    public static Variable sqrt(Variable x) {
        return apply(SQRT, "", x);
    }

    private static final Function SQRT = new OperatorFunction("Sqrt", new Sqrt());
}
