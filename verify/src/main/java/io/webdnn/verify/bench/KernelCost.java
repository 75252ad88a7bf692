package io.webdnn.verify.bench;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.Graph;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Index;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// What a kernel has to do, whoever does it how fast: counted in its loops.
///
/// @param origin the nodes that it computes
/// @param template the template that made it
/// @param flop floating-point operations, also those for lanes and invocations beyond the output
/// @param bytes of the buffers that it reads and writes, each counted once
record KernelCost(String origin, String template, double flop, double bytes) {
    /// A loop whose extent is known to the host only.
    private static final double UNKNOWN_EXTENT = 1;

    /// {@return the costs of a network's kernels, in the order in which they run}
    static List<KernelCost> of(Graph graph, Backend backend) {
        return Compiler.compile(graph, backend.target()).calls().stream()
                .map(KernelCost::of)
                .toList();
    }

    /// {@return the costs of a call}
    static KernelCost of(Call call) {
        return switch (call) {
            case Call.Run(var kernel, var buffers, var origin, _) ->
                    new KernelCost(origin, kernel.template(), flop(kernel), bytes(buffers));
            case Call.Library library -> {
                var buffers = new ArrayList<>(library.reads());
                buffers.addAll(library.writes());
                yield new KernelCost(
                        library.origin(), library.template(), flop(library), bytes(buffers));
            }
            case Call.Host _, Call.Measure _, Call.Repeat _ ->
                    throw new IllegalArgumentException(
                            "kernels: expected calls of kernels only, got " + call.origin());
        };
    }

    private static double flop(Call.Library library) {
        return switch (library) {
            case Call.Contract contract -> {
                var epilogue = contract.epilogue();
                yield 2
                                * count(contract.batch())
                                * count(contract.m())
                                * count(contract.n())
                                * count(contract.k())
                        + (epilogue == null ? 0 : flop(epilogue.kernel()));
            }
            case Call.Sum sum -> count(sum.domain()) * count(sum.summed());
            case Call.Pool pool -> count(pool.domain()) * count(pool.taps());
            case Call.Pad _ -> 0;
        };
    }

    private static double count(List<Index> indices) {
        double count = 1;
        for (var index : indices) count *= index.extent().value();
        return count;
    }

    private static double bytes(List<Buffer> buffers) {
        double elements = 0;
        for (var buffer : new HashSet<>(buffers)) {
            double size = 1;
            for (int extent : buffer.type().shape().toInts()) size *= extent;
            elements += size;
        }
        return 4 * elements;
    }

    static double flop(Kernel kernel) {
        return invocations(kernel.grid()) * flop(kernel.body());
    }

    private static double invocations(Grid grid) {
        double count = 1;
        for (var groups : grid.groups()) count *= groups.value();
        for (int size : grid.workgroup()) count *= size;
        return count;
    }

    private static double flop(Stmt statement) {
        return switch (statement) {
            case Stmt.Block(var statements) ->
                    statements.stream().mapToDouble(KernelCost::flop).sum();
            case Stmt.Declare(_, var value) -> flop(value);
            case Stmt.Assign(_, var value) -> flop(value);
            case Stmt.Store(_, var offset, var value) -> flop(offset) + flop(value);
            case Stmt.LocalStore(_, var index, var value) -> flop(index) + flop(value);
            case Stmt.For(_, var extent, _, var body) -> extent(extent) * flop(body);
            case Stmt.If(var condition, var then, var otherwise) ->
                    flop(condition) + Math.max(flop(then), flop(otherwise));
            case Stmt.Barrier _, Stmt.Call _ -> 0;
        };
    }

    private static double extent(Term extent) {
        return switch (extent) {
            case Term.Literal literal -> literal.value().doubleValue();
            case Term.Parameter(var dimension) when dimension.isFixed() -> dimension.value();
            case Term.Combine(var operator, var a, var b)
                    when operator == Binary.Operator.MULTIPLY ->
                    extent(a) * extent(b);
            case Term _ -> UNKNOWN_EXTENT;
        };
    }

    private static double flop(Term term) {
        double own = term.type().scalar() == ScalarType.FLOAT32 ? term.type().lanes() : 0;
        return switch (term) {
            case Term.Literal _, Term.Variable _, Term.Parameter _, Term.GridIndex _ -> 0;
            case Term.Apply(_, var a) -> own + flop(a);
            case Term.Combine(_, var a, var b) -> own + flop(a) + flop(b);
            case Term.MultiplyAdd(var a, var b, var c) -> 2 * own + flop(a) + flop(b) + flop(c);
            case Term.Choose(var c, var a, var b) -> flop(c) + Math.max(flop(a), flop(b));
            case Term.Convert(_, var a) -> flop(a);
            case Term.Reinterpret(_, var a) -> flop(a);
            case Term.Splat(var a) -> flop(a);
            case Term.Lane(var a, var lane) -> flop(a) + flop(lane);
            case Term.Vector(var lanes) -> lanes.stream().mapToDouble(KernelCost::flop).sum();
            case Term.Load(_, var offset, _) -> flop(offset);
            case Term.LocalLoad(_, var index) -> flop(index);
        };
    }
}
