package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Bits;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Range;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.interpret.Environment;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns the factor of a contraction into a plain load, so that its inner loop has no guard and no
/// arithmetic: where the factor is padded or computed, it is written out first over the range that
/// its loads cover.
///
/// `i + k − 1 within 0 … 55 ? relu(X[n, c, i + k − 1]) : 0` becomes a buffer of extent 58 and the
/// load `[n, c, i + k]`. That is an addition of the size of X to work that reads each of its
/// elements many times. Constants are written out when compiling.
public final class Materialize {
    /// A factor may be spread over a buffer so many times as large as what it reads.
    private static final long MOST_COPIES = 16;

    private Materialize() {}

    /// A factor as a plain load whose row-major offset is affine.
    ///
    /// @param before what must be written first
    public record Plain(Load load, List<Stage> before) {}

    /// {@return a factor as a plain load, or null if its loads differ in place or are not affine}
    public static @Nullable Plain plain(Expr factor) {
        var places = new LinkedHashSet<List<Expr>>();
        Visit.loads(factor, (load, _) -> places.add(load.index()));
        if (places.size() != 1) return null;
        var place = places.iterator().next();
        if (factor instanceof Load load) {
            var offset = Layout.rowMajor(load.buffer().type().shape()).offset(load.index());
            if (Linear.of(offset).isAffine())
                return new Plain(load, List.of()); // under a reshape too
        }
        if (!place.stream().allMatch(i -> Linear.of(i).isAffine())) return null;
        var extents = new ArrayList<Dimension>();
        var lows = new ArrayList<Long>();
        var domain = new ArrayList<Index>();
        Map<Expr, Expr> moved = new HashMap<>();
        for (var i : place) {
            var range = range(i);
            if (range == null) return null;
            lows.add(range.low);
            extents.add(range.extent);
            var index = new Index("o" + domain.size(), range.extent);
            domain.add(index);
            if (i instanceof Literal) continue;
            if (moved.put(i, index.plus(range.low)) != null) return null;
        }
        var value = replace(factor, moved);
        if (!domain.containsAll(Visit.free(value))) return null;
        var name = Visit.buffers(factor).iterator().next().name();
        var buffer = Buffer.of(name, new TensorType(factor.dtype(), new Shape(extents)));
        var index = new ArrayList<Expr>();
        for (int d = 0; d < place.size(); d++) index.add(place.get(d).minus(lows.get(d)));
        var stage = new Stage(domain, List.of(new Stage.Output(buffer, value)));
        return new Plain(new Load(buffer, index), List.of(stage));
    }

    /// {@return a factor written out over the indices that it depends on, or null if that were more
    /// than [#MOST_COPIES] times what it reads}
    ///
    /// @param indices that it may depend on
    static @Nullable Plain spread(Expr factor, List<Index> indices) {
        var free = Visit.free(factor);
        var used = indices.stream().filter(free::contains).toList();
        var shape = new Shape(used.stream().map(Index::extent).toList());
        long read = 1;
        for (var buffer : Visit.buffers(factor)) read += nominal(buffer.type().shape().elements());
        if (nominal(shape.elements()) > MOST_COPIES * read) return null;
        var buffer = Buffer.of("spread", new TensorType(factor.dtype(), shape));
        var domain = used.stream().map(Index::fresh).toList();
        var value = Substitution.ofIndices(factor, used, domain);
        var stage = new Stage(domain, List.of(new Stage.Output(buffer, value)));
        return new Plain(new Load(buffer, List.copyOf(used)), List.of(stage));
    }

    private static long nominal(Dimension dimension) {
        return dimension.valueAt(8);
    }

    private record Span(long low, Dimension extent) {}

    /// {@return the values that an index takes, or null if they depend on a symbol in more than its
    /// extent}
    private static @Nullable Span range(Expr i) {
        if (i instanceof Index index) return new Span(0, index.extent());
        var linear = Linear.of(i);
        for (var atom : linear.coefficients().keySet()) {
            if (!((Index) atom).extent().isFixed()) return null;
        }
        var range = Range.of(i);
        return new Span(range.low(), Dimension.of(range.high() - range.low() + 1));
    }

