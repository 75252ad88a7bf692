package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.RoundFloat;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// The definitions of operators that shading languages lack, or allow to be too inaccurate for our
/// tolerances, written once in the loop IR for all dialects.
public final class ShaderFunctions {
    private ShaderFunctions() {}

    /// {@return the function for an operator of one operand of a type}
    public static ShaderFunction of(Unary.Operator operator, LoopType type) {
        var f = new UnaryFunctions(type);
        var x = new Term.Variable("x", type);
        var result = f.result(operator, x);
        return new ShaderFunction(
                operator,
                capitalized(operator) + suffix(type),
                List.of(x),
                new Stmt.Block(f.body),
                result);
    }

    /// {@return the function for an operator of two operands of a type}
    public static ShaderFunction of(Binary.Operator operator, LoopType type) {
        var f = new BinaryFunctions(type);
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        boolean byLane =
                type.lanes() == 4
                        && (type.scalar() == ScalarType.BOOL
                                || operator == POWER && !type.scalar().isFloat()
                                || operator == REMAINDER && type.scalar().isFloat());
        var result =
                byLane
                        ? FunctionBody.lanes(i ->
                                new Term.Combine(
                                        operator,
                                        new Term.Lane(x, Build.constant(i)),
                                        new Term.Lane(y, Build.constant(i))))
                        : f.result(operator, x, y);
        return new ShaderFunction(
                operator,
                capitalized(operator) + suffix(type),
                List.of(x, y),
                new Stmt.Block(f.body),
                result);
    }

    /// {@return `MIN` or `MAX` whose second operand is known not to be NaN}
    static ShaderFunction bound(Binary.Operator operator, LoopType type) {
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        var less =
                operator == MAX
                        ? FunctionBody.compare(LESS, x, y)
                        : FunctionBody.compare(LESS, y, x);
        return new ShaderFunction(
                "bound " + operator,
                capitalized(operator) + "Of" + suffix(type),
                List.of(x, y),
                Stmt.Block.of(),
                new Term.Choose(less, y, x));
    }

    /// {@return the conversion of a float to an integer type: truncating, saturating, NaN to 0}
    static ShaderFunction toInteger(LoopType from, ScalarType to) {
        var x = new Term.Variable("x", from);
        boolean signed = to == ScalarType.INT32;
        var target = from.withLanes(1);
        double high = signed ? 0x1p31 : 0x1p32;
        var result = new LoopType(to, from.lanes());
        var inRange = new Term.Convert(to, x);
        Term below =
                signed
                        ? FunctionBody.compare(LESS, FunctionBody.constant(target, -high, from), x)
                        : FunctionBody.compare(
                                LESS, FunctionBody.constant(target, 0, from), x); // false for NaN
        Term lowest =
                signed
                        ? new Term.Choose(
                                FunctionBody.compare(
                                        LESS, x, FunctionBody.constant(target, 0, from)),
                                FunctionBody.integer(result, Integer.MIN_VALUE),
                                FunctionBody.integer(result, 0))
                        : FunctionBody.integer(result, 0);
        Term above =
                FunctionBody.compare(LESS_OR_EQUAL, FunctionBody.constant(target, high, from), x);
        return new ShaderFunction(
                "to " + to,
                (signed ? "Int" : "Uint") + suffix(from),
                List.of(x),
                Stmt.Block.of(),
                new Term.Choose(
                        below,
                        new Term.Choose(
                                above,
                                FunctionBody.integer(
                                        result, signed ? Integer.MAX_VALUE : 0xffffffffL),
                                inRange),
                        lowest));
    }

    /// {@return a float32 rounded half to even to a float16, by its bits; what it gives is a
    /// float32}
    static ShaderFunction nearestHalf(LoopType type) {
        var f = new FunctionBody(type);
        var x = new Term.Variable("x", type);
        var result = RoundFloat.nearest(x, DType.FLOAT16, false, f::let);
        return new ShaderFunction(
                "nearest half",
                "Nearest" + suffix(type),
                List.of(x),
                new Stmt.Block(f.body),
                result);
    }

    /// {@return a choice lane by lane, for languages that have it for floats only}
    static ShaderFunction choose(LoopType type) {
        var c = new Term.Variable("c", LoopType.BOOL.withLanes(4));
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        return new ShaderFunction(
                "choose",
                "Choose" + suffix(type),
                List.of(c, x, y),
                Stmt.Block.of(),
                FunctionBody.lanes(i ->
                        new Term.Choose(
                                new Term.Lane(c, Build.constant(i)),
                                new Term.Lane(x, Build.constant(i)),
                                new Term.Lane(y, Build.constant(i)))));
    }

    /// {@return `x` to a whole power, 2 to 8 in magnitude}
    static ShaderFunction power(int exponent, LoopType type) {
        var f = new FunctionBody(type);
        var x = new Term.Variable("x", type);
        int n = Math.abs(exponent);
        Term square = x;
        Term product = null;
        for (int rest = n; rest != 0; rest >>= 1) {
            if ((rest & 1) != 0)
                product = product == null ? square : FunctionBody.multiply(product, square);
            if (rest > 1) square = f.let("s", FunctionBody.multiply(square, square));
        }
        var result = Objects.requireNonNull(product);
        return new ShaderFunction(
                "power " + exponent,
                "Power" + (exponent < 0 ? "m" : "") + n + suffix(type),
                List.of(x),
                new Stmt.Block(f.body),
                exponent < 0 ? FunctionBody.divide(f.number(1), result) : result);
    }

    private static String capitalized(Enum<?> operator) {
        var name = new StringBuilder();
        for (var word : operator.name().split("_", -1))
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        return name.toString();
    }

    private static String suffix(LoopType type) {
        var scalar =
                switch (type.scalar()) {
                    case FLOAT16 -> "h";
                    case FLOAT32 -> "";
                    case INT32 -> "i";
                    case UINT32 -> "u";
                    case BOOL -> "b";
                    case FLOAT64 -> "d";
                    case INT64 -> "l";
                    case UINT64 -> "ul";
                };
        return scalar + (type.lanes() == 1 ? "" : "4");
    }
}
