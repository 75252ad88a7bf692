package io.webdnn.compiler.loop;

import io.webdnn.tensor.Dimension;
import java.util.List;

/// How many invocations of a kernel there are, on targets with a grid.
///
/// WebGPU: `groups` workgroups of `workgroup` invocations, 1 to 3 axes; a one-axis grid above the
/// limit of 65,535 groups is split by the runtime, and `GridIndex(GLOBAL, 0)` still counts on
/// (kernels guard it against their extent). WebGL: one axis, workgroup 1: `GridIndex(GLOBAL, 0)` is
/// the texel of the outputs.
public record Grid(List<Dimension> groups, List<Integer> workgroup) {
    public Grid {
        groups = List.copyOf(groups);
        workgroup = List.copyOf(workgroup);
    }

    /// {@return at least `invocations` invocations on one axis}
    public static Grid linear(Dimension invocations, int workgroup) {
        return new Grid(
                List.of(invocations.plus(workgroup - 1).floorDividedBy(workgroup)),
                List.of(workgroup));
    }

    /// {@return the grid of a target that has none}
    public static Grid none() {
        return new Grid(List.of(), List.of());
    }
}
