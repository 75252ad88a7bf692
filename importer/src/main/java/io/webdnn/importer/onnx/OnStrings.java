package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Host;
import io.webdnn.graph.op.Lowering;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/// An operator that moves or compares elements, on strings: they are numbered, equal ones alike,
/// the operator moves or compares the numbers, and what comes out is looked up again. The number of
/// `""` is 0, which padding is made of.
///
/// What computes with its elements is refused. Runs on the host.
record OnStrings(Op op) implements CustomOp {
    private static final DType NUMBER = DType.UINT32;

    @Override
    public String name() {
        return op.name();
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var numbers = numbered(in);
        var types = op.infer(numbers);
        if (!isMove(op.lower(numbers), NUMBER, true)) {
            for (int i = 0; i < in.count(); i++)
                if (in.has(i) && in.type(i).dtype() == DType.STRING)
                    throw GraphException.of(
                            name(), "input " + i, "a float, integer or bool tensor", in.type(i));
        }
        return types.stream().map(t -> t.dtype() == NUMBER ? t.with(DType.STRING) : t).toList();
    }

    private Operands numbered(Operands in) {
        var buffers = new ArrayList<Buffer>();
        for (int i = 0; i < in.count(); i++) {
            var buffer = in.has(i) ? in.buffer(i) : null;
            if (buffer != null && buffer.type().dtype() == DType.STRING)
                buffers.add(Buffer.of("x" + i, buffer.type().with(NUMBER)));
            else buffers.add(buffer);
        }
        return new Operands(name(), buffers);
    }

    /// {@return whether steps only move elements of a dtype}
    ///
    /// @param compares whether they may ask which of them are equal
    static boolean isMove(Lowering lowering, DType dtype, boolean compares) {
        return !(lowering instanceof Compose)
                && Interpreter.steps(lowering).stream()
                        .allMatch(step -> isMove(step, dtype, compares));
    }

    private static boolean isMove(Step step, DType dtype, boolean compares) {
        return switch (step) {
            case Stage stage ->
                    stage.outputs().stream().allMatch(o -> isMove(o.value(), dtype, compares));
            case Push push ->
                    push.combine() == Push.Combine.REPLACE
                            && isMove(push.initial(), dtype, compares)
                            && isMove(push.value(), dtype, compares);
            default -> false;
        };
    }

    private static boolean isMove(Expr e, DType dtype, boolean compares) {
        boolean[] moves = {true};
        Visit.all(
                e,
                part ->
                        moves[0] &=
                                switch (part) {
                                    case Binary(var operator, var a, _) ->
                                            a.dtype() != dtype
                                                    || compares
                                                            && operator == Binary.Operator.EQUAL;
                                    case Unary(_, var a) -> a.dtype() != dtype;
                                    case Reduce reduce -> reduce.dtype() != dtype;
                                    case Cast cast ->
                                            cast.dtype() != dtype
                                                    && cast.operand().dtype() != dtype;
                                    default -> true;
                                });
        return moves[0];
    }

    @Override
    public Lowering lower(Operands in) {
        var reads = new ArrayList<Buffer>();
        for (int i = 0; i < in.count(); i++) if (in.has(i)) reads.add(in.buffer(i));
        var writes = new ArrayList<Buffer>();
        for (var type : infer(in)) writes.add(Buffer.of("y" + writes.size(), type));
        return new Host(new HostCall(name(), reads, writes, tensors -> run(in, tensors)));
    }

    private List<Tensor> run(Operands in, List<Tensor> tensors) {
        var words = new TreeSet<String>(List.of(""));
        for (var tensor : tensors)
            if (tensor.dtype() == DType.STRING) Collections.addAll(words, tensor.strings());
        var dictionary = List.copyOf(words);
        var operands = new ArrayList<Value>();
        int next = 0;
        for (int i = 0; i < in.count(); i++) {
            if (!in.has(i)) operands.add(Value.ABSENT);
            else operands.add(Value.constant("", numbers(tensors.get(next++), dictionary)));
        }
        var node = new Node(op, "", operands);
        return Interpreter.run(Graph.of(List.of(), node.outputs()), List.of()).stream()
                .map(result -> result.dtype() == NUMBER ? strings(result, dictionary) : result)
                .toList();
    }

    private static Tensor numbers(Tensor tensor, List<String> dictionary) {
        if (tensor.dtype() != DType.STRING) return tensor;
        var numbers = Tensor.zeros(NUMBER, tensor.shape());
        for (int i = 0; i < tensor.size(); i++)
            numbers.ints()[i] = Collections.binarySearch(dictionary, tensor.strings()[i]);
        return numbers;
    }

    private static Tensor strings(Tensor numbers, List<String> dictionary) {
        var strings = Tensor.zeros(DType.STRING, numbers.shape());
        for (int i = 0; i < strings.size(); i++)
            strings.strings()[i] = dictionary.get(numbers.ints()[i]);
        return strings;
    }
}
