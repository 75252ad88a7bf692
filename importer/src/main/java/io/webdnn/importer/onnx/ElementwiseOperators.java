package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Acos;
import io.webdnn.graph.op.Acosh;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Asin;
import io.webdnn.graph.op.Asinh;
import io.webdnn.graph.op.Atan;
import io.webdnn.graph.op.Atanh;
import io.webdnn.graph.op.BitCast;
import io.webdnn.graph.op.BitShift;
import io.webdnn.graph.op.BitwiseAnd;
import io.webdnn.graph.op.BitwiseNot;
import io.webdnn.graph.op.BitwiseOr;
import io.webdnn.graph.op.BitwiseXor;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Ceil;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Cos;
import io.webdnn.graph.op.Cosh;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Erf;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Floor;
import io.webdnn.graph.op.Gelu;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.GreaterOrEqual;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.IsInf;
import io.webdnn.graph.op.IsNaN;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.Log;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Mod;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.Not;
import io.webdnn.graph.op.NumbersToStrings;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Or;
import io.webdnn.graph.op.Pow;
import io.webdnn.graph.op.Reciprocal;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Round;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Sign;
import io.webdnn.graph.op.Sin;
import io.webdnn.graph.op.Sinh;
import io.webdnn.graph.op.Softplus;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.StringsToNumbers;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.op.Tan;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Where;
import io.webdnn.graph.op.Xor;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Operators on one element at a time.
final class ElementwiseOperators {
    private ElementwiseOperators() {}

    static void addTo(Map<String, Operator> table) {
        for (var op :
                List.<Op>of(
                        new Abs(),
                        new Acos(),
                        new Acosh(),
                        new Asin(),
                        new Asinh(),
                        new Atan(),
                        new Atanh(),
                        new BitwiseNot(),
                        new Cosh(),
                        new IsNaN(),
                        new Sinh(),
                        new Tan(),
                        new Ceil(),
                        new Cos(),
                        new Erf(),
                        new Exp(),
                        new Floor(),
                        new Log(),
                        new Max(),
                        new Min(),
                        new Neg(),
                        new Not(),
                        new Reciprocal(),
                        new Relu(),
                        new Round(),
                        new Sigmoid(),
                        new Sign(),
                        new Sin(),
                        new Softplus(),
                        new Sqrt(),
                        new Tanh(),
                        new Where())) {
            table.put(op.name(), plain(op));
        }
        for (var op :
                List.<Op>of(
                        new Add(),
                        new And(),
                        new BitwiseAnd(),
                        new BitwiseOr(),
                        new BitwiseXor(),
                        new Div(),
                        new Equal(),
                        new Greater(),
                        new GreaterOrEqual(),
                        new Less(),
                        new LessOrEqual(),
                        new Mul(),
                        new Or(),
                        new Sub(),
                        new Pow(),
                        new Xor())) {
            table.put(op.name(), binary(op));
        }
        table.put("BitCast", single(ElementwiseOperators::bitCast));
        table.put("BitShift", single(ElementwiseOperators::bitShift));
        table.put("IsInf", single(ElementwiseOperators::isInf));
        table.put("Mean", single(n -> n.div(sum(n), n.like(n.input(0), n.count()))));
        table.put("Clip", single(ElementwiseOperators::clip));
        table.put("Elu", single(n -> n.apply(new Elu(n.real("alpha", 1)), n.input(0))));
        table.put("Gelu", single(ElementwiseOperators::gelu));
        table.put("HardSigmoid", single(ElementwiseOperators::hardSigmoid));
        table.put(
                "LeakyRelu",
                single(n -> n.apply(new LeakyRelu(n.real("alpha", 0.01f)), n.input(0))));
        table.put(
                "Mod",
                single(n -> n.apply(new Mod(n.flag("fmod", false)), n.input(0), n.input(1))));
        table.put("Cast", single(ElementwiseOperators::cast));
        table.put("CastLike", single(ElementwiseOperators::castLike));
        table.put("Sum", single(ElementwiseOperators::sum));
    }

    /// The operands as they are, no attributes.
    static Operator plain(Op op) {
        return node -> {
            if (node.opset() < 6) node.ignore("consumed_inputs");
            return node.applyAll(op, node.inputs());
        };
    }

    /// Before opset 7, B broadcasts only if the node says so, and may be aligned at an axis of A.
    private static Operator binary(Op op) {
        return single(node -> {
            var b = node.input(1);
            if (node.opset() < 7 && node.flag("broadcast", false)) b = aligned(node, b);
            return node.apply(op, node.input(0), b);
        });
    }

