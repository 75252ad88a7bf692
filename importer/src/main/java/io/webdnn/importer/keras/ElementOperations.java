package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationCall.SECOND;
import static io.webdnn.importer.keras.Operations.put;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Acos;
import io.webdnn.graph.op.Acosh;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Asin;
import io.webdnn.graph.op.Asinh;
import io.webdnn.graph.op.Atan;
import io.webdnn.graph.op.Atanh;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Ceil;
import io.webdnn.graph.op.Cos;
import io.webdnn.graph.op.Cosh;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Elu;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Erf;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Floor;
import io.webdnn.graph.op.Gelu;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.GreaterOrEqual;
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
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Or;
import io.webdnn.graph.op.Pow;
import io.webdnn.graph.op.Reciprocal;
import io.webdnn.graph.op.Round;
import io.webdnn.graph.op.Sign;
import io.webdnn.graph.op.Sin;
import io.webdnn.graph.op.Sinh;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.op.Tan;
import io.webdnn.graph.op.Where;
import io.webdnn.graph.op.Xor;
import io.webdnn.importer.keras.Operations.Operation;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Operations on single elements.
final class ElementOperations {
    private ElementOperations() {}

    static void addTo(Map<String, Operation> table) {
        addFunctions(table);
        addActivations(table);
        addPairs(table);
        put(table, "add_n", call -> sum(call.values(0), call.call()));
        put(table, "bias_add", ElementOperations::biasAdd);
        put(table, "cast", call -> call.call().apply(new Cast(dtype(call, 1)), call.value(0)));
        put(table, "clip", call -> clip(call, "x_min", "x_max"));
        put(table, "clip_by_value", call -> clip(call, "clip_value_min", "clip_value_max"));
        put(table, "full_like", call -> filled(call, call.value(1, "fill_value")));
        put(
                table,
                "ones_like",
                call -> filled(call, Value.of(call.call().scalar(DType.FLOAT32, 1))));
        put(table, "where", ElementOperations::where);
        put(
                table,
                "zeros_like",
                call -> filled(call, Value.of(call.call().scalar(DType.FLOAT32, 0))));
        put(
                table,
                "convert_to_tensor copy grad identity positive stop_gradient",
                ElementOperations::same);
    }

    private static void addFunctions(Map<String, Operation> table) {
        put(table, "abs absolute", call -> call.call().apply(new Abs(), call.value(0)));
        put(table, "negative", call -> call.call().apply(new Neg(), call.value(0)));
        put(table, "sign", call -> call.call().apply(new Sign(), call.value(0)));
        put(table, "square", call -> Value.of(call.call().mul(call.value(0), call.value(0))));
        put(table, "logical_not", call -> call.call().apply(new Not(), truth(call, call.value(0))));
        put(table, "is_finite", ElementOperations::isFinite);
        put(table, "round", ElementOperations::round);
        function(table, "acos arccos", new Acos());
        function(table, "acosh arccosh", new Acosh());
        function(table, "asin arcsin", new Asin());
        function(table, "asinh arcsinh", new Asinh());
        function(table, "atan arctan", new Atan());
        function(table, "atanh arctanh", new Atanh());
        function(table, "ceil", new Ceil());
        function(table, "cos", new Cos());
        function(table, "cosh", new Cosh());
        function(table, "erf", new Erf());
        function(table, "exp", new Exp());
        function(table, "floor", new Floor());
        function(table, "is_inf", new IsInf(true, true));
        function(table, "is_nan", new IsNaN());
        function(table, "log", new Log());
        function(table, "reciprocal", new Reciprocal());
        function(table, "sin", new Sin());
        function(table, "sinh", new Sinh());
        function(table, "sqrt", new Sqrt());
        function(table, "tan", new Tan());
        function(table, "expm1", Activations.map(x -> new Exp().of(List.of(x)).minus(one())));
        function(table, "log1p", Activations.map(x -> new Log().of(List.of(x.plus(one())))));
        function(table, "log2", Activations.map(x -> new Log().of(List.of(x)).times(logarithm(2))));
        function(
                table,
                "log10",
                Activations.map(x -> new Log().of(List.of(x)).times(logarithm(10))));
        function(table, "rsqrt", Activations.map(x -> one().dividedBy(new Sqrt().of(List.of(x)))));
    }

