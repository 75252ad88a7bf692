package io.webdnn.compiler.schedule;

import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.Precision;
import io.webdnn.compiler.Target;
import io.webdnn.compiler.layout.Layouts;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.compiler.lower.Lowered;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Turns fused steps into calls of kernels: each stage is offered to the target's templates in
/// order, and the first that accepts takes it.
public final class Schedule {
    /// How the symbol begins that stands for the number of a repetition; no symbol of a user does.
    private static final String STEP = "#step";

    private final Target target;
    private final Layouts layouts;
    private final boolean halfProducts;
    private final Packings packings;
    private final List<Template> templates;
    private int repeats;

    private Schedule(Target target, Layouts layouts, boolean halfProducts, Packings packings) {
        this.target = target;
        this.layouts = layouts;
        this.halfProducts = halfProducts;
        this.packings = packings;
        templates = templates(target);
    }

    /// {@return the templates of a target, in the order in which they are asked; the last one takes
    /// everything}
    static List<Template> templates(Target target) {
        return switch (target) {
            case JVM ->
                    List.of(
                            new ArrayContraction(),
                            new LoopRowReduce(),
                            new ArraySum(),
                            new ArrayPool(),
                            new Generic());
            case WEBASSEMBLY ->
                    List.of(
                            new WinogradContraction(),
                            new LoopContraction(),
                            new LoopRowReduce(),
                            new Generic());
            case WEBGL -> List.of(new TexelContraction(), new Generic());
            case WEBGPU ->
                    List.of(
                            new RegisterContraction(),
                            new SplitContraction(),
                            new SlidingWindows(),
                            new GridContraction(),
                            new SplitReduction(),
                            new Generic());
        };
    }

    /// {@return the calls that a target makes for fused steps}
    ///
    /// @param mostLayers how many layers of a texture an invocation may write
    /// @param isWide whether int64 and uint64 have 64 bits
    /// @param packings what was packed for other devices from these very steps
    /// @throws CompileException for what the target cannot do; names the node
    public static List<Call> schedule(
            Lowered lowered,
            Target target,
            int mostLayers,
            boolean isWide,
            Precision precision,
            Packings packings) {
        var layouts = new Layouts(target, mostLayers, isWide, precision.halfWeights());
        var schedule = new Schedule(target, layouts, precision.halfProducts(), packings);
        var calls = new ArrayList<Call>();
        var kept = new ArrayDeque<Lowered.Operation>(); // last comes first
        for (var operation : lowered.operations()) {
            if (operation.step().writes().stream().anyMatch(packings::isKept)) kept.push(operation);
            else calls.addAll(schedule.schedule(operation));
        }
        for (var operation : kept) {
            // what nobody reads as it is was packed from constants
            if (operation.step().writes().stream().allMatch(layouts::isOpen)) continue;
            calls.addAll(0, schedule.schedule(operation));
        }
        return calls;
    }

    private List<Call> schedule(Lowered.Operation operation) {
        var origin = operation.origin();
        return switch (operation.step()) {
            case Stage stage -> stage(stage, origin);
            case Push push when target.isLoops() || push.readsOutput() ->
                    List.of(PushUpdates.of(push, target, layouts, origin));
            case Push push -> stage(push.toPull(), origin);
            case Recurrence recurrence -> recurrence(recurrence, origin);
            case Measure(var symbol, var source, var most) ->
                    List.of(new Call.Measure(symbol, source, most, origin));
            case HostCall call -> {
                if (target != Target.JVM)
                    throw new CompileException(
                            origin, target, "expected arithmetic, got what only the JVM runs");
                yield List.of(new Call.Host(call, origin));
            }
        };
    }

    /// {@return the calls for a stage; none if it has no element}
    private List<Call> stage(Stage stage, String origin) {
        if (stage.domain().stream().anyMatch(i -> i.extent().is(0))) return List.of();
        var declined = new ArrayList<String>();
        boolean isOnce = stage.writes().stream().anyMatch(packings::isKept);
        var request =
                new Template.Request(
                        target, layouts, packings, halfProducts, origin, declined, isOnce);
        for (var template : templates) {
            switch (template.apply(stage, request)) {
                case Template.Result.Accepted(var calls) -> {
                    return calls;
                }
                case Template.Result.Declined(var reason) ->
                        declined.add(template.name() + ": " + reason);
            }
        }
        throw new AssertionError("Generic takes every stage");
    }