    private static Value aligned(Translation node, Value b) {
        int rank = node.rank(0);
        int axis = node.axis("axis", rank - b.type().rank());
        if (axis < 0) axis += rank;
        var shape = new ArrayList<Long>();
        for (var extent : b.type().shape().dimensions()) shape.add(extent.value());
        while (shape.size() < rank - axis) shape.add(1L);
        return shape.size() == b.type().rank()
                ? b
                : node.apply(new Reshape(), b, node.vector(shape));
    }

    private static Value cast(Translation node) {
        if (!node.hasAttribute("to")) throw node.wrong("to", "a dtype", "none");
        return cast(node, node.dtype("to", DType.FLOAT32));
    }

    private static Value castLike(Translation node) {
        return cast(node, node.real(1).type().dtype());
    }

    private static Value cast(Translation node, DType to) {
        return cast(node, node.real(0), to);
    }

    /// {@return a value in a dtype, words as the numbers that they say and the other way round;
    /// numbers beyond int4 and int2 wrap, as integers do, while a [Cast] of floats saturates}
    static Value cast(Translation node, Value of, DType to) {
        var rounding = node.choice("round_mode", "up", "down", "nearest");
        var input = of;
        if (to == DType.FLOAT8E8M0 && !rounding.equals("up") && input.type().dtype().isFloat())
            input = powerOfTwo(node, input, rounding.equals("nearest"));
        boolean saturate = node.flag("saturate", true);
        boolean isText = input.type().dtype() == DType.STRING;
        if (to == DType.STRING)
            return node.apply(isText ? new Identity() : new NumbersToStrings(), input);
        if (isText && to == DType.BOOL)
            return node.apply(new Cast(to), node.apply(new StringsToNumbers(DType.INT64), input));
        if (isText) return node.apply(new StringsToNumbers(to), input);
        if (to.isInteger() && to.bits() < 8 && input.type().dtype().isFloat())
            input = node.apply(new Cast(DType.INT32), input);
        return node.apply(new Cast(to, saturate), input);
    }

    /// {@return a power of two beside each number: the next one towards 0, or the nearest, the
    /// larger of two}
    private static Value powerOfTwo(Translation node, Value input, boolean nearest) {
        var x = node.cast(input, DType.FLOAT32);
        var bits = node.apply(new BitCast(DType.INT32), x);
        if (nearest) bits = node.add(bits, node.like(bits, 1 << 22)); // half of the last exponent
        var power = node.apply(new BitwiseAnd(), bits, node.like(bits, 0x7F800000));
        var isNaN = node.apply(new IsNaN(), x);
        return node.apply(new Where(), isNaN, x, node.apply(new BitCast(DType.FLOAT32), power));
    }

    private static Value bitCast(Translation node) {
        if (!node.hasAttribute("to")) throw node.wrong("to", "a dtype", "none");
        return node.apply(new BitCast(node.dtype("to", DType.FLOAT32)), node.real(0));
    }

    private static Value bitShift(Translation node) {
        if (!node.hasAttribute("direction")) throw node.wrong("direction", "LEFT or RIGHT", "none");
        boolean right = node.choice("direction", "LEFT", "RIGHT").equals("RIGHT");
        return node.apply(new BitShift(right), node.input(0), node.input(1));
    }

    private static Value isInf(Translation node) {
        boolean negative = node.flag("detect_negative", true);
        return node.apply(new IsInf(negative, node.flag("detect_positive", true)), node.input(0));
    }

    private static Value sum(Translation node) {
        var sum = node.input(0);
        for (int i = 1; i < node.count(); i++) sum = node.apply(new Add(), sum, node.input(i));
        return sum;
    }

    /// Before opset 11, the bounds are attributes.
    private static Value clip(Translation node) {
        if (node.opset() >= 11) return node.applyAll(new Clip(), node.inputs()).getFirst();
        var dtype = node.type(0).dtype();
        return node.apply(
                new Clip(),
                node.input(0),
                node.scalar(dtype, node.real("min", -Float.MAX_VALUE)),
                node.scalar(dtype, node.real("max", Float.MAX_VALUE)));
    }

    private static Value gelu(Translation node) {
        boolean tanh = node.choice("approximate", "none", "tanh").equals("tanh");
        return node.apply(new Gelu(tanh), node.input(0));
    }

    private static Value hardSigmoid(Translation node) {
        var op = new HardSigmoid(node.real("alpha", 0.2f), node.real("beta", 0.5f));
        return node.apply(op, node.input(0));
    }
}
