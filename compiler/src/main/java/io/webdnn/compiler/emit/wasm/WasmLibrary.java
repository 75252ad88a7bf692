package io.webdnn.compiler.emit.wasm;

import io.webdnn.compiler.emit.DoubleFunctions;
import io.webdnn.compiler.emit.ShaderFunction;
import io.webdnn.compiler.emit.ShaderFunctions;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The functions that a module needs because WebAssembly has no instruction for an operator: each
/// is defined in the loop IR and written once, for one lane or for four.
///
/// The definitions that shading languages need are shared; `eˣ`, `ln x` and `xʸ`, which those have,
/// are defined here for float32, and in [DoubleFunctions] all of float64. Relative error of `eˣ`
/// and `ln x` below 2 units in the last place, of `xʸ` below `|y ln x| · 2⁻²³`.
final class WasmLibrary {
    private static final int FUNCTION_TYPE = 0x60;
    private static final double LN2_HIGH = 0.693359375;
    private static final double LN2_LOW = -2.12194440e-4;

    /// What is added to a small number to round it: the last bits of the sum are the integer.
    private static final float SHIFT = 0x1.8p23f;

    private final boolean relaxed;
    private final Map<String, Function> functions = new LinkedHashMap<>();

    /// A function of the library.
    ///
    /// @param number its index in the module
    record Function(int number, WasmBytes signature, WasmBytes code) {}

    WasmLibrary(boolean relaxed) {
        this.relaxed = relaxed;
    }

    /// {@return whether relaxed SIMD may be used}
    boolean isRelaxed() {
        return relaxed;
    }

    /// {@return the functions in the order of their numbers}
    List<Function> functions() {
        var sorted = new ArrayList<>(functions.values());
        sorted.sort((a, b) -> Integer.compare(a.number, b.number));
        return sorted;
    }

    /// {@return the number of the function of an operator}
    int unary(Unary.Operator operator, LoopType type) {
        if (type.scalar() == ScalarType.FLOAT64) return define(DoubleFunctions.of(operator));
        return switch (operator) {
            case EXP -> define(exponential(type));
            case ABS -> define(absolute(type));
            default -> define(ShaderFunctions.of(operator, type));
        };
    }

    /// {@return the number of the function of what a definition takes as given}
    int given(Unary.Operator operator, LoopType type) {
        if (operator != Unary.Operator.LOG)
            throw new IllegalArgumentException("WasmLibrary: expected LOG, got " + operator);
        return define(logarithm(type));
    }

    /// {@return whether an operator has a function for four lanes}
    boolean hasLanes(Binary.Operator operator, LoopType type) {
        return switch (operator) {
            case POWER, REMAINDER -> false;
            case FLOOR_MODULO, FLOOR_DIVIDE -> false;
            case DIVIDE -> type.scalar().isFloat();
            default -> true;
        };
    }

    /// {@return the number of the function of an operator}
    int binary(Binary.Operator operator, LoopType type) {
        if (operator == Binary.Operator.FLOOR_DIVIDE && type.scalar().isFloat())
            return define(floorDivision(type));
        return define(ShaderFunctions.of(operator, type));
    }

    /// {@return the number of the function `xʸ = e^(y ln x)` for positive x}
    int givenPower(LoopType type) {
        boolean isDouble = type.scalar() == ScalarType.FLOAT64;
        return define(isDouble ? DoubleFunctions.power() : power(type));
    }

    private int define(ShaderFunction definition) {
        var known = functions.get(definition.name());
        if (known != null) return known.number;
        var signature = new WasmBytes().u8(FUNCTION_TYPE).u32(definition.parameters().size());
        for (var parameter : definition.parameters())
            signature.u8(WasmFunction.valueType(parameter.type()));
        signature.u32(1).u8(WasmFunction.valueType(definition.result().type()));
        // what it calls is numbered before it
        var code = WasmFunction.ofLibrary(definition, this);
        var function = new Function(functions.size(), signature, code);
        functions.put(definition.name(), function);
        return function.number;
    }

