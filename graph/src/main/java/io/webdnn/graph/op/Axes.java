package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Lists of axes as operators take them: in any order, negative ones from the end, none twice.
final class Axes {
    private Axes() {}

    /// {@return all axes of a rank}
    static List<Integer> all(int rank) {
        return IntStream.range(0, rank).boxed().toList();
    }

    /// {@return the axes counted from 0, in the given order}
    static List<Integer> of(String operation, long[] axes, int rank) {
        var seen = new TreeSet<Integer>();
        var result = new Integer[axes.length];
        for (int i = 0; i < axes.length; i++) {
            if (axes[i] < -rank || axes[i] >= rank) {
                throw GraphException.of(operation, "axes", -rank + " ... " + (rank - 1), axes[i]);
            }
            result[i] = (int) (axes[i] < 0 ? axes[i] + rank : axes[i]);
            if (!seen.add(result[i]))
                throw GraphException.of(operation, "axes", "each axis once", axes[i] + " again");
        }
        return List.of(result);
    }
}
