package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.ABSENT;
import static io.webdnn.verify.operator.Given.bool;
import static io.webdnn.verify.operator.Given.f16;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.random;
import static io.webdnn.verify.operator.Given.vector;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.op.*;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Scalar functions, with and without broadcasting.
final class ElementwiseCases {
    private static final float INFINITY = Float.POSITIVE_INFINITY;
    private static final float NAN = Float.NaN;

    private ElementwiseCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(
                        functions(),
                        arithmetic(),
                        comparisons(),
                        logic(),
                        kinds(),
                        bits(),
                        narrow(),
                        casts(),
                        others())
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> unary(Op op, DoubleUnaryOperator f, Given... more) {
        var contract =
                OperatorContract.of(op)
                        .inputs("scalar", f32())
                        .inputs("one element", f32(1))
                        .inputs("nothing", f32(0))
                        .inputs("3", f32(3))
                        .inputs("2 × 4", f32(2, 4))
                        .inputs("5 × 1 × 9", f32(5, 1, 9).symbol(0, "N"))
                        .inputs("float16", f16(7));
        for (int i = 0; i < more.length; i++) contract.inputs("values " + i, more[i]);
        return contract.oracle(in ->
                Grid.each(
                        in.get(0).dtype(),
                        in.get(0).shape(),
                        i -> f.applyAsDouble(in.get(0).at(i))));
    }

    private static Stream<OperatorCase> functions() {
        var special = vector(NAN, -INFINITY, -100, -1, -0f, 0, 1, 100, INFINITY, NAN);
        var halves = vector(-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 0.49999997f, 1e9f);
        var positive = vector(0, 1e-30f, 0.5f, 1, 7, 1e30f, INFINITY, NAN, -1);
        var within = vector(-1, -0.999f, -0.5f, -1e-4f, 0, 1e-4f, 0.5f, 0.999f, 1, 1.5f);
        // from what becomes 0 to what becomes ∞, and both sides of the subnormal numbers
        var extreme = vector(-1000, -177, -176, -175, -150, -105, -103, -88, -87, 88, 89, 1000);
        var moderate = vector(-20, -9, -3.7f, -1e-4f, 0, 1e-4f, 3.7f, 9, 20);
        return Stream.of(
                        unary(new Relu(), x -> x > 0 ? x : x < 0 ? 0 : x, special),
                        unary(new Abs(), Math::abs, special, i32(5)),
                        unary(new Neg(), x -> -x, special, i32(5)),
                        unary(new Sign(), Math::signum, special, i32(5)),
                        unary(new Floor(), Math::floor, special, halves),
                        unary(new Ceil(), Math::ceil, special, halves),
                        unary(new Round(), Math::rint, special, halves),
                        unary(new Exp(), Math::exp, special, moderate, extreme),
                        unary(new Log(), Math::log, positive),
                        unary(new Sqrt(), Math::sqrt, positive),
                        unary(new Reciprocal(), x -> 1 / x, special),
                        unary(new Sin(), Math::sin, moderate),
                        unary(new Cos(), Math::cos, moderate),
                        unary(new Tan(), Math::tan, moderate),
                        unary(new Asin(), Math::asin, within, special),
                        unary(new Acos(), Math::acos, within, special),
                        unary(new Atan(), Math::atan, moderate, special),
                        unary(new Sinh(), Math::sinh, moderate),
                        unary(new Cosh(), Math::cosh, moderate),
                        unary(new Asinh(), ElementwiseCases::arsinh, moderate, special),
                        unary(new Acosh(), x -> Math.log(x + Math.sqrt(x * x - 1)), positive),
                        unary(new Atanh(), x -> Math.log((1 + x) / (1 - x)) / 2, within),
                        unary(new Tanh(), Math::tanh, special, moderate),
                        unary(new Sigmoid(), x -> 1 / (1 + Math.exp(-x)), special, moderate),
                        unary(new Softplus(), ElementwiseCases::softplus, special, moderate),
                        unary(new Erf(), ElementwiseCases::erf, special, moderate),
                        unary(new Gelu(false), x -> x / 2 * (1 + erf(x / Math.sqrt(2))), moderate),
                        unary(new Gelu(true), ElementwiseCases::geluTanh, moderate),
                        unary(
                                new QuickGelu(1.702f),
                                x -> x / (1 + Math.exp(-1.702f * x)),
                                special,
                                moderate),
                        unary(new Elu(1.3f), x -> x < 0 ? 1.3f * Math.expm1(x) : x, special),
                        unary(new LeakyRelu(0.1f), x -> x < 0 ? 0.1f * x : x, special),
                        unary(new Affine(-1.5f, 0.25f), x -> 0.25 - 1.5 * x, special),
                        unary(new ScaledTanh(1.5f, 0.7f), x -> 1.5 * Math.tanh(0.7f * x), moderate),
                        unary(new Softsign(), x -> x / (1 + Math.abs(x)), special, moderate),
                        unary(new ThresholdedRelu(0.5f), x -> x > 0.5 ? x : 0, special, halves),
                        unary(
                                new HardSigmoid(0.2f, 0.5f),
                                x -> Math.max(0, Math.min(1, 0.2f * x + 0.5f)),
                                special),
                        unary(new Identity(), x -> x, special, i32(5), bool(5)))
                .flatMap(s -> s);
    }