    private static ShaderFunction function(
            String name, List<Term.Variable> parameters, List<Stmt> body, Term result) {
        var suffix = parameters.getFirst().type();
        return new ShaderFunction(
                name, "given " + name + " " + suffix, parameters, new Stmt.Block(body), result);
    }

    private static Term combine(Binary.Operator operator, Term a, Term b) {
        return new Term.Combine(operator, a, b);
    }

    private static Term let(List<Stmt> body, String name, Term value) {
        var variable = new Term.Variable(name, value.type());
        body.add(new Stmt.Declare(variable, value));
        return variable;
    }

    private static Term polynomial(Term x, double... highestFirst) {
        var sum = Build.constant(x.type(), highestFirst[0]);
        for (int i = 1; i < highestFirst.length; i++) {
            sum = new Term.MultiplyAdd(sum, x, Build.constant(x.type(), highestFirst[i]));
        }
        return sum;
    }

    /// `eˣ = 2ⁿ · eʳ` with `|r| ≤ ½ ln 2`; `2ⁿ` in two halves, so that neither leaves the range of
    /// exponents.
    private static ShaderFunction exponential(LoopType type) {
        var body = new ArrayList<Stmt>();
        var x = new Term.Variable("x", type);
        var clamped =
                let(
                        body,
                        "c",
                        combine(
                                Binary.Operator.MAX,
                                combine(Binary.Operator.MIN, x, Build.constant(type, 89)),
                                Build.constant(type, -176)));
        var shifted =
                let(
                        body,
                        "k",
                        new Term.MultiplyAdd(
                                clamped,
                                Build.constant(type, 1.4426950408889634),
                                Build.constant(type, SHIFT)));
        var n =
                let(
                        body,
                        "n",
                        combine(Binary.Operator.SUBTRACT, shifted, Build.constant(type, SHIFT)));
        var r = let(body, "r", new Term.MultiplyAdd(n, Build.constant(type, -LN2_HIGH), clamped));
        r = let(body, "s", new Term.MultiplyAdd(n, Build.constant(type, -LN2_LOW), r));
        var square = combine(Binary.Operator.MULTIPLY, r, r);
        var p =
                polynomial(
                        r,
                        1.9875691500e-4,
                        1.3981999507e-3,
                        8.3334519073e-3,
                        4.1665795894e-2,
                        1.6666665459e-1,
                        5.0000001201e-1);
        var fraction =
                let(
                        body,
                        "f",
                        combine(
                                Binary.Operator.ADD,
                                new Term.MultiplyAdd(p, square, r),
                                Build.constant(type, 1)));
        var integer = new LoopType(ScalarType.INT32, type.lanes());
        var exponent =
                let(
                        body,
                        "e",
                        combine(
                                Binary.Operator.SUBTRACT,
                                new Term.Reinterpret(ScalarType.INT32, shifted),
                                Build.constant(integer, Float.floatToRawIntBits(SHIFT))));
        var half =
                let(
                        body,
                        "h",
                        combine(Binary.Operator.SHIFT_RIGHT, exponent, Build.constant(integer, 1)));
        var other = combine(Binary.Operator.SUBTRACT, exponent, half);
        var result =
                combine(
                        Binary.Operator.MULTIPLY,
                        combine(Binary.Operator.MULTIPLY, fraction, powerOfTwo(half)),
                        powerOfTwo(other));
        return function("exp", List.of(x), body, result);
    }

    private static Term powerOfTwo(Term exponent) {
        var type = exponent.type();
        return new Term.Reinterpret(
                ScalarType.FLOAT32,
                combine(
                        Binary.Operator.SHIFT_LEFT,
                        combine(Binary.Operator.ADD, exponent, Build.constant(type, 127)),
                        Build.constant(type, 23)));
    }