    private static void function(Map<String, Operation> table, String names, Elementwise op) {
        put(table, names, call -> call.call().apply(op, call.real(0)));
    }

    private static Expr one() {
        return Expr.of(DType.FLOAT32, 1);
    }

    private static Expr logarithm(double base) {
        return Expr.of(DType.FLOAT32, 1 / Math.log(base));
    }

    private static void addActivations(Map<String, Operation> table) {
        for (var name :
                List.of(
                        "hard_sigmoid",
                        "hard_silu",
                        "hard_swish",
                        "hard_tanh",
                        "log_sigmoid",
                        "mish",
                        "relu",
                        "relu6",
                        "selu",
                        "sigmoid",
                        "silu",
                        "softplus",
                        "softsign",
                        "sparse_plus",
                        "sparse_sigmoid",
                        "swish",
                        "tanh",
                        "tanh_shrink")) put(table, name, call -> activation(call, name));
        put(table, "celu", call -> withDefault(call, "celu", "alpha", 1));
        put(table, "hard_shrink", call -> withDefault(call, "hard_shrink", "threshold", 0.5));
        put(table, "soft_shrink", call -> withDefault(call, "soft_shrink", "threshold", 0.5));
        put(table, "squareplus", call -> withDefault(call, "squareplus", "b", 4));
        put(
                table,
                "elu",
                call -> call.call().apply(new Elu(call.number(1, "alpha")), call.real(0)));
        put(table, "gelu", ElementOperations::gelu);
        put(table, "leaky_relu", ElementOperations::leakyRelu);
    }

    private static Value activation(OperationCall call, String name) {
        var op = Activations.elementwise(name, call.call().version());
        if (op == null) throw new IllegalArgumentException(name);
        return call.call().apply(op, call.real(0));
    }

    private static Value withDefault(
            OperationCall call, String name, String attribute, double only) {
        float given = call.number(only, attribute);
        if (given != (float) only) throw call.wrong(attribute, only + "", given);
        return activation(call, name);
    }

    private static Value gelu(OperationCall call) {
        boolean approximate = call.flag(!call.isOfTensorFlow(), "approximate");
        return call.call().apply(new Gelu(approximate), call.real(0));
    }

    private static Value leakyRelu(OperationCall call) {
        return call.call()
                .apply(new LeakyRelu(call.number(0.2, "alpha", "negative_slope")), call.real(0));
    }

    private static void addPairs(Map<String, Operation> table) {
        pair(table, "add", new Add());
        pair(table, "subtract", new Sub());
        pair(table, "multiply", new Mul());
        pair(table, "maximum", new Max());
        pair(table, "minimum", new Min());
        pair(table, "pow power", new Pow());
        pair(table, "equal eq", new Equal());
        pair(table, "greater", new Greater());
        pair(table, "greater_equal", new GreaterOrEqual());
        pair(table, "less", new Less());
        pair(table, "less_equal", new LessOrEqual());
        put(table, "not_equal ne", call -> call.call().apply(new Not(), call.binary(new Equal())));
        logical(table, "logical_and", new And());
        logical(table, "logical_or", new Or());
        logical(table, "logical_xor", new Xor());
        put(table, "divide truediv true_divide", ElementOperations::divide);
        put(table, "div_no_nan divide_no_nan", ElementOperations::divideOrZero);
        put(table, "floordiv floor_divide", ElementOperations::floorDivide);
        put(table, "floormod mod", ElementOperations::modulo);
        put(table, "squared_difference", ElementOperations::squaredDifference);
    }

    private static void pair(Map<String, Operation> table, String names, Op op) {
        put(table, names, call -> call.binary(op));
    }

    private static void logical(Map<String, Operation> table, String name, Op op) {
        put(
                table,
                name,
                call ->
                        call.call()
                                .apply(
                                        op,
                                        truth(call, call.value(0)),
                                        truth(call, call.value(1, SECOND))));
    }

    private static Value truth(OperationCall call, Value x) {
        return Value.of(call.call().cast(x, DType.BOOL));
    }

    private static Value sum(List<Value> values, LayerCall call) {
        var sum = values.getFirst();
        for (var value : values.subList(1, values.size())) sum = Value.of(call.add(sum, value));
        return sum;
    }

