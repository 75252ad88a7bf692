package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The different elements of a tensor, or its different slices along an axis.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | any, rank ≥ 1 with `axis` | numeric, bool or string |
/// | Y | `[count]`, or X with `count` on the axis | as X |
/// | indices | `[count]`: where each stands first | int64 |
/// | inverse | `[elements]`, or the extent of the axis: which of Y each is | int64 |
/// | counts | `[count]`: how often it occurs | int64 |
///
/// In ascending order if `sorted` (slices by their elements, NaN last, strings by code units), else
/// in the order of their first occurrence. NaN equals NaN, −0 equals 0. How many there are depends
/// on data, so it is a symbol. Strings run on the host. Source: ONNX Unique-11.
///
/// @param axis null for single elements; negative ones from the end
/// @param count the name of the symbol
public record Unique(@Nullable Integer axis, boolean sorted, String count) implements HostOperator {
    public Unique {
        if (count.isEmpty())
            throw GraphException.of("Unique", "count", "a name for the number of elements", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var input = Expect.of(in).count(1, 1).input(0, "X");
        var x = input.type();
        if (x.dtype() != DType.STRING) input.numericOrBool();
        var found = Dimension.symbol(count);
        var shape = io.webdnn.tensor.Shape.of(found);
        var each = x.shape().elements();
        if (axis != null) {
            int along = input.axis(axis);
            each = x.shape().get(along);
            shape = x.shape().with(along, found);
        }
        var one = new TensorType(DType.INT64, io.webdnn.tensor.Shape.of(found));
        var all = new TensorType(DType.INT64, io.webdnn.tensor.Shape.of(each));
        return List.of(x.with(shape), one, all, one);
    }

    /// Of strings.
    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var extents = x.shape();
        int along = axis == null ? 0 : axis < 0 ? axis + x.rank() : axis;
        int slices = axis == null ? x.size() : extents[along];
        int inner = 1;
        for (int d = along + 1; axis != null && d < extents.length; d++) inner *= extents[d];
        var places = new Places(slices, slices == 0 ? 0 : x.size() / slices, inner);
        Comparator<Integer> order = (a, b) -> compare(x.strings(), places, a, b);
        var classes = new TreeMap<Integer, List<Integer>>(order);
        for (int s = 0; s < slices; s++) classes.computeIfAbsent(s, _ -> new ArrayList<>()).add(s);
        var groups = new ArrayList<>(classes.values());
        if (!sorted) groups.sort(Comparator.comparing(List::getFirst));
        int found = groups.size();
        int[] shape = axis == null ? new int[] {found} : extents.clone();
        if (axis != null) shape[along] = found;
        var y = Tensor.zeros(x.dtype(), shape);
        var into = new Places(found, places.size, inner);
        var indices = new long[found];
        var inverse = new long[slices];
        var counts = new long[found];
        for (int g = 0; g < found; g++) {
            var members = groups.get(g);
            indices[g] = members.getFirst();
            counts[g] = members.size();
            for (int member : members) inverse[member] = g;
            for (int e = 0; e < places.size; e++)
                y.strings()[into.of(g, e)] = x.strings()[places.of(members.getFirst(), e)];
        }
        return List.of(
                y, Tensor.of(indices, found), Tensor.of(inverse, slices), Tensor.of(counts, found));
    }

    /// Where the elements of slices stand.
    ///
    /// @param size elements of a slice
    /// @param inner elements that stand side by side
    private record Places(int slices, int size, int inner) {
        int of(int slice, int element) {
            return (element / inner * slices + slice) * inner + element % inner;
        }
    }

    private static int compare(String[] x, Places places, int a, int b) {
        for (int e = 0; e < places.size; e++) {
            int order = x[places.of(a, e)].compareTo(x[places.of(b, e)]);
            if (order != 0) return order;
        }
        return 0;
    }

    // Everything else is sorted by steps

    @Override
    public Lowering lower(Operands in) {
        if (in.type(0).dtype() == DType.STRING) return HostOperator.super.lower(in);
        int along = axis == null ? -1 : axis < 0 ? axis + in.type(0).rank() : axis;
        return UniqueSteps.lower(in, along, sorted, count, infer(in).getFirst());
    }
}