    /// `ln x = e ln 2 + ln m` with `m` in `√½ … √2`; subnormals are scaled first.
    private static ShaderFunction logarithm(LoopType type) {
        var body = new ArrayList<Stmt>();
        var x = new Term.Variable("x", type);
        var integer = new LoopType(ScalarType.INT32, type.lanes());
        var small =
                let(body, "t", combine(Binary.Operator.LESS, x, Build.constant(type, 0x1p-126)));
        var scaled =
                new Term.Choose(
                        small,
                        combine(Binary.Operator.MULTIPLY, x, Build.constant(type, 0x1p23)),
                        x);
        var bits = let(body, "b", new Term.Reinterpret(ScalarType.INT32, scaled));
        // counted from √½, so that m falls into √½ … √2
        var shifted =
                let(
                        body,
                        "d",
                        combine(
                                Binary.Operator.SUBTRACT,
                                bits,
                                Build.constant(integer, 0x3f3504f3)));
        var exponent =
                let(
                        body,
                        "e",
                        combine(
                                Binary.Operator.SUBTRACT,
                                combine(
                                        Binary.Operator.SHIFT_RIGHT,
                                        shifted,
                                        Build.constant(integer, 23)),
                                new Term.Choose(
                                        small,
                                        Build.constant(integer, 23),
                                        Build.constant(integer, 0))));
        var fraction =
                combine(
                        Binary.Operator.ADD,
                        combine(Binary.Operator.AND, shifted, Build.constant(integer, 0x7fffff)),
                        Build.constant(integer, 0x3f3504f3));
        var m =
                let(
                        body,
                        "m",
                        combine(
                                Binary.Operator.SUBTRACT,
                                new Term.Reinterpret(ScalarType.FLOAT32, fraction),
                                Build.constant(type, 1)));
        var e = let(body, "g", new Term.Convert(ScalarType.FLOAT32, exponent));
        var z = let(body, "z", combine(Binary.Operator.MULTIPLY, m, m));
        var p =
                polynomial(
                        m,
                        7.0376836292e-2,
                        -1.1514610310e-1,
                        1.1676998740e-1,
                        -1.2420140846e-1,
                        1.4249322787e-1,
                        -1.6668057665e-1,
                        2.0000714765e-1,
                        -2.4999993993e-1,
                        3.3333331174e-1);
        var y = combine(Binary.Operator.MULTIPLY, combine(Binary.Operator.MULTIPLY, p, m), z);
        y = new Term.MultiplyAdd(e, Build.constant(type, LN2_LOW), y);
        y = new Term.MultiplyAdd(z, Build.constant(type, -0.5), y);
        var sum =
                let(
                        body,
                        "y",
                        new Term.MultiplyAdd(
                                e,
                                Build.constant(type, LN2_HIGH),
                                combine(Binary.Operator.ADD, m, y)));
        var infinity = Build.constant(type, Double.POSITIVE_INFINITY);
        var result =
                new Term.Choose(
                        combine(Binary.Operator.LESS, x, infinity),
                        new Term.Choose(
                                combine(Binary.Operator.LESS, Build.constant(type, 0), x),
                                sum,
                                new Term.Choose(
                                        combine(Binary.Operator.EQUAL, x, Build.constant(type, 0)),
                                        Build.constant(type, Double.NEGATIVE_INFINITY),
                                        Build.constant(type, Double.NaN))),
                        x); // +∞ and NaN
        return function("log", List.of(x), body, result);
    }

    private static ShaderFunction power(LoopType type) {
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        var product = combine(Binary.Operator.MULTIPLY, y, new Term.Apply(Unary.Operator.LOG, x));
        return function(
                "power", List.of(x, y), List.of(), new Term.Apply(Unary.Operator.EXP, product));
    }

    private static ShaderFunction absolute(LoopType type) {
        var x = new Term.Variable("x", type);
        var zero = Build.constant(type, 0);
        var result =
                new Term.Choose(
                        combine(Binary.Operator.LESS, x, zero),
                        combine(Binary.Operator.SUBTRACT, zero, x),
                        x);
        return function("abs", List.of(x), List.of(), result);
    }

    private static ShaderFunction floorDivision(LoopType type) {
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        return function(
                "floor division",
                List.of(x, y),
                List.of(),
                new Term.Apply(Unary.Operator.FLOOR, combine(Binary.Operator.DIVIDE, x, y)));
    }
}
