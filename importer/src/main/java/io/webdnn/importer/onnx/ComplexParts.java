package io.webdnn.importer.onnx;

import io.webdnn.graph.Node;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Complex tensors as pairs of real ones: x = re + i im. An operator that only moves elements does
/// to each part what it does to complex numbers; any other is refused.
final class ComplexParts {
    /// What no operator gives for real numbers unless it moved it.
    private static final DType MARK = DType.UINT32;

    private ComplexParts() {}

    static boolean isComplex(DType dtype) {
        return dtype.kind() == DType.Kind.COMPLEX;
    }

    /// {@return the dtype of the parts}
    static DType part(DType complex) {
        return complex == DType.COMPLEX64 ? DType.FLOAT32 : DType.FLOAT64;
    }

    /// {@return the complex type whose parts have a real one}
    static TensorType whole(TensorType part) {
        return part.with(part.dtype() == DType.FLOAT32 ? DType.COMPLEX64 : DType.COMPLEX128);
    }

    /// {@return the real parts of a complex tensor if `first` is 0, the imaginary ones if it is 1}
    static Tensor part(Tensor complex, int first) {
        var part = Tensor.zeros(part(complex.dtype()), complex.shape());
        for (int i = 0; i < part.size(); i++) {
            switch (complex.storage()) {
                case float[] from -> part.floats()[i] = from[2 * i + first];
                case double[] from -> part.doubles()[i] = from[2 * i + first];
                default -> throw new AssertionError(complex);
            }
        }
        return part;
    }

    /// Expects that an operator only moves the elements of some of its inputs.
    ///
    /// @param node the operator on the real parts
    /// @param complex the places of inputs that are parts
    /// @throws GraphException if it computes with them, or mixes them with other numbers
    static void expectMove(Node node, List<Integer> complex) {
        var dtype = node.input(complex.getFirst()).type().dtype();
        if (!isMarked(node, complex)
                || !node.outputs().stream().allMatch(o -> o.type().dtype() == dtype)
                || !OnStrings.isMove(node.op().lower(operands(node, complex, dtype)), dtype, false))
            throw refusal(node, complex.getFirst());
    }

    private static GraphException refusal(Node node, int input) {
        var type = whole(node.input(input).type());
        var refusal = GraphException.of(node.op().name(), "input " + input, "a real tensor", type);
        return node.name().isEmpty() ? refusal : refusal.at("'" + node.name() + "'");
    }

    /// {@return whether all outputs consist of elements of these inputs, and of no others}
    private static boolean isMarked(Node node, List<Integer> complex) {
        try {
            return node.op().infer(operands(node, complex, MARK)).stream()
                    .allMatch(type -> type.dtype() == MARK);
        } catch (GraphException _) {
            return false; // other inputs have the dtype of the parts
        }
    }

    private static Operands operands(Node node, List<Integer> complex, DType dtype) {
        var given = node.operands();
        var buffers = new ArrayList<Buffer>();
        for (int i = 0; i < given.count(); i++) {
            var buffer = given.has(i) ? given.buffer(i) : null;
            if (buffer != null && complex.contains(i))
                buffers.add(Buffer.of("x" + i, buffer.type().with(dtype)));
            else buffers.add(buffer);
        }
        return new Operands(node.op().name(), buffers, node.extents());
    }
}
