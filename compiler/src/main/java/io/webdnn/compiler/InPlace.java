package io.webdnn.compiler;

import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.expr.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Outputs that are written over inputs: puts each writer after the last reader of what it
/// overwrites.
///
/// An output whose writer reads other elements of the input than the one it replaces, or whose
/// writer something depends on that still reads the input, is not written in place: its pair is
/// left out, and the program copies it at the end.
final class InPlace {
    /// The calls in an order that allows the pairs.
    ///
    /// @param pairs output to the input whose array it shares
    record Ordered(List<Call> calls, Map<Buffer, Buffer> pairs) {}

    private InPlace() {}

    /// {@return the calls, reordered, with as many of the wanted pairs as are possible}
    static Ordered order(List<Call> calls, Map<Buffer, Buffer> wanted) {
        var pairs = new LinkedHashMap<Buffer, Buffer>();
        var order = calls;
        // what stands behind a measure may need its size, without reading what it reads
        if (calls.stream().anyMatch(c -> c instanceof Call.Measure))
            return new Ordered(calls, pairs);
        for (var entry : wanted.entrySet()) {
            if (!isElementwise(calls, entry.getKey(), entry.getValue())) continue;
            var tried = new LinkedHashMap<>(pairs);
            tried.put(entry.getKey(), entry.getValue());
            var sorted = sort(calls, tried);
            if (sorted.size() == calls.size()) {
                pairs = tried;
                order = sorted;
            }
        }
        return new Ordered(order, pairs);
    }

    /// Whether one kernel writes the output, and reads the input, if at all, only at the element
    /// that it is about to write.
    private static boolean isElementwise(List<Call> calls, Buffer output, Buffer input) {
        Call.Run writer = null;
        for (var call : calls) {
            var writes = writes(call);
            if (!writes.contains(output)) continue;
            if (!(call instanceof Call.Run run) || writer != null) return false;
            writer = run;
        }
        if (writer == null) return false;
        var positions = writer.buffers();
        int out = positions.indexOf(output);
        int in = positions.indexOf(input);
        if (in < 0) return true;
        var kernel = writer.kernel();
        var stores = new HashSet<Term>();
        var loads = new HashSet<Term>();
        offsets(kernel.body(), kernel.buffers().get(out), kernel.buffers().get(in), stores, loads);
        return stores.size() == 1 && stores.containsAll(loads);
    }

    private static void offsets(
            Stmt statement,
            KernelBuffer output,
            KernelBuffer input,
            Set<Term> stores,
            Set<Term> loads) {
        switch (statement) {
            case Stmt.Block(var statements) ->
                    statements.forEach(s -> offsets(s, output, input, stores, loads));
            case Stmt.Declare(_, var value) -> loads(value, input, loads);
            case Stmt.Assign(_, var value) -> loads(value, input, loads);
            case Stmt.Store(var buffer, var offset, var value) -> {
                if (buffer == output) stores.add(offset);
                loads(offset, input, loads);
                loads(value, input, loads);
            }
            case Stmt.LocalStore(_, var index, var value) -> {
                loads(index, input, loads);
                loads(value, input, loads);
            }
            case Stmt.For(_, var extent, _, var body) -> {
                loads(extent, input, loads);
                offsets(body, output, input, stores, loads);
            }
            case Stmt.If(var condition, var then, var otherwise) -> {
                loads(condition, input, loads);
                offsets(then, output, input, stores, loads);
                offsets(otherwise, output, input, stores, loads);
            }
            case Stmt.Barrier _, Stmt.Call _ -> {}
        }
    }

    private static void loads(Term term, KernelBuffer input, Set<Term> loads) {
        switch (term) {
            case Term.Load(var buffer, var offset, _) -> {
                if (buffer == input) loads.add(offset);
                loads(offset, input, loads);
            }
            case Term.Literal _, Term.Variable _, Term.Parameter _, Term.GridIndex _ -> {}
            case Term.Apply(_, var a) -> loads(a, input, loads);
            case Term.Combine(_, var a, var b) -> {
                loads(a, input, loads);
                loads(b, input, loads);
            }
            case Term.MultiplyAdd(var a, var b, var c) -> {
                loads(a, input, loads);
                loads(b, input, loads);
                loads(c, input, loads);
            }
            case Term.Choose(var c, var a, var b) -> {
                loads(c, input, loads);
                loads(a, input, loads);
                loads(b, input, loads);
            }
            case Term.Convert(_, var a) -> loads(a, input, loads);
            case Term.Reinterpret(_, var a) -> loads(a, input, loads);
            case Term.Splat(var a) -> loads(a, input, loads);
            case Term.Lane(var a, var lane) -> {
                loads(a, input, loads);
                loads(lane, input, loads);
            }
            case Term.Vector(var lanes) -> lanes.forEach(l -> loads(l, input, loads));
            case Term.LocalLoad(_, var index) -> loads(index, input, loads);
        }
    }

    static Set<Buffer> writes(Call call) {
        var writes = new HashSet<Buffer>();
        touched(call, writes, true);
        return writes;
    }

    static Set<Buffer> reads(Call call) {
        var reads = new HashSet<Buffer>();
        touched(call, reads, false);
        return reads;
    }

    private static void touched(Call call, Set<Buffer> into, boolean written) {
        switch (call) {
            case Call.Run run -> {
                for (int i = 0; i < run.buffers().size(); i++) {
                    boolean reads =
                            run.kernel().buffers().get(i).access() == KernelBuffer.Access.READ;
                    if (reads != written) into.add(run.buffers().get(i));
                }
            }
            case Call.Host host ->
                    into.addAll(written ? host.call().writes() : host.call().reads());
            case Call.Measure measure -> {
                if (!written) into.add(measure.source());
            }
            case Call.Library library -> into.addAll(written ? library.writes() : library.reads());
            case Call.Repeat repeat -> repeat.body().forEach(c -> touched(c, into, written));
        }
    }

    /// Each call after the writers of what it reads, after earlier writers of what it writes, and
    /// the writer of an output of a pair after the readers of the input; otherwise the order stays.
    /// Shorter than the calls if that is impossible.
    private static List<Call> sort(List<Call> calls, Map<Buffer, Buffer> pairs) {
        int n = calls.size();
        var before = new ArrayList<Set<Integer>>();
        var writers = new HashMap<Buffer, Integer>();
        var readers = new HashMap<Buffer, List<Integer>>();
        for (int i = 0; i < n; i++) {
            var needed = new HashSet<Integer>();
            for (var buffer : reads(calls.get(i))) {
                var writer = writers.get(buffer);
                if (writer != null) needed.add(writer);
                readers.computeIfAbsent(buffer, _ -> new ArrayList<>()).add(i);
            }
            for (var buffer : writes(calls.get(i))) {
                var writer = writers.put(buffer, i);
                if (writer != null) needed.add(writer);
                if (writer != null) needed.addAll(readers.getOrDefault(buffer, List.of()));
            }
            needed.remove(i);
            before.add(needed);
        }
        for (var pair : pairs.entrySet()) {
            var writer = writers.get(pair.getKey());
            if (writer == null) continue;
            for (int reader : readers.getOrDefault(pair.getValue(), List.of()))
                if (reader != writer) before.get(writer).add(reader);
        }
        var sorted = new ArrayList<Call>();
        var done = new HashSet<Integer>();
        boolean progress = true;
        while (progress) {
            progress = false;
            for (int i = 0; i < n; i++) {
                if (!done.contains(i) && done.containsAll(before.get(i))) {
                    done.add(i);
                    sorted.add(calls.get(i));
                    progress = true;
                }
            }
        }
        return sorted;
    }
}
