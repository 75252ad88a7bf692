package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction as loops around a register tile of rows × columns ([ContractionLoops]): per step
/// of k one scalar of each row is spread over the lanes and multiplied with vectors of the columns.
///
/// - *rows* run along one index of m, whose elements are read at a constant distance;
/// - *columns* are all of n, eight at a time. Where they lie side by side in an operand that is
///   computed, the pixels of a 1 × 1 convolution say, they are read in place, and what is known
///   gives the rows. Else they are packed (when compiling, if they are known) into panels `[batch…,
///   n / 8, k…, 8]`, so that the inner loop reads them in order;
/// - padding and prologues of the row operand are written out first ([Materialize]), the epilogue
///   is applied to the tile in registers.
///
/// Where there are few rows and their columns are computed, nothing would be gained by packing
/// them: [LaneContraction].
final class LoopContraction implements Template {
    static final int PANEL = 8;

    /// Columns are read in place if at most one of so many of them would be computed in vain.
    private static final long USEFUL = 16;

    /// Columns in place are as many cache lines: so many of them, and what else a tile reads, stay
    /// in the first cache (32 KiB) while all rows are multiplied with them.
    private static final long NEAR = 384;

    @Override
    public String name() {
        return "Contraction";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        var match = ContractionForm.match(stage);
        if (match.form() == null) return new Result.Declined(match.reason());
        var form = match.form();
        if (form.sum().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        if (Generic.hasWide(stage, request.layouts()))
            return new Result.Declined("numbers of 64 bits");
        if (form.k().isEmpty()) return new Result.Declined("nothing is summed");
        if (columns(form) < columns(form.swapped())
                && (columns(form) < PANEL
                        || !ContractionForm.isConstant(form.b())
                                && ContractionForm.isConstant(form.a()))) {
            form = form.swapped();
        }
        if (form.n().isEmpty()) return new Result.Declined("one operand has no index of its own");
        var windows = windows(form);
        var lane = windows == null ? null : LaneContraction.lane(windows);
        form = windows != null && lane != null ? windows : form.merged();
        if (lane == null && ContractionForm.isConstant(form.b()) && isInPlace(form.swapped()))
            form = form.swapped();
        var rows = rows(form);
        if (rows == null)
            return new Result.Declined(
                    "an operand is neither a load nor one that can be written out");
        var calls = new ArrayList<Call>();
        var load = rows.load();
        for (var before : rows.before())
            load = new Load(write(before, request, calls), load.index());
        if (lane != null) {
            calls.add(LaneContraction.call(form, lane, load, request, this));
            return new Result.Accepted(calls);
        }
        var panel = new Index("panel", extent(form.n()).plus(PANEL - 1).floorDividedBy(PANEL));
        boolean isInPlace = ContractionForm.isConstant(form.a()) && isInPlace(form);
        var columns = isInPlace ? (Load) form.b() : pack(form, panel, request, calls);
        for (var operand : List.of(load, columns)) {
            if (!form.k().stream().allMatch(index -> isEven(operand, index)))
                return new Result.Declined("an operand does not lie evenly along what is summed");
        }
        calls.add(
                new ContractionLoops(form, load, columns, panel, isInPlace, request, this).call());
        return new Result.Accepted(calls);
    }

    /// {@return the form for [LaneContraction], or null: known weights have few rows of their own,
    /// if any, and their columns would have to be packed for these}
    private static @Nullable ContractionForm windows(ContractionForm form) {
        if (ContractionForm.isConstant(form.b())) return null;
        boolean isFew =
                ContractionForm.isConstant(form.a())
                        && columns(form.swapped()) < PANEL
                        && !isInPlace(form);
        return (isFew ? form.onePerRow() : form).swapped();
    }

    /// {@return the left operand as a load, or null; what can only be written out by itself for
    /// each row is, where a panel of columns reads it}
    private static Materialize.@Nullable Plain rows(ContractionForm form) {
        var plain = Materialize.plain(form.a());
        if (plain != null || columns(form) < PANEL) return plain;
        var indices = new ArrayList<>(form.batch());
        indices.addAll(form.m());
        indices.addAll(form.k());
        return Materialize.spread(form.a(), indices);
    }

    private static long columns(ContractionForm form) {
        return extent(form.n()).isFixed() ? extent(form.n()).value() : 1;
    }

    static Dimension extent(List<Index> indices) {
        return new Shape(indices.stream().map(Index::extent).toList()).elements();
    }

    /// Whether the columns of a form lie side by side in its right operand as it is, and fill
    /// panels well.
    private static boolean isInPlace(ContractionForm form) {
        if (form.n().size() != 1 || !(form.b() instanceof Load load)) return false;
        var extent = form.n().getFirst().extent();
        if (!extent.isFixed()) return false;
        long unused = Math.floorMod(-extent.value(), PANEL);
        var steps = extent(form.k());
        if (unused * USEFUL > extent.value() || !steps.isFixed() || steps.value() > NEAR)
            return false;
        var offset = offset(load);
        return offset.isAffine() && offset.coefficient(form.n().getFirst()) == 1;
    }

    /// Whether an operand's offset grows by the same number with each step of an index, so far as
    /// is known when compiling.
    static boolean isEven(Load operand, Index index) {
        return offset(operand).coefficients().keySet().stream()
                .noneMatch(atom -> atom != index && Visit.free(atom).contains(index));
    }

    static Linear offset(Load operand) {
        return Linear.of(Layout.rowMajor(operand.buffer().type().shape()).offset(operand.index()));
    }

    /// {@return the buffer that a stage writes, computed at once if all that it reads is known and
    /// not much smaller: that is computed when it is loaded}
    private static Buffer write(Stage stage, Request request, List<Call> calls) {
        var same = Materialize.copied(stage);
        if (same != null) return same;
        boolean isLater = request.target().keepsBuffers() && Materialize.widens(stage);
        var buffer = isLater ? stage.outputs().getFirst().buffer() : Materialize.arranged(stage);
        if (buffer.constant() == null
                && new Generic().apply(stage, request) instanceof Result.Accepted(var made))
            calls.addAll(made);
        return buffer;
    }

    /// {@return the right operand as `[batch…, n / 8, k…, 8]`, zeros behind the last column}
    ///
    /// @param panel the index of a panel
    private static Load pack(ContractionForm form, Index panel, Request request, List<Call> calls) {
        var extents = new ArrayList<Dimension>();
        for (var index : form.batch()) extents.add(index.extent());
        extents.add(panel.extent());
        for (var index : form.k()) extents.add(index.extent());
        extents.add(Dimension.of(PANEL));
        var name = form.stage().outputs().getFirst().buffer().name();
        var buffer = Buffer.of(name + " panels", new TensorType(DType.FLOAT32, new Shape(extents)));
        var packing =
                Stage.each(
                        buffer,
                        o -> {
                            int batches = form.batch().size();
                            var flat = o.get(batches).times(PANEL).plus(o.getLast());
                            var from = new ArrayList<Index>(form.batch());
                            var to = new ArrayList<Expr>(o.subList(0, batches));
                            from.addAll(form.k());
                            to.addAll(o.subList(batches + 1, o.size() - 1));
                            from.addAll(form.n());
                            to.addAll(ContractionForm.digits(flat, form.n()));
                            var value = Substitution.ofIndices(form.b(), from, to);
                            return flat.less(Expr.of(extent(form.n())))
                                    .select(value, Expr.of(DType.FLOAT32, 0));
                        });
        var index = new ArrayList<Expr>(form.batch());
        index.add(panel);
        index.addAll(form.k());
        index.add(Expr.of(0));
        return new Load(write(packing, request, calls), index);
    }
}
