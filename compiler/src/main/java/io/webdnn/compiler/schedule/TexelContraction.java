package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A contraction over textures of four lanes: each fragment computes the four neighbours of its
/// texel, the *columns*.
///
/// Where a summed index runs along the lanes of the operand that the columns are not in, a step
/// takes four of its values at once: one texel of that operand and four of the other. That one is
/// packed before the first run into the order in which the loops read it, if it is known; else its
/// texels hold four columns, or four summed values, and are read as they are.
///
/// Where an index of the result that the operand of the columns does not have runs across the
/// layers of the result's texture, a fragment computes a texel of each layer: four texels of
/// columns serve them all. A summed index that moves along with it (the taps of a window) is
/// written out, and what one texel and tap read, the next texel does not read again.
final class TexelContraction implements Template {
    private static final int LANES = 4;

    /// Fewer fragments would leave a device idle, however little each does.
    private static final int FEW_FRAGMENTS = 256;

    /// How many products of texels are written out one after the other.
    private static final int MOST_PRODUCTS = 256;

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
        if (form.k().isEmpty() || form.k().stream().anyMatch(k -> !k.extent().isFixed()))
            return new Result.Declined("not a sum of a known number of products");
        var kernel = request.kernel(this);
        var output = stage.outputs().getFirst().buffer();
        var plain = Layout.texels(output.type().shape()); // it may yet be put in layers
        int lane = plain.lane();
        if (lane < 0) return new Result.Declined("the result is one number");
        var column = columns(form.output().get(lane));
        if (column == null) return new Result.Declined("four neighbours are of several groups");
        if (form.m().contains(column)) form = form.swapped();
        if (!form.n().contains(column))
            return new Result.Declined("both operands have the index that lies in the lanes");
        boolean isKnown =
                request.packings().isKnown(form.b())
                        && column.extent().isFixed()
                        && outer(form, column).stream().allMatch(i -> i.extent().isFixed());
        var step = inLanes(form.a(), form.k(), kernel);
        Weights weights = null;
        if (isKnown) weights = Weights.PACKED;
        else if (step != null && isInLanes(form.b(), column, kernel)) weights = Weights.COLUMNS;
        else if (step != null && isInLanes(form.b(), step, kernel)) weights = Weights.STEPS;
        if (weights == null) return new Result.Declined("no operand lies in the lanes");
        var across = across(form, plain);
        if (across != null && weights != Weights.STEPS && request.layouts().isOpen(output)) {
            int layers = layers(plain, across, request.layouts().mostLayers());
            if (layers > 1) request.layouts().putInLayers(output, layers);
        }
        var writer = new Writer(form, column, step, weights, across, kernel, request);
        return new Result.Accepted(writer.calls(lane));
    }

    /// How the operand of the columns is read.
    private enum Weights {
        /// Packed before the first run.
        PACKED,
        /// A texel holds four columns.
        COLUMNS,
        /// A texel holds four summed values of one column.
        STEPS
    }

    /// {@return the index of which four neighbouring elements differ by one each, or null}
    private static @Nullable Index columns(Expr output) {
        for (var part : Linear.of(output).coefficients().entrySet()) {
            if (part.getValue() == 1 && part.getKey() instanceof Index index) {
                boolean isWhole =
                        output instanceof Index
                                || index.extent().isFixed() && index.extent().value() % LANES == 0;
                return isWhole ? index : null;
            }
        }
        return null;
    }

    /// {@return the indices of the result that the operand of the columns depends on, but the
    /// columns}
    private static List<Index> outer(ContractionForm form, Index column) {
        var outer = new ArrayList<>(form.batch());
        for (var index : form.n()) if (index != column) outer.add(index);
        return outer;
    }

    private static @Nullable Index inLanes(Expr factor, List<Index> k, KernelBuilder kernel) {
        for (var index : k) if (isInLanes(factor, index, kernel)) return index;
        return null;
    }

    /// {@return whether an index runs along the lanes of all loads of a factor that depend on it}
    private static boolean isInLanes(Expr factor, Index index, KernelBuilder kernel) {
        boolean[] all = {true};
        boolean[] any = {false};
        Visit.loads(
                factor,
                (load, _) -> {
                    var layout = kernel.layout(load.buffer());
                    for (int d = 0; d < load.index().size(); d++) {
                        if (!Visit.free(load.index().get(d)).contains(index)) continue;
                        any[0] = true;
                        all[0] &= d == layout.lane() && load.index().get(d).equals(index);
                    }
                });
        boolean isPlain = any[0] && all[0];
        return isPlain && !ContractionForm.isElsewhere(factor, index);
    }

    /// {@return the index that may run across layers: all of an axis of the result, and of no
    /// interest to the operand of the columns; or null}
    private static @Nullable Index across(ContractionForm form, Layout layout) {
        return layout.across() >= 0
                        && form.output().get(layout.across()) instanceof Index index
                        && form.m().contains(index)
                        && index.extent().isFixed()
                ? index
                : null;
    }

    /// {@return in how many layers a result costs least, by the texels fetched for one of its own,
    /// padding included}
    private static int layers(Layout layout, Index across, int most) {
        long extent = across.extent().value();
        int best = 1;
        double least = 1 + LANES;
        for (int layers = 2; layers <= most; layers *= 2) {
            long padded = (extent + layers - 1) / layers * layers;
            double fetches = (layers + LANES) / (double) layers * padded / extent;
            if (fetches < least && layout.inLayers(layers).places().valueAt(1) >= FEW_FRAGMENTS) {
                best = layers;
                least = fetches;
            }
        }
        return best;
    }

    private static final class Writer {
        private final ContractionForm form;
        private final Index column;
        private final @Nullable Index step;
        private final Weights weights;
        private final KernelBuilder kernel;
        private final TermBuilder builder;
        private final Request request;
        private final List<Call> calls = new ArrayList<>();

        /// The texels that a fragment computes, one in each layer.
        private final int layers;

        /// The index that runs across the layers, by its quotient, if there are several.
        private final @Nullable Index across;

        private final Index quotient;

        /// The summed index that moves along with `across`, or null.
        private final @Nullable Index tap;

        /// The summed indices that are looped over, but `step`, which is the innermost.
        private final List<Index> loops = new ArrayList<>();

        private final boolean isWrittenOut;

        Writer(
                ContractionForm form,
                Index column,
                @Nullable Index step,
                Weights weights,
                @Nullable Index across,
                KernelBuilder kernel,
                Request request) {
            this.form = form;
            this.column = column;
            this.step = step;
            this.weights = weights;
            this.kernel = kernel;
            this.request = request;
            this.across = across;
            builder = new TermBuilder(kernel);
            layers = kernel.layout(form.stage().outputs().getFirst().buffer()).layers();
            quotient =
                    new Index(
                            "across",
                            across == null
                                    ? Dimension.of(1)
                                    : across.extent().plus(layers - 1).floorDividedBy(layers));
            tap = across == null ? null : tap(across);
            isWrittenOut =
                    layers > 1
                            && tap != null
                            && tap.extent().value() * layers * width() <= MOST_PRODUCTS;
            for (var index : form.k())
                if (index != step && !(index == tap && isWrittenOut)) loops.add(index);
        }

        /// {@return the summed index that an axis of the other operand adds to `across`, or null}
        private @Nullable Index tap(Index across) {
            var taps = new LinkedHashSet<Index>();
            Visit.loads(
                    form.a(),
                    (load, _) -> {
                        for (var axis : load.index()) {
                            var free = Visit.free(axis);
                            if (!free.contains(across)) continue;
                            for (var k : form.k()) if (k != step && free.contains(k)) taps.add(k);
                        }
                    });
            return taps.size() == 1 ? taps.getFirst() : null;
        }

        /// {@return an expression as the texel in `layer` has it, and tap number `number` if taps
        /// are written out}
        private Expr at(Expr e, int layer, int number) {
            var from = new ArrayList<Index>();
            var to = new ArrayList<Expr>();
            if (layers > 1) {
                from.add(Objects.requireNonNull(across));
                to.add(quotient.times(layers).plus(layer));
            }
            if (isWrittenOut) {
                from.add(Objects.requireNonNull(tap));
                to.add(Expr.of(number));
            }
            return from.isEmpty() ? e : Substitution.ofIndices(e, from, to);
        }

        List<Call> calls(int lane) {
            var scope = Scope.root();
            var output = form.stage().outputs().getFirst().buffer();
            var layout = kernel.layout(output);
            var units = new ArrayList<>(Stage.indices("u", layout.units().dimensions()));
            if (layers > 1) units.set(layout.across(), quotient);
            var id = scope.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
            Generic.bindDigits(layout.order().stream().map(units::get).toList(), id, kernel, scope);
            for (int d = 0; d < units.size(); d++) {
                if (units.get(d) == quotient) continue;
                var unit = scope.term(units.get(d));
                bindRoles(
                        form.output().get(d),
                        d == lane ? Build.multiply(unit, LANES) : unit,
                        scope);
            }
            var sums = weights == Weights.STEPS ? List.of(sumOfSteps(scope)) : sumsOfColumns(scope);
            for (int layer = 0; layer < layers; layer++)
                store(sums.get(layer), layer, lane, scope.term(units.get(lane)), scope);
            calls.add(
                    kernel.finish(
                            Grid.linear(layout.places(), 1),
                            scope.statements(),
                            request.declined()));
            return calls;
        }

        private void store(Term sum, int layer, int lane, Term unit, Scope scope) {
            var inside = scope.withLanes(column, scope.term(column));
            inside.bind(form.sum(), sum);
            var epilogue = at(form.epilogue(), layer, 0);
            var dtype = form.stage().outputs().getFirst().buffer().type().dtype();
            var stored = builder.rounded(builder.build(epilogue, inside), dtype, inside);
            var value = TermBuilder.wide(stored, LANES);
            var extent = form.stage().domain().get(lane).extent();
            if (!(extent.isFixed() && extent.value() % LANES == 0)) {
                // the padding stays 0
                value =
                        new Term.Choose(
                                new Term.Combine(
                                        Binary.Operator.LESS,
                                        lanes(Build.multiply(unit, LANES)),
                                        new Term.Splat(kernel.size(extent))),
                                value,
                                Build.constant(value.type(), 0));
            }
            inside.statements().forEach(scope::add);
            var output = form.stage().outputs().getFirst().buffer();
            scope.add(new Stmt.Store(kernel.write(output), Build.constant(layer), value));
        }

        private static Term lanes(Term first) {
            var lanes = new ArrayList<Term>();
            for (int l = 0; l < LANES; l++) lanes.add(Build.constant(l));
            return Build.add(new Term.Splat(first), new Term.Vector(lanes));
        }

        /// Binds the indices of an axis of the result, which are digits of its number.
        private void bindRoles(Expr axis, Term number, Scope scope) {
            var parts = new ArrayList<>(Linear.of(axis).coefficients().entrySet());
            parts.sort(Comparator.comparingLong(part -> -part.getValue()));
            var rest = number;
            for (var part : parts) {
                var divisor = Build.constant(part.getValue());
                var digit = Build.divide(rest, divisor);
                scope.bind(
                        part.getKey(),
                        digit instanceof Term.Variable ? digit : scope.declare("digit", digit));
                rest = Build.remainder(rest, divisor);
            }
        }

        private long steps() {
            return step == null ? 1 : (step.extent().value() + LANES - 1) / LANES;
        }

        private boolean isWhole() {
            return step == null || step.extent().value() % LANES == 0;
        }

        /// A loop over the steps of four, within the other summed indices.
        private interface Body {
            void write(Scope scope, Term steps);
        }

        private void loops(Scope scope, Body body) {
            var nest = builder.loops(loops, scope);
            var innermost = nest.innermost();
            if (step == null || steps() == 1) {
                body.write(innermost, Build.constant(0));
            } else {
                var variable = new Term.Variable(step.name(), LoopType.INT32);
                var inner = innermost.inner();
                body.write(inner, variable);
                innermost.add(
                        new Stmt.For(
                                variable,
                                Build.constant(steps()),
                                Stmt.For.Kind.SERIAL,
                                inner.block()));
            }
            nest.close(scope);
        }

        /// {@return four values of the operand without columns, 0 behind the last}
        private Term rows(Expr factor, Scope scope, Term number) {
            if (step == null) return new Term.Splat(builder.build(factor, scope));
            return fourSteps(factor, scope, number);
        }

        private Term fourSteps(Expr factor, Scope scope, Term number) {
            var index = Objects.requireNonNull(step);
            var first = Build.multiply(number, LANES);
            var inner = scope.withLanes(index, first);
            var value = TermBuilder.wide(builder.build(factor, inner), LANES);
            inner.statements().forEach(scope::add);
            // the padding of a texture is 0, but what is computed from it need not be
            if (isWhole() || ContractionForm.Operand.of(factor) != null) return value;
            return new Term.Choose(
                    new Term.Combine(
                            Binary.Operator.LESS,
                            lanes(first),
                            new Term.Splat(kernel.size(index.extent()))),
                    value,
                    Build.constant(value.type(), 0));
        }

        /// {@return the sums of the texels that a fragment computes}
        private List<Term.Variable> sumsOfColumns(Scope scope) {
            var sums = new ArrayList<Term.Variable>();
            for (int layer = 0; layer < layers; layer++)
                sums.add(scope.declare("sum", Build.constant(LoopType.FLOAT32X4, 0)));
            var packed = weights == Weights.PACKED ? packed() : null;
            loops(
                    scope,
                    (inner, number) -> {
                        var place =
                                packed == null
                                        ? Build.constant(0)
                                        : inner.declare("place", place(inner, number));
                        var rows = new HashMap<Expr, Term.Variable>();
                        long taps = isWrittenOut ? Objects.requireNonNull(tap).extent().value() : 1;
                        for (int t = 0; t < taps; t++) {
                            if (isWrittenOut)
                                inner.bind(Objects.requireNonNull(tap), Build.constant(t));
                            addProducts(sums, rows, packed, place, t, inner, number);
                        }
                    });
            return sums;
        }

        /// Adds the products with one texel of summed values for each layer.
        ///
        /// @param rows the texels of the other operand that are there already
        private void addProducts(
                List<Term.Variable> sums,
                Map<Expr, Term.Variable> rows,
                @Nullable Buffer packed,
                Term place,
                int tap,
                Scope scope,
                Term number) {
            int count = step == null ? 1 : (int) Math.min(LANES, step.extent().value());
            var columns = new ArrayList<Term>();
            for (int j = 0; j < count; j++) {
                Term texel =
                        packed == null
                                ? texelOfColumns(scope, Build.add(Build.multiply(number, LANES), j))
                                : new Term.Load(
                                        kernel.read(packed),
                                        Build.add(place, tap * width() + j),
                                        LANES);
                columns.add(layers == 1 ? texel : scope.declare("columns", texel));
            }
            for (int layer = 0; layer < layers; layer++) {
                var factor = at(form.a(), layer, tap);
                if (factor instanceof Literal l && l.is(0)) continue; // a tap that is outside
                var row =
                        rows.computeIfAbsent(
                                factor, f -> scope.declare("row", rows(f, scope, number)));
                for (int j = 0; j < count; j++) {
                    Term a =
                            step == null
                                    ? row
                                    : new Term.Splat(new Term.Lane(row, Build.constant(j)));
                    var sum = sums.get(layer);
                    scope.add(new Stmt.Assign(sum, new Term.MultiplyAdd(a, columns.get(j), sum)));
                }
            }
        }

        private Term texelOfColumns(Scope scope, Term number) {
            var index = Objects.requireNonNull(step);
            var at = scope.withLanes(column, scope.term(column));
            at.bind(index, number);
            var value = builder.build(form.b(), at);
            at.statements().forEach(scope::add);
            if (isWhole()) return value;
            // behind the last is something else, perhaps infinite
            return new Term.Choose(
                    Build.less(number, kernel.size(index.extent())),
                    value,
                    Build.constant(value.type(), 0));
        }

        private Term sumOfSteps(Scope scope) {
            var sums = new ArrayList<Term.Variable>();
            for (int l = 0; l < LANES; l++)
                sums.add(scope.declare("sum", Build.constant(LoopType.FLOAT32X4, 0)));
            var first = scope.term(column);
            loops(
                    scope,
                    (inner, number) -> {
                        var row = inner.declare("row", rows(form.a(), inner, number));
                        for (int l = 0; l < LANES; l++) {
                            var at = inner.inner();
                            at.bind(column, Build.add(first, l));
                            var b = fourSteps(form.b(), at, number);
                            at.statements().forEach(inner::add);
                            inner.add(
                                    new Stmt.Assign(
                                            sums.get(l),
                                            new Term.MultiplyAdd(row, b, sums.get(l))));
                        }
                    });
            var lanes = new ArrayList<Term>();
            for (var sum : sums) {
                Term total = new Term.Lane(sum, Build.constant(0));
                for (int l = 1; l < LANES; l++)
                    total = Build.add(total, new Term.Lane(sum, Build.constant(l)));
                lanes.add(total);
            }
            return scope.declare("sum", new Term.Vector(lanes));
        }

        // The packed operand: texels [outer…, columns / 4, summed but taps…, steps, taps, 4] of
        // four columns

        private int width() {
            return step == null ? 1 : LANES;
        }

        private Term place(Scope scope, Term number) {
            Term place = Build.constant(0);
            for (var index : outer(form, column))
                place = Build.add(Build.multiply(place, index.extent().value()), scope.term(index));
            long groups = (column.extent().value() + LANES - 1) / LANES;
            place =
                    Build.add(
                            Build.multiply(place, groups),
                            Build.divide(scope.term(column), Build.constant(LANES)));
            for (var index : summed())
                place = Build.add(Build.multiply(place, index.extent().value()), scope.term(index));
            place = Build.add(Build.multiply(place, steps()), number);
            if (tap != null) {
                var at = isWrittenOut ? Build.constant(0) : scope.term(tap);
                place = Build.add(Build.multiply(place, tap.extent().value()), at);
            }
            return Build.multiply(place, width());
        }

        private List<Index> summed() {
            return form.k().stream().filter(index -> index != step && index != tap).toList();
        }

        private Buffer packed() {
            var digits = new ArrayList<Index>(outer(form, column));
            var group = new Index("group", column.extent().plus(LANES - 1).floorDividedBy(LANES));
            digits.add(group);
            var summed = new ArrayList<>(summed());
            digits.addAll(summed);
            var number = new Index("step", Dimension.of(steps()));
            digits.add(number);
            if (tap != null) summed.add(tap);
            if (tap != null) digits.add(tap);
            var within = new Index("within", Dimension.of(width()));
            digits.add(within);
            var texels = new Shape(digits.stream().map(Index::extent).toList()).elements();
            var name = form.stage().outputs().getFirst().buffer().name() + " texels";
            var buffer =
                    Buffer.of(
                            name,
                            new TensorType(
                                    DType.FLOAT32,
                                    new Shape(List.of(texels, Dimension.of(LANES)))));
            var stage =
                    Stage.each(
                            buffer,
                            o -> {
                                var values = ContractionForm.digits(o.getFirst(), digits);
                                var columns =
                                        values.get(digits.indexOf(group))
                                                .times(LANES)
                                                .plus(o.getLast());
                                var from = new ArrayList<Index>(outer(form, column));
                                var to = new ArrayList<Expr>(values.subList(0, from.size()));
                                for (var index : summed) {
                                    from.add(index);
                                    to.add(values.get(digits.indexOf(index)));
                                }
                                from.add(column);
                                to.add(columns);
                                var isInside = columns.less(Expr.of(column.extent()));
                                if (step != null) {
                                    var stepped =
                                            values.get(digits.indexOf(number))
                                                    .times(LANES)
                                                    .plus(values.getLast());
                                    from.add(step);
                                    to.add(stepped);
                                    isInside = isInside.and(stepped.less(Expr.of(step.extent())));
                                }
                                return isInside.select(
                                        Substitution.ofIndices(form.b(), from, to),
                                        Expr.of(DType.FLOAT32, 0));
                            });
            return request.packings()
                    .of(
                            Arrays.asList(form.b(), outer(form, column), column, summed, step, tap),
                            () -> stage,
                            request,
                            calls);
        }
    }
}