    private List<Call> recurrence(Recurrence recurrence, String origin) {
        // what a step reads of the step before lies in one plane, whoever writes it
        recurrence.states().forEach(state -> layouts.of(state.current()));
        recurrence.histories().forEach(history -> layouts.of(history.all()));
        var calls = new ArrayList<Call>();
        for (var state : recurrence.states()) {
            calls.addAll(
                    stage(
                            new Stage(
                                    state.domain(),
                                    List.of(new Stage.Output(state.current(), state.initial()))),
                            origin));
        }
        var symbol = STEP + repeats++;
        var step = Expr.of(Dimension.symbol(symbol));
        var body = new ArrayList<Call>();
        for (var stage : recurrence.body())
            body.addAll(stage(atStep(stage, recurrence.step(), step), origin));
        for (var history : recurrence.histories()) body.add(keep(history, step, origin));
        for (var state : recurrence.states()) {
            body.addAll(
                    stage(
                            Stage.each(
                                    state.current(), o -> new Load(state.next(), List.copyOf(o))),
                            origin));
        }
        calls.add(
                new Call.Repeat(
                        symbol, recurrence.step().extent(), body, recurrence.goesOn(), origin));
        return calls;
    }

    /// {@return whether a stage's expressions hold the number of a repetition}
    static boolean dependsOnStep(Stage stage) {
        boolean[] found = {false};
        for (var output : stage.outputs()) {
            Visit.all(
                    output.value(),
                    part ->
                            found[0] |=
                                    part instanceof Extent(var dimension)
                                            && dimension.symbols().stream()
                                                    .anyMatch(s -> s.startsWith(STEP)));
        }
        return found[0];
    }

    private static Stage atStep(Stage stage, Index index, Expr step) {
        var outputs = new ArrayList<Stage.Output>();
        for (var output : stage.outputs()) {
            outputs.add(
                    new Stage.Output(
                            output.buffer(),
                            Substitution.ofIndices(output.value(), List.of(index), List.of(step))));
        }
        return new Stage(stage.domain(), outputs);
    }

    /// `all[step, …] = each`: other elements of `all` keep their value. A fragment shader leaves
    /// them by storing nothing.
    private Call keep(Recurrence.History history, Expr step, String origin) {
        var kernel = new KernelBuilder(target, layouts, origin, "Keep");
        var builder = new TermBuilder(kernel);
        var root = Scope.root();
        var all = history.all();
        var domain = Stage.indices("o", all.type().shape().dimensions());
        var inner = domain.subList(1, domain.size());
        var load = new Load(history.each(), List.copyOf(inner));
        if (target.isLoops()) {
            var index = new ArrayList<Expr>(domain);
            index.set(0, step);
            var loops = builder.loops(inner, root);
            builder.store(all, index, builder.build(load, loops.innermost()), loops.innermost());
            loops.close(root);
            return kernel.finish(Grid.none(), root.statements(), List.of());
        }
        return target.isTexels()
                ? keepTexels(kernel, all, domain, load, step)
                : keepElements(kernel, all, inner, load, step);
    }

    private Call keepElements(
            KernelBuilder kernel, Buffer all, List<Index> inner, Load load, Expr step) {
        var builder = new TermBuilder(kernel);
        var root = Scope.root();
        var total = new Shape(inner.stream().map(Index::extent).toList()).elements();
        var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
        var inside = root.inner();
        Generic.bindDigits(inner, id, kernel, inside);
        var value = builder.stored(builder.build(load, inside), load.dtype(), inside);
        var offset = Build.add(Build.multiply(builder.build(step, inside), kernel.size(total)), id);
        inside.add(new Stmt.Store(kernel.write(all), offset, value));
        return kernel.finish(root, id, total, inside, List.of());
    }

    private Call keepTexels(
            KernelBuilder kernel, Buffer all, List<Index> domain, Load load, Expr step) {
        var builder = new TermBuilder(kernel);
        var root = Scope.root();
        var layout = kernel.layout(all);
        if (layout.lane() == 0) throw new AssertionError("a history has at least two axes");
        var units = Stage.indices("u", layout.units().dimensions());
        var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
        Generic.bindDigits(units, id, kernel, root);
        for (int d = 0; d < units.size(); d++) {
            if (d != layout.lane()) root.bind(domain.get(d), root.term(units.get(d)));
        }
        var lanes = domain.get(layout.lane());
        var inside = root.withLanes(lanes, Build.multiply(root.term(units.get(layout.lane())), 4));
        var value = builder.stored(builder.build(load, inside), load.dtype(), inside);
        inside.add(new Stmt.Store(kernel.write(all), id, value));
        root.add(
                new Stmt.If(
                        builder.build(domain.getFirst().isEqualTo(step), root),
                        inside.block(),
                        Stmt.Block.of()));
        return kernel.finish(
                Grid.linear(layout.units().elements(), 1), root.statements(), List.of());
    }
}
