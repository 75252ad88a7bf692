package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// An operator that is one scalar function of its operands, which broadcast to each other. Its
/// gradient is the derivative of the expression.
public sealed interface Elementwise extends Op
        permits Abs,
                Acos,
                Acosh,
                Add,
                Affine,
                And,
                Asin,
                Asinh,
                Atan,
                Atanh,
                BitCast,
                BitShift,
                BitwiseAnd,
                BitwiseNot,
                BitwiseOr,
                BitwiseXor,
                Cast,
                Ceil,
                Cos,
                Cosh,
                Div,
                Elu,
                Equal,
                Erf,
                Exp,
                Floor,
                Gelu,
                Greater,
                GreaterOrEqual,
                HardSigmoid,
                Identity,
                IsInf,
                IsNaN,
                LeakyRelu,
                Less,
                LessOrEqual,
                Log,
                Map,
                Max,
                Min,
                Mod,
                Mul,
                Neg,
                Not,
                Or,
                Pow,
                QuickGelu,
                Reciprocal,
                Relu,
                Round,
                ScaledTanh,
                Sigmoid,
                Sign,
                Sin,
                Sinh,
                Softplus,
                Softsign,
                Sqrt,
                Sub,
                Tan,
                Tanh,
                ThresholdedRelu,
                Where,
                Xor {
    /// Expects what the function needs of its operands: their number and dtypes.
    void expect(Operands in);

    /// {@return the function of one element of each operand}
    Expr of(List<Expr> x);

    @Override
    default List<TensorType> infer(Operands in) {
        expect(in);
        var shapes = new ArrayList<Shape>();
        var elements = new ArrayList<Expr>();
        for (int i = 0; i < in.count(); i++) {
            shapes.add(in.shape(i));
            elements.add(new Local("x" + i, in.type(i).dtype()));
        }
        return List.of(new TensorType(of(elements).dtype(), Broadcast.shapes(name(), shapes)));
    }

    @Override
    default Lowering lower(Operands in) {
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var elements = new ArrayList<Expr>();
                    for (int i = 0; i < in.count(); i++)
                        elements.add(in.load(i, Broadcast.index(in.shape(i), o)));
                    return of(elements);
                });
    }
}