    private static Value biasAdd(OperationCall call) {
        var x = call.value(0);
        var bias = call.value(1, "bias");
        if (call.text("NHWC", "data_format").startsWith("NC")) {
            int rank = x.type().rank();
            for (int d = 2; d < rank; d++) bias = call.call().unsqueeze(bias, d - 1);
        }
        return Value.of(call.call().add(x, bias));
    }

    private static Value same(OperationCall call) {
        call.ignore("sparse", "ragged", "dtype_hint");
        var x = call.value(0);
        return call.get(-1, "dtype") == null ? x : Value.of(call.call().cast(x, dtype(call, -1)));
    }

    /// {@return the dtype that an argument names: all floats are float32 here}
    private static DType dtype(OperationCall call, int place) {
        var said = String.valueOf(call.get(place, "dtype"));
        return switch (said) {
            case "float16", "bfloat16", "float32", "float64", "half" -> DType.FLOAT32;
            case "int64" -> DType.INT64;
            case "int32", "int16", "int8" -> DType.INT32;
            case "uint8" -> DType.UINT8;
            case "bool" -> DType.BOOL;
            default -> throw call.wrong("dtype", "a type of numbers", said);
        };
    }

    private static Value filled(OperationCall call, Value value) {
        var x = call.value(0);
        var dtype = call.get(-1, "dtype") == null ? x.type().dtype() : dtype(call, -1);
        var fill = call.call().cast(value, dtype);
        var never = call.call().constant(Tensor.of(new boolean[] {false}));
        return call.call().apply(new Where(), never, call.call().cast(x, dtype), fill);
    }

    private static Value where(OperationCall call) {
        var condition = truth(call, call.value(0));
        var both = call.alike(List.of(call.value(1, "x", "x1"), call.value(2, "y", "x2")));
        return call.call().apply(new Where(), condition, both.get(0), both.get(1));
    }

    private static Value clip(OperationCall call, String least, String most) {
        var y = limited(call, call.value(0), call.optional(1, least), new Max());
        return limited(call, y, call.optional(2, most), new Min());
    }

    private static Value limited(OperationCall call, Value x, @Nullable Value bound, Op op) {
        if (bound == null) return x;
        var both = call.alike(List.of(x, bound));
        return call.call().apply(op, both.get(0), both.get(1));
    }

    private static Value isFinite(OperationCall call) {
        var x = call.real(0);
        var isNot =
                call.call()
                        .apply(
                                new Or(),
                                call.call().apply(new IsNaN(), x),
                                call.call().apply(new IsInf(true, true), x));
        return call.call().apply(new Not(), isNot);
    }

    private static Value round(OperationCall call) {
        int decimals = call.integer(0, "decimals");
        if (decimals != 0) throw call.wrong("decimals", "0", decimals);
        return call.call().apply(new Round(), call.real(0));
    }

    private static Value divide(OperationCall call) {
        return call.call().apply(new Div(), call.real(0), call.real(1, SECOND));
    }

    private static Value divideOrZero(OperationCall call) {
        var b = call.real(1, SECOND);
        var zero = call.call().scalar(DType.FLOAT32, 0);
        var isZero = call.call().apply(new Equal(), b, zero);
        return call.call().apply(new Where(), isZero, zero, call.call().div(call.real(0), b));
    }

    /// Of integers that are made of extents, which are not negative, the quotient is itself one.
    private static Value floorDivide(OperationCall call) {
        var both = call.alike(List.of(call.value(0), call.value(1, SECOND)));
        var a = both.get(0);
        var b = both.get(1);
        if (a.type().dtype().isFloat())
            return call.call().apply(new Floor(), call.call().div(a, b));
        if (call.extents(a) != null && call.extents(b) != null)
            return Value.of(call.call().div(a, b));
        var rest = call.call().apply(new Mod(false), a, b);
        return Value.of(call.call().div(call.call().sub(a, rest), b));
    }

    /// The remainder has the sign of the divisor.
    private static Value modulo(OperationCall call) {
        var both = call.alike(List.of(call.value(0), call.value(1, SECOND)));
        var a = both.get(0);
        var b = both.get(1);
        if (!a.type().dtype().isFloat()) return call.call().apply(new Mod(false), a, b);
        var whole = call.call().apply(new Floor(), call.call().div(a, b));
        return Value.of(call.call().sub(a, call.call().mul(b, whole)));
    }

    private static Value squaredDifference(OperationCall call) {
        var difference = call.binary(new Sub());
        return Value.of(call.call().mul(difference, difference));
    }
}
