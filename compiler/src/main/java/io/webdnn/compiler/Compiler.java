package io.webdnn.compiler;

import io.webdnn.compiler.fuse.Fuse;
import io.webdnn.compiler.lower.Kept;
import io.webdnn.compiler.lower.Lower;
import io.webdnn.compiler.memory.MemoryPlan;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.compiler.schedule.Overflow;
import io.webdnn.compiler.schedule.Packings;
import io.webdnn.compiler.schedule.Schedule;
import io.webdnn.graph.Graph;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.pass.ExpandCompositions;
import io.webdnn.graph.pass.FindDilations;
import io.webdnn.graph.pass.FoldBatchNormalization;
import io.webdnn.graph.pass.FoldConstants;
import io.webdnn.graph.pass.GroupOperands;
import io.webdnn.graph.pass.MergeCommonSubexpressions;
import io.webdnn.graph.pass.MergeTransposes;
import io.webdnn.graph.pass.MultiplyPowers;
import io.webdnn.graph.pass.NarrowSums;
import io.webdnn.graph.pass.Pass;
import io.webdnn.graph.pass.RemoveIdentities;
import io.webdnn.graph.pass.SplitTransposedConvolutions;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// The pipeline, in order, from a graph to calls of kernels.
public final class Compiler {
    /// What is done to the graph before a target is thought of, in order.
    private static final List<Pass> PASSES = passes(new FoldConstants(false));

    /// The same for targets that compute nothing when they load.
    private static final List<Pass> WIDENING_PASSES = passes(new FoldConstants(true));

    private static List<Pass> passes(FoldConstants fold) {
        return List.of(
                new RemoveIdentities(),
                fold, // so that shape operands are known
                new FindDilations(),
                new FoldBatchNormalization(), // while it still stands behind its convolution
                new SplitTransposedConvolutions(),
                new ExpandCompositions(), // from here on every operator is elementwise or steps
                new MultiplyPowers(),
                new NarrowSums(),
                new MergeTransposes(),
                new RemoveIdentities(), // what compositions and transposes left
                fold,
                new MergeCommonSubexpressions());
    }

    private Compiler() {}

    /// {@return a graph after all that is done to it before a target is thought of}: who compiles
    /// it for several targets does this once, since doing it again to the result changes nothing
    public static Graph simplify(Graph graph) {
        return apply(PASSES, graph);
    }

    private static Graph apply(List<Pass> passes, Graph graph) {
        var result = graph;
        for (var pass : passes) result = pass.apply(result);
        return result;
    }

    /// {@return a graph compiled for a target}
    ///
    /// @throws CompileException for what the target cannot do; names the node
    public static Compiled compile(Graph graph, Target target) {
        return compile(graph, target, List.of(target.mostLayers()), Precision.FULL).getFirst();
    }

    /// {@return a graph compiled for several devices of a target}
    ///
    /// @param mostLayers how many layers of a texture each device writes at once
    /// @throws CompileException for what the target cannot do; names the node
    public static List<Compiled> compile(
            Graph graph, Target target, List<Integer> mostLayers, Precision precision) {
        var whole = apply(target.keepsBuffers() ? PASSES : WIDENING_PASSES, graph);
        var simple = new GroupOperands(target.maxBuffers() - 1).apply(whole); // and an output
        var lowered = Lower.lower(simple); // from here on there are no operators
        // loops dequantize weights where they pack them, or on their way
        boolean keeps = target.keepsBuffers() && !target.isLoops();
        var kept = keeps ? Kept.of(lowered) : Kept.NOTHING;
        var fused = Fuse.fuse(lowered, target.sharesRows(), target.maxBuffers(), kept);
        var border = new LinkedHashSet<Buffer>(fused.inputs());
        border.addAll(fused.outputs());
        var inputs = new ArrayList<Compiled.Port>();
        for (int i = 0; i < fused.inputs().size(); i++) {
            inputs.add(port(target, graph.inputs().get(i).name(), fused.inputs().get(i)));
        }
        var outputs = new ArrayList<Compiled.Port>();
        for (int i = 0; i < fused.outputs().size(); i++) {
            outputs.add(port(target, graph.outputNames().get(i), fused.outputs().get(i)));
        }
        // one answer for the whole graph: what comes in as int64 goes out as it came
        boolean isWide = target == Target.JVM || target.isLoops() && Overflow.isIn(fused);
        var packings = new Packings(keeps ? Kept.of(fused) : Kept.NOTHING);
        var compiled = new ArrayList<Compiled>();
        for (int most : mostLayers) { // from here on there are no expressions over indices
            var calls = Schedule.schedule(fused, target, most, isWide, precision, packings);
            var once = target.keepsBuffers() ? Once.of(calls, border) : new Once(List.of(), calls);
            var apart = new LinkedHashSet<>(border);
            apart.addAll(once.kept());
            compiled.add(
                    new Compiled(
                            target,
                            isWide,
                            inputs,
                            outputs,
                            once.initial(),
                            once.calls(),
                            MemoryPlan.plan(once.all(), apart),
                            simple.equations()));
        }
        return compiled;
    }

    private static Compiled.Port port(Target target, String name, Buffer buffer) {
        if (!target.holds(buffer.type().dtype())) {
            throw new CompileException(
                    "'" + name + "'",
                    target,
                    "expected a dtype that the target holds, got "
                            + buffer.type()
                            + (buffer.type().dtype() == DType.FLOAT64
                                    ? "; cast to float32, or take webassembly"
                                    : ""));
        }
        return new Compiled.Port(name, buffer);
    }

    /// {@return a line per kernel: what it computes, which template took it, why others did not}
    public static List<String> explain(Compiled compiled) {
        var lines = new ArrayList<String>();
        for (var call : compiled.initial()) explain(call, "once: ", lines);
        for (var call : compiled.calls()) explain(call, "", lines);
        return lines;
    }

    private static void explain(Call call, String indent, List<String> lines) {
        switch (call) {
            case Call.Run run ->
                    lines.add(
                            indent
                                    + run.origin()
                                    + ": "
                                    + run.kernel().template()
                                    + reasons(run.declined()));
            case Call.Library library ->
                    lines.add(
                            indent
                                    + library.origin()
                                    + ": "
                                    + library.template()
                                    + reasons(library.declined()));
            case Call.Host host -> lines.add(indent + host.origin() + ": Host");
            case Call.Measure measure ->
                    lines.add(indent + measure.origin() + ": size " + measure.symbol());
            case Call.Repeat repeat -> {
                lines.add(indent + repeat.origin() + ": Repeat " + repeat.extent());
                repeat.body().forEach(inner -> explain(inner, indent + "  ", lines));
            }
        }
    }

    private static String reasons(List<String> declined) {
        return declined.isEmpty() ? "" : " (" + String.join("; ", declined) + ")";
    }
}