    /// {@return an expression without loops, with parts of it replaced}
    static Expr replace(Expr e, Map<Expr, Expr> moved) {
        var known = moved.get(e);
        if (known != null) return known;
        return switch (e) {
            case Literal _, Extent _, Index _, Local _ -> e;
            case Load(var buffer, var index) ->
                    new Load(buffer, index.stream().map(i -> replace(i, moved)).toList());
            case Unary(var operator, var a) -> replace(a, moved).apply(operator);
            case Binary(var operator, var a, var b) ->
                    replace(a, moved).apply(operator, replace(b, moved));
            case Select(var c, var a, var b) ->
                    replace(c, moved).select(replace(a, moved), replace(b, moved));
            case Bits(var dtype, var a) -> new Bits(dtype, replace(a, moved));
            case Cast(var dtype, var a, var saturate) ->
                    new Cast(dtype, replace(a, moved), saturate);
            case Let(var local, var value, var body) ->
                    new Let(local, replace(value, moved), replace(body, moved));
            case Reduce _, Fold _ -> e; // no factor holds a loop
        };
    }

    /// {@return the buffer that a stage copies as it is, or null}
    public static @Nullable Buffer copied(Stage stage) {
        var output = stage.outputs().getFirst();
        return output.value() instanceof Load(var buffer, var index)
                        && index.equals(stage.domain())
                        && buffer.type().equals(output.buffer().type())
                ? buffer
                : null;
    }

    /// {@return what a stage of float32 arranges in another order, zeros between: float16 if all of
    /// that is float16, so that it can be stored as such; else as [#evaluated]}
    static Buffer arranged(Stage stage) {
        var buffer = evaluated(stage);
        var constant = buffer.constant();
        var reads = Visit.buffers(stage.outputs().getFirst().value());
        boolean isNarrow = reads.stream().allMatch(b -> b.type().dtype() == DType.FLOAT16);
        if (constant == null || !isNarrow) return buffer;
        float[] values = constant.floats();
        var halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = Float.floatToFloat16(values[i]);
            // a factor may be computed, and then be no float16
            if (Float.compare(Float.float16ToFloat(halves[i]), values[i]) != 0) return buffer;
        }
        return Buffer.constant(buffer.name(), Tensor.of(DType.FLOAT16, halves, constant.shape()));
    }

    /// {@return whether a stage writes more than twice the bytes of the constants that it reads}
    public static boolean widens(Stage stage) {
        var output = stage.outputs().getFirst();
        long read = 0;
        for (var buffer : Visit.buffers(output.value())) {
            var constant = buffer.constant();
            if (constant == null) return false;
            read += (long) constant.size() * constant.dtype().bits();
        }
        var type = output.buffer().type();
        var elements = type.shape().elements();
        return elements.isFixed() && elements.value() * type.dtype().bits() > 2 * read;
    }

    /// {@return whether the elements that a stage writes are more than twice as wide as those of
    /// the constants that it reads, on average: how many it writes, zeros among them, does not
    /// matter}
    static boolean isWider(Stage stage) {
        var output = stage.outputs().getFirst();
        long read = 0;
        long wide = 0;
        for (var buffer : Visit.buffers(output.value())) {
            long elements = buffer.type().shape().elements().value();
            read += elements * buffer.type().dtype().bits();
            wide += elements * output.buffer().type().dtype().bits();
        }
        return wide > 2 * read;
    }

    /// {@return a buffer that holds what a stage writes: a constant if all that it reads is known,
    /// else the stage's own}
    public static Buffer evaluated(Stage stage) {
        var output = stage.outputs().getFirst();
        var reads = Visit.buffers(output.value());
        boolean known =
                output.buffer().type().shape().isFixed()
                        && reads.stream().allMatch(b -> b.constant() != null);
        if (!known) return output.buffer();
        var environment = new Environment();
        Interpreter.run(List.of(stage), environment);
        return Buffer.constant(output.buffer().name(), environment.get(output.buffer()));
    }
}
