package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An operator that has no expression, since it is about strings or files: a function from tensors
/// to tensors. Interpreter and JVM run it, other targets refuse it. It has no gradient.
public sealed interface HostOperator extends Primitive
        permits ImageDecoder,
                NumbersToStrings,
                RegexFullMatch,
                StringConcat,
                StringHash,
                StringIndex,
                StringNormalizer,
                StringSplit,
                StringTokens,
                StringsToNumbers,
                Unique {
    /// {@return the outputs}
    ///
    /// @param in one per input, null for an optional one that is not given
    List<Tensor> run(List<? extends @Nullable Tensor> in);

    @Override
    default Lowering lower(Operands in) {
        var reads = new ArrayList<Buffer>();
        for (int i = 0; i < in.count(); i++) if (in.has(i)) reads.add(in.buffer(i));
        var writes = new ArrayList<Buffer>();
        for (var type : infer(in)) writes.add(Buffer.of("y" + writes.size(), type));
        return new Host(
                new HostCall(
                        name(),
                        reads,
                        writes,
                        tensors -> {
                            var all = new ArrayList<@Nullable Tensor>();
                            int next = 0;
                            for (int i = 0; i < in.count(); i++)
                                all.add(in.has(i) ? tensors.get(next++) : null);
                            return run(all);
                        }));
    }
}
