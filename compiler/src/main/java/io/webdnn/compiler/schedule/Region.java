package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A box of a stage's domain, computed by itself.
///
/// @param domain the indices of the box
/// @param place which element of the outputs they stand for
/// @param values what is stored there, one per output
record Region(List<Index> domain, List<Expr> place, List<Expr> values) {
    /// A stage that would fall into more regions stays whole.
    private static final int MOST = 8;

    /// {@return the whole domain of a stage}
    static Region of(Stage stage) {
        return new Region(
                stage.domain(),
                List.copyOf(stage.domain()),
                stage.outputs().stream().map(Stage.Output::value).toList());
    }

    /// {@return the part of this region where an index runs from `first` on}
    Region narrowed(Index index, long first, long extent) {
        var part = new Index(index.name(), Dimension.of(extent));
        return new Region(
                domain.stream().map(i -> i == index ? part : i).toList(),
                place.stream().map(e -> moved(e, index, part, first)).toList(),
                values.stream().map(e -> moved(e, index, part, first)).toList());
    }

    private static Expr moved(Expr e, Index index, Index part, long first) {
        return Substitution.ofIndices(e, List.of(index), List.of(part.plus(first)));
    }

    /// {@return the regions between the places where a choice of what is loaded changes along an
    /// axis: one for each part of a concatenation}
    ///
    /// In each of them nothing is left to choose. There is one, this, if there are no such places
    /// or too many.
    List<Region> split() {
        var regions = new ArrayList<>(List.of(this));
        for (int i = 0; i < regions.size(); ) {
            var region = regions.get(i);
            var cut = region.cut();
            if (cut == null) {
                i++;
                continue;
            }
            long extent = cut.index.extent().value();
            regions.set(i, region.narrowed(cut.index, 0, cut.at));
            regions.add(i + 1, region.narrowed(cut.index, cut.at, extent - cut.at));
            if (regions.size() > MOST) return List.of(this);
        }
        return regions;
    }

    private record Cut(Index index, long at) {}

    private @Nullable Cut cut() {
        var cuts = new ArrayList<Cut>();
        for (var value : values) {
            Visit.all(
                    value,
                    part -> {
                        if (part instanceof Select(var condition, var then, var otherwise)
                                && !Visit.buffers(then).isEmpty()
                                && !Visit.buffers(otherwise).isEmpty()) {
                            var cut = cut(condition);
                            if (cut != null) cuts.add(cut);
                        }
                    });
        }
        return cuts.isEmpty() ? null : cuts.getFirst();
    }

    /// {@return where `index < at` changes, if that is what a condition says}
    private @Nullable Cut cut(Expr condition) {
        if (!(condition instanceof Binary(var operator, var a, var b))
                || operator != Binary.Operator.LESS) return null;
        var difference = Linear.of(a.minus(b));
        if (difference.coefficients().size() != 1) return null;
        var entry = difference.coefficients().entrySet().iterator().next();
        if (!(entry.getKey() instanceof Index index)
                || entry.getValue() != 1
                || !domain.contains(index)
                || !index.extent().isFixed()) return null;
        long at = -difference.constant();
        return at > 0 && at < index.extent().value() ? new Cut(index, at) : null;
    }
}
