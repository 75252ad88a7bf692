package io.webdnn.compiler.emit.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Terms and statements, each in a kernel of its own, against values written down here.
class JvmEmitterTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double[] REALS = {
        0, -0.0, 1, -1, 0.5, -0.5, 1.5, -2.5, 7, -7, 3, 1e30, INF, -INF, Double.NaN
    };
    private static final long[] WHOLES = {
        0, 1, -1, 2, 7, -7, 3, -3, 31, 33, 65_537, Integer.MAX_VALUE, Integer.MIN_VALUE
    };

    private static KernelBuffer buffer(String name, ScalarType type, KernelBuffer.Access access) {
        return new KernelBuffer(name, type, 1, access);
    }

    private static KernelBuffer read(ScalarType type) {
        return buffer("x", type, KernelBuffer.Access.READ);
    }

    private static KernelBuffer write(ScalarType type) {
        return buffer(
                "y",
                type == ScalarType.BOOL ? ScalarType.INT32 : type,
                KernelBuffer.Access.READ_WRITE);
    }

    private static Kernel kernel(
            List<KernelBuffer> buffers,
            List<Dimension> parameters,
            List<LocalArray> arrays,
            Stmt... body) {
        return new Kernel(
                "k", "Test", buffers, parameters, arrays, Grid.none(), Stmt.Block.of(body));
    }

    private static Kernel kernel(List<KernelBuffer> buffers, Stmt... body) {
        return kernel(buffers, List.of(), List.of(), body);
    }

    private static void run(Kernel kernel, int[] parameters, Object... arrays) {
        var loaded = LoadedKernel.load(kernel);
        for (int p = 0; p < loaded.phases().size(); p++)
            loaded.code().run(p, arrays, parameters, 0, loaded.code().extent(p, parameters));
    }

    private static Object array(ScalarType type, double value) {
        return switch (type) {
            case FLOAT16, FLOAT32 -> new float[] {(float) value};
            case FLOAT64 -> new double[] {value};
            case INT64, UINT64 -> new long[] {(long) value};
            case INT32, BOOL -> new int[] {(int) value};
            case UINT32 -> new int[] {(int) (long) value};
        };
    }

    private static Object array(ScalarType type, long value) {
        return type == ScalarType.INT64 ? new long[] {value} : new int[] {(int) value};
    }

    /// Boxed, so that NaN equals NaN, and 0 is not −0.
    private static Double real(Object array) {
        return switch (array) {
            case float[] a -> (double) a[0];
            case double[] a -> a[0];
            default -> throw new AssertionError(array.getClass());
        };
    }

    private static long whole(Object array) {
        return array instanceof long[] a ? a[0] : ((int[]) array)[0];
    }

    /// Stores `value(x[0], z[0])` and gives the array.
    private static Object evaluate(
            ScalarType in, Object a, Object b, java.util.function.BinaryOperator<Term> value) {
        var x = read(in);
        var z = read(in);
        var zero = Build.constant(0);
        var term = value.apply(new Term.Load(x, zero, 1), new Term.Load(z, zero, 1));
        var stored =
                term.type().scalar() == ScalarType.BOOL
                        ? new Term.Convert(ScalarType.INT32, term)
                        : term;
        var y = write(stored.type().scalar());
        var result = array(stored.type().scalar(), 0.0);
        run(kernel(List.of(x, z, y), new Stmt.Store(y, zero, stored)), new int[0], a, b, result);
        return result;
    }

    private final List<DynamicTest> tests = new ArrayList<>();

    private void reals(Binary.Operator operator, DoubleBinaryOperator expected) {
        for (var type : List.of(ScalarType.FLOAT32, ScalarType.FLOAT64)) {
            tests.add(
                    DynamicTest.dynamicTest(
                            operator + " " + type,
                            () -> {
                                for (double a : REALS) {
                                    for (double b : REALS) {
                                        double x = type == ScalarType.FLOAT32 ? (float) a : a;
                                        double z = type == ScalarType.FLOAT32 ? (float) b : b;
                                        double exact = expected.applyAsDouble(x, z);
                                        var result =
                                                evaluate(
                                                        type,
                                                        array(type, a),
                                                        array(type, b),
                                                        (p, q) -> new Term.Combine(operator, p, q));
                                        assertThat(real(result))
                                                .as("%s(%s, %s)", operator, a, b)
                                                .isEqualTo(
                                                        Double.valueOf(
                                                                type == ScalarType.FLOAT32
                                                                        ? (float) exact
                                                                        : exact));
                                    }
                                }
                            }));
        }
    }

    private void wholes(Binary.Operator operator, ScalarType type, LongBinaryOperator expected) {
        tests.add(
                DynamicTest.dynamicTest(
                        operator + " " + type,
                        () -> {
                            for (long a : WHOLES) {
                                for (long b : WHOLES) {
                                    boolean unsigned = type == ScalarType.UINT32;
                                    long exact =
                                            expected.applyAsLong(
                                                    unsigned ? a & 0xffff_ffffL : a,
                                                    unsigned ? b & 0xffff_ffffL : b);
                                    var result =
                                            evaluate(
                                                    type,
                                                    array(type, a),
                                                    array(type, b),
                                                    (p, q) -> new Term.Combine(operator, p, q));
                                    assertThat(whole(result))
                                            .as("%s(%d, %d)", operator, a, b)
                                            .isEqualTo(
                                                    type == ScalarType.INT64 ? exact : (int) exact);
                                }
                            }
                        }));
    }

    private void compare(
            Binary.Operator operator, java.util.function.BiPredicate<Double, Double> expected) {
        tests.add(
                DynamicTest.dynamicTest(
                        operator + " of floats, negated too",
                        () -> {
                            for (double a : REALS) {
                                for (double b : REALS) {
                                    boolean holds = expected.test(a, b);
                                    var type = ScalarType.FLOAT64;
                                    var plain =
                                            evaluate(
                                                    type,
                                                    array(type, a),
                                                    array(type, b),
                                                    (p, q) -> new Term.Combine(operator, p, q));
                                    assertThat(whole(plain))
                                            .as("%s(%s, %s)", operator, a, b)
                                            .isEqualTo(holds ? 1 : 0);
                                    var not =
                                            evaluate(
                                                    type,
                                                    array(type, a),
                                                    array(type, b),
                                                    (p, q) ->
                                                            new Term.Apply(
                                                                    Unary.Operator.NOT,
                                                                    new Term.Combine(
                                                                            operator, p, q)));
                                    assertThat(whole(not))
                                            .as("not %s(%s, %s)", operator, a, b)
                                            .isEqualTo(holds ? 0 : 1);
                                }
                            }
                        }));
    }

    private static double floorModulo(double a, double b) {
        if (Double.isInfinite(b) && !Double.isInfinite(a) && !Double.isNaN(a))
            return a == 0 || a < 0 == b < 0 ? a : b;
        double r = a % b;
        return r != 0 && r < 0 != b < 0 ? r + b : r;
    }

    private static long power(long base, long exponent) {
        var result = java.math.BigInteger.valueOf(base);
        if (exponent < 0) return base == 1 ? 1 : base == -1 ? exponent % 2 == 0 ? 1 : -1 : 0;
        return result.modPow(
                        java.math.BigInteger.valueOf(exponent),
                        java.math.BigInteger.ONE.shiftLeft(64))
                .longValue();
    }

    @TestFactory
    Stream<DynamicTest> operatorsOfTwo() {
        reals(Binary.Operator.ADD, (a, b) -> a + b);
        reals(Binary.Operator.SUBTRACT, (a, b) -> a - b);
        reals(Binary.Operator.MULTIPLY, (a, b) -> a * b);
        reals(Binary.Operator.DIVIDE, (a, b) -> a / b);
        reals(Binary.Operator.REMAINDER, (a, b) -> a % b);
        reals(Binary.Operator.FLOOR_DIVIDE, (a, b) -> Math.floor(a / b));
        reals(Binary.Operator.FLOOR_MODULO, JvmEmitterTest::floorModulo);
        reals(Binary.Operator.MIN, Math::min);
        reals(Binary.Operator.MAX, Math::max);
        reals(
                Binary.Operator.POWER,
                (a, b) -> a == 1 || a == -1 && Double.isInfinite(b) ? 1 : Math.pow(a, b));
        for (var type : List.of(ScalarType.INT32, ScalarType.INT64, ScalarType.UINT32)) {
            int mask = type == ScalarType.INT64 ? 63 : 31;
            wholes(Binary.Operator.ADD, type, (a, b) -> a + b);
            wholes(Binary.Operator.SUBTRACT, type, (a, b) -> a - b);
            wholes(Binary.Operator.MULTIPLY, type, (a, b) -> a * b);
            wholes(Binary.Operator.DIVIDE, type, (a, b) -> b == 0 ? 0 : a / b);
            wholes(Binary.Operator.REMAINDER, type, (a, b) -> b == 0 ? 0 : a % b);
            wholes(Binary.Operator.FLOOR_DIVIDE, type, (a, b) -> b == 0 ? 0 : Math.floorDiv(a, b));
            wholes(Binary.Operator.FLOOR_MODULO, type, (a, b) -> b == 0 ? 0 : Math.floorMod(a, b));
            wholes(Binary.Operator.MIN, type, Math::min);
            wholes(Binary.Operator.MAX, type, Math::max);
            wholes(Binary.Operator.POWER, type, JvmEmitterTest::power);
            wholes(Binary.Operator.AND, type, (a, b) -> a & b);
            wholes(Binary.Operator.OR, type, (a, b) -> a | b);
            wholes(Binary.Operator.XOR, type, (a, b) -> a ^ b);
            wholes(Binary.Operator.SHIFT_LEFT, type, (a, b) -> a << (b & mask));
            wholes(Binary.Operator.SHIFT_RIGHT, type, (a, b) -> a >> (b & mask));
        }
        wholes(Binary.Operator.MULTIPLY_HIGH, ScalarType.UINT32, (a, b) -> a * b >>> 32);
        compare(Binary.Operator.EQUAL, (a, b) -> a.doubleValue() == b.doubleValue());
        compare(Binary.Operator.LESS, (a, b) -> a < b);
        compare(Binary.Operator.LESS_OR_EQUAL, (a, b) -> a <= b);
        for (var type : List.of(ScalarType.INT32, ScalarType.INT64, ScalarType.UINT32)) {
            comparisonOfWholes(Binary.Operator.EQUAL, type, (a, b) -> a == b ? 1 : 0);
            comparisonOfWholes(Binary.Operator.LESS, type, (a, b) -> a < b ? 1 : 0);
            comparisonOfWholes(Binary.Operator.LESS_OR_EQUAL, type, (a, b) -> a <= b ? 1 : 0);
        }
        return tests.stream();
    }

    private void comparisonOfWholes(
            Binary.Operator operator, ScalarType type, LongBinaryOperator expected) {
        tests.add(
                DynamicTest.dynamicTest(
                        operator + " " + type,
                        () -> {
                            boolean unsigned = type == ScalarType.UINT32;
                            for (long a : WHOLES) {
                                for (long b : WHOLES) {
                                    var result =
                                            evaluate(
                                                    type,
                                                    array(type, a),
                                                    array(type, b),
                                                    (p, q) -> new Term.Combine(operator, p, q));
                                    assertThat(whole(result))
                                            .as("%s(%d, %d)", operator, a, b)
                                            .isEqualTo(
                                                    expected.applyAsLong(
                                                            unsigned ? a & 0xffff_ffffL : a,
                                                            unsigned ? b & 0xffff_ffffL : b));
                                }
                            }
                        }));
    }

    private void unary(Unary.Operator operator, DoubleUnaryOperator expected, double... also) {
        for (var type : List.of(ScalarType.FLOAT32, ScalarType.FLOAT64)) {
            tests.add(
                    DynamicTest.dynamicTest(
                            operator + " " + type,
                            () -> {
                                for (double a :
                                        Stream.of(REALS, also)
                                                .flatMapToDouble(Arrays::stream)
                                                .toArray()) {
                                    double x = type == ScalarType.FLOAT32 ? (float) a : a;
                                    var result =
                                            evaluate(
                                                    type,
                                                    array(type, a),
                                                    array(type, 0.0),
                                                    (p, _) -> new Term.Apply(operator, p));
                                    double exact = expected.applyAsDouble(x);
                                    double close =
                                            type == ScalarType.FLOAT32 ? (float) exact : exact;
                                    if (Double.isNaN(close)
                                            || Double.isInfinite(close)
                                            || close == 0) {
                                        assertThat(real(result))
                                                .as("%s(%s)", operator, a)
                                                .isEqualTo(Double.valueOf(close));
                                    } else {
                                        assertThat(real(result) / close)
                                                .as("%s(%s)", operator, a)
                                                .isBetween(1 - 2e-7, 1 + 2e-7);
                                    }
                                }
                            }));
        }
    }

    @TestFactory
    Stream<DynamicTest> operatorsOfOne() {
        unary(Unary.Operator.NEGATE, a -> -a);
        unary(Unary.Operator.ABS, Math::abs);
        unary(Unary.Operator.SIGN, Math::signum);
        unary(Unary.Operator.EXP, StrictMath::exp);
        unary(Unary.Operator.LOG, StrictMath::log);
        unary(Unary.Operator.LOG1P, StrictMath::log1p, 1e-6);
        unary(Unary.Operator.SQRT, StrictMath::sqrt);
        unary(Unary.Operator.FLOOR, StrictMath::floor);
        unary(Unary.Operator.CEIL, StrictMath::ceil);
        unary(Unary.Operator.ROUND, StrictMath::rint, 2.5, 3.5);
        unary(Unary.Operator.SIN, StrictMath::sin);
        unary(Unary.Operator.COS, StrictMath::cos);
        unary(Unary.Operator.TAN, StrictMath::tan);
        unary(Unary.Operator.ASIN, StrictMath::asin);
        unary(Unary.Operator.ACOS, StrictMath::acos);
        unary(Unary.Operator.ATAN, StrictMath::atan);
        unary(Unary.Operator.SINH, StrictMath::sinh);
        unary(Unary.Operator.COSH, StrictMath::cosh);
        unary(Unary.Operator.TANH, StrictMath::tanh, 40);
        for (var bits :
                List.of(
                        Unary.Operator.NEGATE,
                        Unary.Operator.ABS,
                        Unary.Operator.BIT_NOT,
                        Unary.Operator.SIGN)) {
            for (var type : List.of(ScalarType.INT32, ScalarType.INT64)) {
                tests.add(
                        DynamicTest.dynamicTest(
                                bits + " " + type,
                                () -> {
                                    for (long a : WHOLES) {
                                        long exact =
                                                switch (bits) {
                                                    case NEGATE -> -a;
                                                    case ABS -> Math.abs(a);
                                                    case BIT_NOT -> ~a;
                                                    default -> Long.signum(a);
                                                };
                                        var result =
                                                evaluate(
                                                        type,
                                                        array(type, a),
                                                        array(type, 0L),
                                                        (p, _) -> new Term.Apply(bits, p));
                                        assertThat(whole(result))
                                                .as("%s(%d)", bits, a)
                                                .isEqualTo(
                                                        type == ScalarType.INT32
                                                                ? (int) exact
                                                                : exact);
                                    }
                                }));
            }
        }
        return tests.stream();
    }

    /// Published values, since the JDK has none to compare with.
    @Test
    void inverseHyperbolicFunctionsAndTheErrorFunction() {
        assertThat(function(Unary.Operator.ERF, 0.5))
                .isEqualTo(0.5204998778130465, org.assertj.core.api.Assertions.within(1e-15));
        assertThat(function(Unary.Operator.ERF, -2))
                .isEqualTo(-0.9953222650189527, org.assertj.core.api.Assertions.within(1e-15));
        assertThat(function(Unary.Operator.ERF, INF)).isEqualTo(1);
        assertThat(function(Unary.Operator.ERF, Double.NaN)).isNaN();
        assertThat(function(Unary.Operator.ASINH, 1))
                .isEqualTo(0.881373587019543, org.assertj.core.api.Assertions.within(1e-15));
        assertThat(function(Unary.Operator.ASINH, -1e200))
                .isEqualTo(-461.2101657793691, org.assertj.core.api.Assertions.within(1e-12));
        assertThat(function(Unary.Operator.ACOSH, 2))
                .isEqualTo(1.3169578969248166, org.assertj.core.api.Assertions.within(1e-15));
        assertThat(function(Unary.Operator.ACOSH, 0.5)).isNaN();
        assertThat(function(Unary.Operator.ATANH, 0.5))
                .isEqualTo(0.5493061443340549, org.assertj.core.api.Assertions.within(1e-15));
        assertThat(function(Unary.Operator.ATANH, -1)).isEqualTo(-INF);
        for (double a : REALS) {
            var x = array(ScalarType.FLOAT32, a);
            assertThat(
                            whole(
                                    evaluate(
                                            ScalarType.FLOAT32,
                                            x,
                                            x,
                                            (p, _) -> new Term.Apply(Unary.Operator.IS_NAN, p))))
                    .isEqualTo(Double.isNaN(a) ? 1 : 0);
            assertThat(
                            whole(
                                    evaluate(
                                            ScalarType.FLOAT32,
                                            x,
                                            x,
                                            (p, _) ->
                                                    new Term.Apply(Unary.Operator.IS_INFINITE, p))))
                    .isEqualTo(Double.isInfinite(a) ? 1 : 0);
        }
    }

    private static double function(Unary.Operator operator, double a) {
        var x = array(ScalarType.FLOAT64, a);
        return real(evaluate(ScalarType.FLOAT64, x, x, (p, _) -> new Term.Apply(operator, p)));
    }

    @Test
    void conversionsTruncateSaturateAndWrap() {
        double[][] toInt = {
            {1.9, 1},
            {-1.9, -1},
            {1e30, Integer.MAX_VALUE},
            {-1e30, Integer.MIN_VALUE},
            {Double.NaN, 0},
            {INF, Integer.MAX_VALUE}
        };
        for (var from : List.of(ScalarType.FLOAT32, ScalarType.FLOAT64)) {
            for (double[] pair : toInt)
                assertThat(whole(converted(from, array(from, pair[0]), ScalarType.INT32)))
                        .isEqualTo((long) pair[1]);
            assertThat(whole(converted(from, array(from, -5.0), ScalarType.UINT32))).isZero();
            assertThat(whole(converted(from, array(from, 3e9), ScalarType.UINT32)))
                    .isEqualTo((int) 3_000_000_000L);
            assertThat(whole(converted(from, array(from, 1e30), ScalarType.UINT32))).isEqualTo(-1);
            assertThat(whole(converted(from, array(from, 1e30), ScalarType.INT64)))
                    .isEqualTo(Long.MAX_VALUE);
            for (double a : REALS)
                assertThat(whole(converted(from, array(from, a), ScalarType.BOOL)))
                        .as("bool of %s", a)
                        .isEqualTo(a != 0 ? 1 : 0);
        }
        assertThat(
                        whole(
                                converted(
                                        ScalarType.INT64,
                                        array(ScalarType.INT64, (1L << 32) + 5),
                                        ScalarType.INT32)))
                .isEqualTo(5);
        assertThat(
                        whole(
                                converted(
                                        ScalarType.UINT32,
                                        array(ScalarType.UINT32, -1L),
                                        ScalarType.INT64)))
                .isEqualTo(0xffff_ffffL);
        assertThat(
                        whole(
                                converted(
                                        ScalarType.INT32,
                                        array(ScalarType.INT32, -1L),
                                        ScalarType.INT64)))
                .isEqualTo(-1);
        assertThat(
                        real(
                                converted(
                                        ScalarType.UINT32,
                                        array(ScalarType.UINT32, -1L),
                                        ScalarType.FLOAT64)))
                .isEqualTo(4294967295.0);
        assertThat(
                        real(
                                converted(
                                        ScalarType.UINT32,
                                        array(ScalarType.UINT32, -1L),
                                        ScalarType.FLOAT32)))
                .isEqualTo(4294967296.0);
        assertThat(
                        real(
                                converted(
                                        ScalarType.INT64,
                                        array(ScalarType.INT64, 7L),
                                        ScalarType.FLOAT32)))
                .isEqualTo(7);
        assertThat(
                        whole(
                                converted(
                                        ScalarType.INT64,
                                        array(ScalarType.INT64, 1L << 40),
                                        ScalarType.BOOL)))
                .isEqualTo(1);
        assertThat(
                        real(
                                converted(
                                        ScalarType.FLOAT64,
                                        array(ScalarType.FLOAT64, 0.1),
                                        ScalarType.FLOAT32)))
                .isEqualTo(0.1f);
    }

    private static Object converted(ScalarType from, Object value, ScalarType to) {
        return evaluate(from, value, value, (p, _) -> new Term.Convert(to, p));
    }

    @Test
    void bitsStayUnderAnotherType() {
        var bits =
                evaluate(
                        ScalarType.FLOAT32,
                        array(ScalarType.FLOAT32, -1.5),
                        array(ScalarType.FLOAT32, 0.0),
                        (p, _) -> new Term.Reinterpret(ScalarType.INT32, p));
        assertThat(whole(bits)).isEqualTo(0xbfc00000);
        var back =
                evaluate(
                        ScalarType.INT32,
                        new int[] {0x7fc00123},
                        new int[1],
                        (p, _) -> new Term.Reinterpret(ScalarType.FLOAT32, p));
        assertThat(Float.floatToRawIntBits(((float[]) back)[0])).isEqualTo(0x7fc00123);
        var wide =
                evaluate(
                        ScalarType.FLOAT64,
                        array(ScalarType.FLOAT64, 1.0),
                        array(ScalarType.FLOAT64, 0.0),
                        (p, _) -> new Term.Reinterpret(ScalarType.INT64, p));
        assertThat(whole(wide)).isEqualTo(0x3ff0000000000000L);
    }

    /// Whatever stands on the side that is not chosen does not matter, and bits are kept.
    @Test
    void aChoiceTakesOneSideWhole() {
        for (double a : REALS) {
            for (double b : REALS) {
                for (var type : List.of(ScalarType.FLOAT32, ScalarType.FLOAT64)) {
                    UnaryOperator<Term> zero = t -> Build.constant(t.type(), 0);
                    var chosen =
                            evaluate(
                                    type,
                                    array(type, a),
                                    array(type, b),
                                    (p, q) ->
                                            new Term.Choose(
                                                    new Term.Combine(
                                                            Binary.Operator.LESS, zero.apply(p), p),
                                                    q,
                                                    p));
                    assertThat(real(chosen))
                            .as("0 < %s ? %s : the first", a, b)
                            .isEqualTo(real(array(type, 0 < a ? b : a)));
                    var orZero =
                            evaluate(
                                    type,
                                    array(type, a),
                                    array(type, b),
                                    (p, q) ->
                                            new Term.Choose(
                                                    new Term.Combine(
                                                            Binary.Operator.LESS, zero.apply(p), p),
                                                    q,
                                                    zero.apply(p)));
                    assertThat(real(orZero))
                            .as("0 < %s ? %s : 0", a, b)
                            .isEqualTo(0 < a ? real(array(type, b)) : Double.valueOf(0));
                }
            }
        }
    }

    @Test
    void truthTables() {
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 2; b++) {
                assertThat(truth(Binary.Operator.AND, a, b)).isEqualTo(a & b);
                assertThat(truth(Binary.Operator.OR, a, b)).isEqualTo(a | b);
                assertThat(truth(Binary.Operator.XOR, a, b)).isEqualTo(a ^ b);
                assertThat(truth(Binary.Operator.EQUAL, a, b)).isEqualTo(a == b ? 1 : 0);
            }
        }
    }

    private static long truth(Binary.Operator operator, long a, long b) {
        return whole(
                evaluate(
                        ScalarType.INT32,
                        array(ScalarType.INT32, a),
                        array(ScalarType.INT32, b),
                        (p, q) ->
                                new Term.Combine(
                                        operator,
                                        new Term.Convert(ScalarType.BOOL, p),
                                        new Term.Convert(ScalarType.BOOL, q))));
    }

    // Statements

    @Test
    void aParallelLoopRunsTheRangeThatIsAskedFor() {
        var n = Dimension.symbol("N");
        var y = write(ScalarType.INT32);
        var i = new Term.Variable("i", LoopType.INT32);
        var kernel =
                kernel(
                        List.of(y),
                        List.of(n),
                        List.of(),
                        new Stmt.For(
                                i,
                                new Term.Parameter(n),
                                Stmt.For.Kind.PARALLEL,
                                Stmt.Block.of(
                                        new Stmt.Store(
                                                y, i, Build.add(Build.multiply(i, 10), 1)))));
        var loaded = LoadedKernel.load(kernel);
        var array = new int[6];
        assertThat(loaded.code().extent(0, new int[] {6})).isEqualTo(6);
        loaded.code().run(0, new Object[] {array}, new int[] {6}, 2, 5);
        assertThat(array).containsExactly(0, 0, 21, 31, 41, 0);
        loaded.code().run(0, new Object[] {array}, new int[] {6}, 3, 3);
        assertThat(array).containsExactly(0, 0, 21, 31, 41, 0);
    }

    @Test
    void loopsBranchesVariablesAndArrays() {
        var x = read(ScalarType.INT32);
        var y = write(ScalarType.INT32);
        var seen = new LocalArray("seen", LoopType.INT32, 4, LocalArray.Storage.REGISTER);
        var i = new Term.Variable("i", LoopType.INT32);
        var u = new Term.Variable("u", LoopType.INT32);
        var sum = new Term.Variable("sum", LoopType.INT32);
        var element = new Term.Load(x, i, 1);
        // seen[x & 3]++ for each x; sum of the positive ones, minus 1 for each other
        var count = new Term.Combine(Binary.Operator.AND, element, Build.constant(3));
        var kernel =
                kernel(
                        List.of(x, y),
                        List.of(),
                        List.of(seen),
                        new Stmt.Declare(sum, Build.constant(0)),
                        new Stmt.For(
                                i,
                                Build.constant(6),
                                Stmt.For.Kind.SERIAL,
                                Stmt.Block.of(
                                        new Stmt.LocalStore(
                                                seen,
                                                count,
                                                Build.add(new Term.LocalLoad(seen, count), 1)),
                                        new Stmt.If(
                                                Build.less(Build.constant(0), element),
                                                Stmt.Block.of(
                                                        new Stmt.Assign(
                                                                sum, Build.add(sum, element))),
                                                Stmt.Block.of(
                                                        new Stmt.Assign(
                                                                sum, Build.add(sum, -1)))))),
                        new Stmt.For(
                                u,
                                Build.constant(4),
                                Stmt.For.Kind.UNROLLED,
                                Stmt.Block.of(new Stmt.Store(y, u, new Term.LocalLoad(seen, u)))),
                        new Stmt.Store(y, Build.constant(4), sum));
        var result = new int[5];
        run(kernel, new int[0], new int[] {5, -4, 2, 9, 0, 7}, result);
        assertThat(result).containsExactly(2, 2, 1, 1, 21);
    }

    /// The store goes to the array that is read, one element further: nothing may be read too
    /// early.
    @Test
    void aLoadOfWhatALoopWritesIsNotMovedOutOfIt() {
        var y = write(ScalarType.FLOAT32);
        var i = new Term.Variable("i", LoopType.INT32);
        var kernel =
                kernel(
                        List.of(y),
                        new Stmt.For(
                                i,
                                Build.constant(4),
                                Stmt.For.Kind.SERIAL,
                                Stmt.Block.of(
                                        new Stmt.Store(
                                                y,
                                                Build.constant(0),
                                                new Term.Combine(
                                                        Binary.Operator.ADD,
                                                        new Term.Load(y, Build.constant(0), 1),
                                                        Build.constant(LoopType.FLOAT32, 1))))));
        var array = new float[] {0.5f};
        run(kernel, new int[0], (Object) array);
        assertThat(array[0]).isEqualTo(4.5f);
    }

    /// A loop that does not run does not load what would be hoisted: there may be nothing there.
    @Test
    void anEmptyLoopTouchesNothing() {
        var n = Dimension.symbol("N");
        var x = read(ScalarType.FLOAT32);
        var y = write(ScalarType.FLOAT32);
        var i = new Term.Variable("i", LoopType.INT32);
        var kernel =
                kernel(
                        List.of(x, y),
                        List.of(n),
                        List.of(),
                        new Stmt.For(
                                i,
                                new Term.Parameter(n),
                                Stmt.For.Kind.SERIAL,
                                Stmt.Block.of(
                                        new Stmt.Store(
                                                y, i, new Term.Load(x, Build.constant(0), 1)))));
        run(kernel, new int[] {0}, new float[0], new float[0]);
        var y2 = new float[2];
        run(kernel, new int[] {2}, new float[] {3}, y2);
        assertThat(y2).containsExactly(3, 3);
    }

    @Test
    void nestedLoopsOverNeighboursAreOneLoop() {
        var x = read(ScalarType.FLOAT32);
        var y = write(ScalarType.FLOAT32);
        var i = new Term.Variable("i", LoopType.INT32);
        var j = new Term.Variable("j", LoopType.INT32);
        var at = Build.add(Build.multiply(i, 5), j);
        var neighbours =
                kernel(
                        List.of(x, y),
                        new Stmt.For(
                                i,
                                Build.constant(3),
                                Stmt.For.Kind.PARALLEL,
                                Stmt.Block.of(
                                        new Stmt.For(
                                                j,
                                                Build.constant(5),
                                                Stmt.For.Kind.SERIAL,
                                                Stmt.Block.of(
                                                        new Stmt.Store(
                                                                y,
                                                                at,
                                                                new Term.Load(x, at, 1)))))));
        assertThat(LoadedKernel.load(neighbours).code().extent(0, new int[0])).isEqualTo(15);
        var turned = Build.add(Build.multiply(j, 3), i);
        var transposed =
                kernel(
                        List.of(x, y),
                        new Stmt.For(
                                i,
                                Build.constant(3),
                                Stmt.For.Kind.PARALLEL,
                                Stmt.Block.of(
                                        new Stmt.For(
                                                j,
                                                Build.constant(5),
                                                Stmt.For.Kind.SERIAL,
                                                Stmt.Block.of(
                                                        new Stmt.Store(
                                                                y,
                                                                turned,
                                                                new Term.Load(x, at, 1)))))));
        assertThat(LoadedKernel.load(transposed).code().extent(0, new int[0])).isEqualTo(3);
        var from = new float[15];
        for (int k = 0; k < 15; k++) from[k] = k;
        var same = new float[15];
        run(neighbours, new int[0], from, same);
        assertThat(same).isEqualTo(from);
        var other = new float[15];
        run(transposed, new int[0], from, other);
        for (int k = 0; k < 15; k++) assertThat(other[k % 5 * 3 + k / 5]).isEqualTo(k);
    }

    @Test
    void equalKernelsAreOneClassWhateverTheirNames() {
        var first = LoadedKernel.load(doubled("a"));
        var second = LoadedKernel.load(doubled("b"));
        assertThat(second.code()).isSameAs(first.code());
        assertThat(JvmEmitter.emit(doubled("a"))).isEqualTo(JvmEmitter.emit(doubled("b")));
    }

    private static Kernel doubled(String name) {
        var x = buffer(name, ScalarType.FLOAT32, KernelBuffer.Access.READ);
        var y = buffer(name + name, ScalarType.FLOAT32, KernelBuffer.Access.READ_WRITE);
        var i = new Term.Variable(name, LoopType.INT32);
        var load = new Term.Load(x, i, 1);
        return new Kernel(
                name,
                "Test",
                List.of(x, y),
                List.of(),
                List.of(),
                Grid.none(),
                Stmt.Block.of(
                        new Stmt.For(
                                i,
                                Build.constant(9),
                                Stmt.For.Kind.PARALLEL,
                                Stmt.Block.of(
                                        new Stmt.Store(
                                                y,
                                                i,
                                                new Term.Combine(
                                                        Binary.Operator.ADD, load, load))))));
    }

    @Test
    void whatTheJvmHasNotIsRefused() {
        var y = write(ScalarType.FLOAT32);
        assertThatThrownBy(() -> JvmEmitter.emit(kernel(List.of(y), new Stmt.Barrier())))
                .hasMessage("JvmEmitter: expected loops, got a barrier: the JVM has no workgroups");
        var undeclared = new Term.Variable("i", LoopType.INT32);
        assertThatThrownBy(() ->
                        JvmEmitter.emit(
                                kernel(
                                        List.of(y),
                                        new Stmt.Store(
                                                y,
                                                undeclared,
                                                Build.constant(LoopType.FLOAT32, 0)))))
                .hasMessage("JvmEmitter: variable 'i': expected a declaration before its use");
        assertThatThrownBy(
                        () -> JvmEmitter.emit(kernel(List.of(y), new Stmt.Call("gemm", List.of()))))
                .hasMessage("JvmEmitter: expected loops, got a call of 'gemm'");
    }
}
