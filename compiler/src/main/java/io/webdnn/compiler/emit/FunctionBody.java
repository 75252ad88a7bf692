package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// A function that is being written: its statements so far, and short names for terms of the type
/// of its operands.
class FunctionBody {
    static final double PI_HALF = 1.5707963267948966;

    final LoopType type;
    final List<Stmt> body = new ArrayList<>();

    FunctionBody(LoopType type) {
        this.type = type;
    }

    static Term constant(LoopType scalar, double value, LoopType like) {
        return Build.constant(scalar.withLanes(like.lanes()), value);
    }

    static Term integer(LoopType type, long value) {
        var literal = new Term.Literal(type.withLanes(1), value);
        return type.lanes() == 1 ? literal : new Term.Splat(literal);
    }

    static Term lanes(IntFunction<Term> lane) {
        return new Term.Vector(List.of(lane.apply(0), lane.apply(1), lane.apply(2), lane.apply(3)));
    }

    Term let(String name, Term value) {
        var variable = new Term.Variable(name, value.type());
        body.add(new Stmt.Declare(variable, value));
        return variable;
    }

    Term number(double value) {
        return Build.constant(type, value);
    }

    static Term apply(Unary.Operator operator, Term x) {
        return new Term.Apply(operator, x);
    }

    static Term add(Term x, Term y) {
        return new Term.Combine(ADD, x, y);
    }

    static Term subtract(Term x, Term y) {
        return new Term.Combine(SUBTRACT, x, y);
    }

    static Term multiply(Term x, Term y) {
        return new Term.Combine(MULTIPLY, x, y);
    }

    static Term divide(Term x, Term y) {
        return new Term.Combine(DIVIDE, x, y);
    }

    static Term compare(Binary.Operator operator, Term x, Term y) {
        return new Term.Combine(operator, x, y);
    }

    Term polynomial(Term x, double... coefficients) {
        var sum = number(coefficients[coefficients.length - 1]);
        for (int i = coefficients.length - 2; i >= 0; i--)
            sum = new Term.MultiplyAdd(sum, x, number(coefficients[i]));
        return sum;
    }

    /// `x + x³ · p(x²)`.
    Term odd(Term x, Term square, double... coefficients) {
        return add(x, multiply(multiply(x, square), polynomial(square, coefficients)));
    }

    Term withSignOf(Term x, Term magnitude) {
        return new Term.Choose(
                compare(LESS, x, number(0)), apply(Unary.Operator.NEGATE, magnitude), magnitude);
    }

    static Term magnitudeBits(Term x) {
        return new Term.Combine(
                AND, new Term.Reinterpret(ScalarType.UINT32, x), bits(x.type(), 0x7fffffffL));
    }

    static Term bits(LoopType like, long value) {
        return integer(new LoopType(ScalarType.UINT32, like.lanes()), value);
    }
}
