package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Cuts a tensor into parts along an axis.
///
/// input: any shape, any dtype. split (may be absent): an int64 vector that is known when
/// compiling: the extents of the parts, whose sum is the axis. Without it the parts are equal, but
/// for a smaller last one where they do not fit; a symbolic axis must be a multiple of `outputs`.
///
/// Source: ONNX Split-18.
///
/// @param axis negative ones from the end
/// @param outputs the number of parts
public record Split(int axis, int outputs) implements Primitive {
    public Split {
        if (outputs < 1) throw GraphException.of("Split", "outputs", ">= 1", outputs);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(1, 2);
        var input = expect.input(0, "input");
        expect.optional(1, "split").index().rank(1);
        int along = input.axis(axis);
        var type = input.type();
        return parts(in, type.shape().get(along)).stream()
                .map(extent -> type.with(type.shape().with(along, extent)))
                .toList();
    }

    private List<Dimension> parts(Operands in, Dimension extent) {
        if (!in.has(1)) return equalParts(extent);
        var split = in.longs(1, "split");
        long sum = Arrays.stream(split).sum();
        boolean isNegative = Arrays.stream(split).anyMatch(part -> part < 0);
        if (split.length != outputs || isNegative || !extent.is(sum)) {
            throw GraphException.of(
                    "Split",
                    "split",
                    outputs + " extents >= 0 whose sum is " + extent,
                    Arrays.toString(split));
        }
        return Arrays.stream(split).mapToObj(Dimension::of).toList();
    }

    private List<Dimension> equalParts(Dimension extent) {
        var parts = new ArrayList<Dimension>();
        if (extent.isFixed()) {
            long each = Math.ceilDiv(extent.value(), outputs);
            for (int i = 0; i < outputs; i++)
                parts.add(Dimension.of(Math.clamp(extent.value() - i * each, 0, each)));
            return parts;
        }
        try {
            var each = extent.exactlyDividedBy(Dimension.of(outputs));
            for (int i = 0; i < outputs; i++) parts.add(each);
            return parts;
        } catch (IllegalArgumentException e) {
            throw GraphException.of(
                    "Split", "input", "a multiple of " + outputs + " on axis " + axis, extent);
        }
    }

    @Override
    public Lowering lower(Operands in) {
        int along = axis < 0 ? axis + in.type(0).rank() : axis;
        var stages = new ArrayList<Stage>();
        var buffers = new ArrayList<Buffer>();
        var offset = Dimension.of(0);
        for (var type : infer(in)) {
            var begin = Expr.of(offset);
            var buffer = Buffer.of("y" + buffers.size(), type);
            stages.add(
                    Stage.each(
                            buffer,
                            o -> {
                                var at = new ArrayList<Expr>(o);
                                at.set(along, o.get(along).plus(begin));
                                return in.load(0, at);
                            }));
            buffers.add(buffer);
            offset = offset.plus(type.shape().get(along));
        }
        return new Compute(stages, buffers);
    }
}
