package io.webdnn.compiler.contract;

import io.webdnn.compiler.schedule.Strided;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.Sizes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An index of a contraction with its size and its strides in both factors and in the sums; 0 where
/// it does not occur. Two axes are the same only if they are the same object.
final class Axis {
    private final int extent;
    private final int a;
    private final int b;
    private final int y;

    Axis(int extent, int a, int b, int y) {
        this.extent = extent;
        this.a = a;
        this.b = b;
        this.y = y;
    }

    int extent() {
        return extent;
    }

    int a() {
        return a;
    }

    int b() {
        return b;
    }

    int y() {
        return y;
    }

    /// {@return the axes of a role for one set of sizes; neighbours that are one walk are merged,
    /// the largest strides come first}
    static List<Axis> of(List<Index> indices, Strided a, Strided b, Strided y, Sizes sizes) {
        var axes = new ArrayList<Axis>();
        for (var index : indices) {
            int extent = Math.toIntExact(sizes.of(index.extent()));
            if (extent == 1) continue;
            axes.add(
                    new Axis(
                            extent,
                            Math.toIntExact(sizes.of(a.stride(index))),
                            Math.toIntExact(sizes.of(b.stride(index))),
                            Math.toIntExact(sizes.of(y.stride(index)))));
        }
        axes.sort(
                Comparator.<Axis>comparingInt(x -> -Math.abs(x.y))
                        .thenComparingInt(x -> -Math.abs(x.b))
                        .thenComparingInt(x -> -Math.abs(x.a)));
        while (merge(axes)) {}
        return axes;
    }

    private static boolean merge(List<Axis> axes) {
        for (var outer : axes) {
            for (var inner : axes) {
                if (outer == inner || !outer.continues(inner)) continue;
                var merged = new Axis(outer.extent * inner.extent, inner.a, inner.b, inner.y);
                axes.set(axes.indexOf(inner), merged);
                axes.remove(outer);
                return true;
            }
        }
        return false;
    }

    private boolean continues(Axis inner) {
        return a == inner.extent * inner.a
                && b == inner.extent * inner.b
                && y == inner.extent * inner.y;
    }

    /// {@return this with the factors exchanged}
    Axis swapped() {
        return new Axis(extent, b, a, y);
    }

    static List<Axis> swapped(List<Axis> axes) {
        return axes.stream().map(Axis::swapped).toList();
    }

    /// Which of the three strides.
    enum Operand {
        A,
        B,
        Y
    }

    int stride(Operand operand) {
        return switch (operand) {
            case A -> a;
            case B -> b;
            case Y -> y;
        };
    }

    static int count(List<Axis> axes) {
        int count = 1;
        for (var axis : axes) count = Math.multiplyExact(count, axis.extent);
        return count;
    }

    /// {@return the offset of each point of some axes, the last axis running fastest}
    static int[] offsets(List<Axis> axes, Operand operand) {
        var offsets = new int[count(axes)];
        if (offsets.length == 0) return offsets;
        int filled = 1;
        for (int d = axes.size() - 1; d >= 0; d--) {
            var axis = axes.get(d);
            for (int i = 1; i < axis.extent; i++) {
                for (int j = 0; j < filled; j++)
                    offsets[i * filled + j] = offsets[j] + i * axis.stride(operand);
            }
            filled *= axis.extent;
        }
        return offsets;
    }

    static List<Axis> without(List<Axis> axes, @Nullable Axis... removed) {
        var rest = new ArrayList<>(axes);
        for (var axis : removed) {
            for (int i = 0; i < rest.size(); i++) {
                if (rest.get(i) == axis) {
                    rest.remove(i);
                    break;
                }
            }
        }
        return rest;
    }
}