    private static double arsinh(double x) {
        double magnitude = Math.abs(x);
        if (Double.isInfinite(x)) return x;
        if (magnitude < 1e-3) return x - x * x * x / 6;
        return Math.copySign(Math.log(magnitude + Math.sqrt(x * x + 1)), x);
    }

    private static double softplus(double x) {
        return x > 30 ? x : Math.log1p(Math.exp(x));
    }

    private static double geluTanh(double x) {
        return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    /// `erf` by its Taylor series for small x, else by the continued fraction of `erfc`.
    private static double erf(double x) {
        if (Double.isNaN(x)) return x;
        double a = Math.abs(x);
        if (a > 6) return Math.signum(x);
        if (a > 2.5) {
            double fraction = a;
            for (int k = 60; k >= 1; k--) fraction = a + k / 2.0 / fraction;
            return Math.signum(x) * (1 - Math.exp(-a * a) / fraction / Math.sqrt(Math.PI));
        }
        double sum = 0;
        double term = x;
        for (int n = 0; n < 60; n++) {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    private static OperatorContract broadcasts(Op op, DType dtype, double low, double high) {
        Given scalar = random(dtype, low, high);
        return OperatorContract.of(op)
                .inputs(dtype + " scalars", scalar, scalar)
                .inputs(
                        dtype + " equal shapes",
                        random(dtype, low, high, 7),
                        random(dtype, low, high, 7))
                .inputs(dtype + " with a scalar", random(dtype, low, high, 2, 5), scalar)
                .inputs(
                        dtype + " a row and a column",
                        random(dtype, low, high, 3, 1).symbol(0, "N"),
                        random(dtype, low, high, 9))
                .inputs(
                        dtype + " both grow",
                        random(dtype, low, high, 4, 1, 3),
                        random(dtype, low, high, 8, 1))
                .inputs(
                        dtype + " nothing",
                        random(dtype, low, high, 0, 3),
                        random(dtype, low, high, 1, 3));
    }

    private static Stream<OperatorCase> binary(
            OperatorContract contract, @Nullable DType result, DoubleBinaryOperator f) {
        return contract.oracle(in -> {
            var a = in.get(0);
            var b = in.get(1);
            var dtype = result == null ? a.dtype() : result;
            return Grid.each(
                    dtype,
                    broadcast(a.shape(), b.shape()),
                    i -> f.applyAsDouble(a.broadcastAt(i), b.broadcastAt(i)));
        });
    }

    static int[] broadcast(int[] a, int[] b) {
        var shape = new int[Math.max(a.length, b.length)];
        for (int d = 1; d <= shape.length; d++) {
            int p = d <= a.length ? a[a.length - d] : 1;
            int q = d <= b.length ? b[b.length - d] : 1;
            shape[shape.length - d] = p == 1 ? q : p;
        }
        return shape;
    }

    private static Stream<OperatorCase> arithmetic() {
        DoubleBinaryOperator truncated =
                (a, b) -> b == 0 ? 0 : Math.signum(a * b) * Math.floor(Math.abs(a / b));
        DoubleBinaryOperator floored =
                (a, b) -> b == 0 ? 0 : (double) Math.floorMod((long) a, (long) b);
        var extremes =
                OperatorContract.of(new Add())
                        .inputs(
                                "wraps",
                                Given.of(Tensor.of(new int[] {Integer.MAX_VALUE, -5}, 2)),
                                Given.of(Tensor.of(new int[] {1, 3}, 2)))
                        .inputs(
                                "infinities",
                                vector(INFINITY, 1, NAN),
                                vector(-INFINITY, INFINITY, 0));
        return Stream.of(
                        binary(broadcasts(new Add(), DType.FLOAT32, -9, 9), null, Double::sum),
                        binary(extremes, null, Double::sum),
                        binary(broadcasts(new Sub(), DType.FLOAT32, -9, 9), null, (a, b) -> a - b),
                        binary(broadcasts(new Mul(), DType.FLOAT32, -9, 9), null, (a, b) -> a * b),
                        binary(broadcasts(new Mul(), DType.INT32, -9, 9), null, (a, b) -> a * b),
                        binary(broadcasts(new Div(), DType.FLOAT32, -9, 9), null, (a, b) -> a / b),
                        binary(broadcasts(new Div(), DType.INT32, -9, 9), null, truncated),
                        binary(broadcasts(new Mod(false), DType.INT32, -9, 9), null, floored),
                        binary(
                                broadcasts(new Mod(true), DType.FLOAT32, -9, 9),
                                null,
                                (a, b) -> a % b),
                        binary(
                                broadcasts(new Mod(true), DType.INT32, -9, 9),
                                null,
                                (a, b) -> b == 0 ? 0 : a % b),
                        binary(
                                broadcasts(new Max(), DType.FLOAT32, -9, 9)
                                        .inputs("NaN", vector(NAN, 1, -0f), vector(1, NAN, 0))
                                        .inputs("NaN in vectors", nans(2), nans(3)),
                                null,
                                Math::max),
                        binary(
                                broadcasts(new Min(), DType.FLOAT32, -9, 9)
                                        .inputs("NaN", vector(NAN, 1, -3), vector(1, NAN, 0))
                                        .inputs("NaN in vectors", nans(2), nans(3)),
                                null,
                                Math::min),
                        binary(broadcasts(new Pow(), DType.FLOAT32, 0.1, 3), null, Math::pow),
                        powers())
                .flatMap(s -> s);
    }

    /// Every `each`-th number is none.
    private static Given nans(int each) {
        var values = new float[13];
        for (int i = 0; i < values.length; i++) values[i] = i % each == 0 ? NAN : i * each - 9;
        return vector(values);
    }

    private static Stream<OperatorCase> powers() {
        var contract =
                OperatorContract.of(new Pow())
                        .inputs("negative base", vector(-2, -2, -2, 0, 0), vector(3, -2, 0, 0, 2))
                        .inputs(
                                "float by int",
                                vector(-2, 1.5f, 3),
                                Given.of(Tensor.of(new int[] {3, 2, 0}, 3)))
                        .inputs(
                                "int by int",
                                Given.of(Tensor.of(new int[] {-3, 7, 46341}, 3)),
                                Given.of(Tensor.of(new int[] {3, 0, 2}, 3)))
                        .inputs(
                                "int by float",
                                Given.of(Tensor.of(new int[] {9, 3, 2}, 3)),
                                vector(3, 6, 0.5f))
                        .inputs(
                                "int by int64",
                                Given.of(Tensor.of(new int[] {9, -3}, 2)),
                                Given.indices(new int[] {2}, 3, 5));
        return binary(contract, null, Math::pow);
    }

    private static Stream<OperatorCase> comparisons() {
        return Stream.of(
                        compared(new Equal(), (a, b) -> a == b ? 1 : 0),
                        compared(new Less(), (a, b) -> a < b ? 1 : 0),
                        compared(new LessOrEqual(), (a, b) -> a <= b ? 1 : 0),
                        compared(new Greater(), (a, b) -> a > b ? 1 : 0),
                        compared(new GreaterOrEqual(), (a, b) -> a >= b ? 1 : 0),
                        binary(
                                OperatorContract.of(new Equal()).inputs("bool", bool(9), bool(9)),
                                DType.BOOL,
                                (a, b) -> a == b ? 1 : 0))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> compared(Op op, DoubleBinaryOperator f) {
        var special = vector(NAN, NAN, 1, -0f, INFINITY, -INFINITY);
        var other = vector(NAN, 1, NAN, 0, INFINITY, INFINITY);
        return Stream.concat(
                binary(
                        broadcasts(op, DType.FLOAT32, -1, 1).inputs("special", special, other),
                        DType.BOOL,
                        f),
                binary(broadcasts(op, DType.INT32, -2, 2), DType.BOOL, f));
    }

    private static Stream<OperatorCase> logic() {
        return Stream.of(
                        logic(new And(), (a, b) -> a * b),
                        logic(new Or(), Math::max),
                        logic(new Xor(), (a, b) -> a == b ? 0 : 1),
                        OperatorContract.of(new Not())
                                .inputs("5", bool(5))
                                .oracle(in ->
                                        Grid.each(
                                                DType.BOOL,
                                                in.get(0).shape(),
                                                i -> 1 - in.get(0).at(i))))
                .flatMap(s -> s);
    }

    /// Whether numbers are infinite or none.
    private static Stream<OperatorCase> kinds() {
        var special = vector(-INFINITY, -Float.MAX_VALUE, -0f, 0, Float.MAX_VALUE, INFINITY, NAN);
        return Stream.of(
                        kind(new IsNaN(), Double::isNaN, special),
                        kind(new IsInf(true, true), Double::isInfinite, special),
                        kind(new IsInf(true, false), x -> x == -INFINITY, special),
                        kind(new IsInf(false, true), x -> x == INFINITY, special),
                        kind(new IsInf(false, false), _ -> false, special))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> kind(Op op, DoublePredicate is, Given special) {
        return OperatorContract.of(op)
                .inputs("special", special)
                .inputs("float16", f16(3))
                .inputs("3-D", f32(2, 3, 5).symbol(0, "N"))
                .oracle(in ->
                        Grid.each(
                                DType.BOOL,
                                in.get(0).shape(),
                                i -> is.test(in.get(0).at(i)) ? 1 : 0));
    }

    private static Stream<OperatorCase> bits() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (var dtype : List.of(DType.INT32, DType.UINT8, DType.INT16)) {
            int low = dtype == DType.UINT8 ? 0 : -200;
            cases.add(
                    binary(
                            broadcasts(new BitwiseAnd(), dtype, low, 200),
                            null,
                            (a, b) -> (long) a & (long) b));
            cases.add(
                    binary(
                            broadcasts(new BitwiseOr(), dtype, low, 200),
                            null,
                            (a, b) -> (long) a | (long) b));
            cases.add(
                    binary(
                            broadcasts(new BitwiseXor(), dtype, low, 200),
                            null,
                            (a, b) -> (long) a ^ (long) b));
            cases.add(
                    OperatorContract.of(new BitwiseNot())
                            .inputs("3-D " + dtype, random(dtype, low, 200, 2, 1, 5))
                            .oracle(in -> {
                                long ones = dtype == DType.UINT8 ? 255 : -1;
                                return Grid.each(
                                        dtype,
                                        in.get(0).shape(),
                                        i -> (long) in.get(0).at(i) ^ ones);
                            }));
        }
        cases.add(shifts(true, (x, y) -> y > 31 ? 0 : (long) x >> (long) y));
        cases.add(shifts(false, (x, y) -> y > 31 ? 0 : (long) x << (long) y));
        return cases.stream().flatMap(s -> s);
    }

    /// By the width and more, too.
    private static Stream<OperatorCase> shifts(boolean right, DoubleBinaryOperator f) {
        var bytes = Tensor.zeros(DType.UINT8, 6);
        var words = Tensor.zeros(DType.UINT32, 6);
        var distances = Tensor.zeros(DType.UINT8, 6);
        var far = Tensor.zeros(DType.UINT32, 6);
        for (int i = 0; i < 6; i++) {
            bytes.setLong(i, 0xb5);
            words.setLong(i, 0x9e3779b9L);
            distances.setLong(i, new int[] {0, 1, 4, 7, 8, 200}[i]);
            far.setLong(i, new int[] {0, 1, 16, 31, 32, 1000}[i]);
        }
        return OperatorContract.of(new BitShift(right))
                .inputs("uint8", Given.of(bytes), Given.of(distances))
                .inputs("uint32", Given.of(words), Given.of(far))
                .oracle(in -> {
                    long mask = in.get(0).dtype() == DType.UINT8 ? 0xff : 0xffffffffL;
                    return Grid.each(
                            in.get(0).dtype(),
                            in.get(0).shape(),
                            i -> (long) f.applyAsDouble(in.get(0).at(i), in.get(1).at(i)) & mask);
                });
    }

    private static Stream<OperatorCase> logic(Op op, DoubleBinaryOperator f) {
        var contract =
                OperatorContract.of(op)
                        .inputs("8", bool(8), bool(8))
                        .inputs("broadcast", bool(5, 1).symbol(0, "N"), bool(3));
        return binary(contract, DType.BOOL, f);
    }

    /// Results beyond the range of an integer of 8 or 16 bits: what is computed with them next sees
    /// them wrapped.
    private static Stream<OperatorCase> narrow() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (var dtype : List.of(DType.UINT8, DType.INT8, DType.UINT16, DType.INT16)) {
            cases.add(wrapping(dtype, "sums wrap", Expr::plus, Double::sum));
            cases.add(wrapping(dtype, "differences wrap", Expr::minus, (a, b) -> a - b));
            cases.add(wrapping(dtype, "products wrap", Expr::times, (a, b) -> a * b));
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Stream<OperatorCase> wrapping(
            DType dtype, String what, BinaryOperator<Expr> combine, DoubleBinaryOperator f) {
        boolean isUnsigned = dtype == DType.UINT8 || dtype == DType.UINT16;
        long count = 1L << dtype.bits();
        long low = isUnsigned ? 0 : -count / 2;
        var all = random(dtype, low, low + count, 37).symbol(0, "N");
        var op =
                Map.of(
                        List.of(dtype, dtype),
                        x -> combine.apply(x.get(0), x.get(1)).cast(DType.INT32));
        var contract = OperatorContract.of(op).inputs(dtype + " " + what, all, all);
        return binary(
                contract,
                DType.INT32,
                (a, b) -> Math.floorMod((long) f.applyAsDouble(a, b) - low, count) + (double) low);
    }

    private static Stream<OperatorCase> casts() {
        var floats = vector(-3.7f, -0.5f, -0f, 0.5f, 1, 300.9f, NAN, INFINITY, 3e9f, -3e9f);
        var ints = Given.of(Tensor.of(new int[] {-129, -1, 0, 1, 255, 256, 70000}, 7));
        var cases = new ArrayList<Stream<OperatorCase>>();
        cases.add(cast(DType.BOOL, floats, x -> x != 0 ? 1 : 0));
        cases.add(cast(DType.INT32, floats, x -> (int) x));
        cases.add(cast(DType.FLOAT32, ints, x -> x));
        cases.add(cast(DType.UINT8, ints, x -> (long) x & 255));
        cases.add(cast(DType.INT8, ints, x -> (byte) (long) x));
        cases.add(cast(DType.INT64, ints, x -> x));
        var beyond =
                vector(-300.9f, 300.9f, -0.9f, 127.9f, 70000.5f, -70000.5f, 1e10f, -1e10f, NAN);
        cases.add(cast(DType.INT8, beyond, x -> Math.clamp((long) x, -128, 127)));
        cases.add(cast(DType.UINT8, beyond, x -> Math.clamp((long) x, 0, 255)));
        cases.add(cast(DType.INT16, beyond, x -> Math.clamp((long) x, -32768, 32767)));
        cases.add(cast(DType.UINT16, beyond, x -> Math.clamp((long) x, 0, 65535)));
        cases.add(cast(DType.FLOAT16, vector(1, 2049, 65520, 1e-8f), x -> x));
        cases.add(cast(DType.FLOAT32, bool(9), x -> x));
        return cases.stream().flatMap(s -> s);
    }

    private static Stream<OperatorCase> cast(DType to, Given from, DoubleUnaryOperator f) {
        return OperatorContract.of(new Cast(to))
                .inputs("from " + from.declaredDtype(), from)
                .oracle(in ->
                        Grid.each(to, in.get(0).shape(), i -> f.applyAsDouble(in.get(0).at(i))));
    }

    private static Stream<OperatorCase> others() {
        var where =
                OperatorContract.of(new Where())
                        .inputs("NaN on the other side", bool(9), f32(9), Given.filled(NAN, 9))
                        .inputs("broadcast", bool(3, 1), f32(1, 4), f32())
                        .inputs("bool", bool(2, 3), bool(3), bool(2, 1))
                        .oracle(in -> {
                            var shape = broadcast(in.get(1).shape(), in.get(2).shape());
                            return Grid.each(
                                    in.get(1).dtype(),
                                    broadcast(in.get(0).shape(), shape),
                                    i ->
                                            in.get(in.get(0).broadcastAt(i) != 0 ? 1 : 2)
                                                    .broadcastAt(i));
                        });
        var variadic =
                OperatorContract.of(new Max())
                        .inputs("one", f32(3))
                        .inputs("three", f32(3), f32(2, 1), f32())
                        .oracle(in -> {
                            var shape = new int[0];
                            for (var x : in) shape = broadcast(shape, x.shape());
                            return Grid.each(
                                    DType.FLOAT32,
                                    shape,
                                    i ->
                                            in.stream()
                                                    .mapToDouble(x -> x.broadcastAt(i))
                                                    .max()
                                                    .orElseThrow());
                        });
        var map =
                OperatorContract.of(
                                Map.of(
                                        List.of(DType.FLOAT32, DType.FLOAT32),
                                        x ->
                                                x.get(0)
                                                        .times(x.get(0))
                                                        .minus(
                                                                x.get(1)
                                                                        .times(
                                                                                Expr.of(
                                                                                        DType
                                                                                                .FLOAT32,
                                                                                        3)))))
                        .inputs("broadcast", f32(2, 5).symbol(0, "N"), f32(5))
                        .oracle(in ->
                                Grid.each(
                                        DType.FLOAT32,
                                        in.get(0).shape(),
                                        i ->
                                                Math.pow(in.get(0).at(i), 2)
                                                        - 3 * in.get(1).broadcastAt(i)));
        return Stream.of(where, variadic, map, floors(7), floors(8), clips()).flatMap(s -> s);
    }

    /// Division by a known number, rounded down, at the ends of the range too.
    private static Stream<OperatorCase> floors(int divisor) {
        int[] ends = {Integer.MIN_VALUE, -2147483642, -15, -8, -7, -1, 0, 6, 7, 8, 2147483647};
        return Stream.of(true, false)
                .flatMap(isQuotient -> {
                    var op =
                            Map.of(
                                    List.of(DType.INT32),
                                    x ->
                                            isQuotient
                                                    ? x.getFirst().floorDividedBy(divisor)
                                                    : x.getFirst().floorModulo(divisor));
                    return OperatorContract.of(op)
                            .inputs("ends of the range", Given.of(Tensor.of(ends, ends.length)))
                            .oracle(in ->
                                    Grid.each(
                                            DType.INT32,
                                            in.get(0).shape(),
                                            i -> {
                                                double x = in.get(0).at(i);
                                                double quotient = Math.floor(x / divisor);
                                                return isQuotient
                                                        ? quotient
                                                        : x - quotient * divisor;
                                            }));
                });
    }

    private static Stream<OperatorCase> clips() {
        return OperatorContract.of(new Clip())
                .inputs("both", f32(9).symbol(0, "N"), Given.filled(-0.3), Given.filled(0.4))
                .inputs("no bound", f32(5))
                .inputs("only max, of one element", f32(5), ABSENT, Given.filled(0.1, 1))
                .inputs("min > max", f32(5), Given.filled(0.5), Given.filled(-0.5))
                .inputs(
                        "scalar with bounds of one element",
                        f32(),
                        Given.filled(0.5, 1),
                        Given.filled(0.9, 1))
                .inputs("NaN", vector(NAN, 3, -2, 0.5f, NAN), Given.filled(0), Given.filled(1))
                .inputs(
                        "int",
                        i32(8),
                        Given.of(Tensor.of(new int[] {-2})),
                        Given.of(Tensor.of(new int[] {3})))
                .oracles(ElementwiseCases::clip);
    }

    private static List<Grid> clip(List<@Nullable Grid> in) {
        var x = in.getFirst();
        if (x == null) throw new IllegalArgumentException("no input");
        return List.of(Grid.each(x.dtype(), x.shape(), i -> clip(x.at(i), in)));
    }

    private static double clip(double x, List<@Nullable Grid> in) {
        var low = in.size() > 1 ? in.get(1) : null;
        var high = in.size() > 2 ? in.get(2) : null;
        double y = x;
        if (low != null && y < low.flatAt(0)) y = low.flatAt(0);
        if (high != null && y > high.flatAt(0)) y = high.flatAt(0);
        return y;
    }
}
