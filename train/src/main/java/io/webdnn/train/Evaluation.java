package io.webdnn.train;

import io.webdnn.compiler.Program;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Computes what histories describe: the history of what is asked for is turned into one program,
/// which is kept under its [Structure] and runs again whenever the same structure comes back.
///
/// Every number that Java code passes is an input of the program and the size of the batch is a
/// symbol, so that one training loop needs a handful of programs.
public final class Evaluation {
    static final Object LOCK = new Object();

    private static final int KEPT_PROGRAMS = 128;
    private static final Map<Structure, Compiled> PROGRAMS =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Structure, Compiled> eldest) {
                    return size() > KEPT_PROGRAMS;
                }
            };
    private static final ThreadLocal<ArrayList<WeakReference<Variable>>> RETAINED =
            ThreadLocal.withInitial(ArrayList::new);
    private static long programsCompiled;
    private static long programsRun;

    private Evaluation() {}

    /// A program, or none where the history does not hold for every size of the batch.
    private record Compiled(@Nullable Program program) {}

    /// {@return how many programs were compiled since the start}
    public static long programsCompiled() {
        synchronized (LOCK) {
            return programsCompiled;
        }
    }

    /// {@return how often programs were run since the start}
    public static long programsRun() {
        synchronized (LOCK) {
            return programsRun;
        }
    }

    /// Computes variables, and those that are retained, in one program.
    public static void compute(List<Variable> variables) {
        synchronized (LOCK) {
            var wanted = takeRetained();
            int retained = wanted.size();
            addPending(variables, wanted);
            if (wanted.isEmpty()) return;
            var history = History.of(wanted);
            if (retained > 0 && staleNode(history) != null) {
                wanted.subList(0, retained).clear();
                if (wanted.isEmpty()) return;
                history = History.of(wanted);
            }
            expectFresh(history, wanted.getFirst());
            run(history, wanted, List.of());
        }
    }

    /// Computes values and puts them in the place of parameters' contents, together with all that
    /// is retained, in one program. What was recorded with the old contents and is neither among
    /// them nor retained can no longer be read.
    public static void assign(List<Parameter> targets, List<Variable> values) {
        synchronized (LOCK) {
            var wanted = takeRetained();
            wanted.addAll(values);
            var history = History.of(wanted);
            expectFresh(history, values.getFirst());
            for (int i = 0; i < targets.size(); i++) {
                if (!targets.get(i).type().equals(values.get(i).type())) {
                    throw TrainingException.of(
                            "Parameter '" + targets.get(i).name() + "'",
                            "new value",
                            targets.get(i).type().toString(),
                            values.get(i).type());
                }
            }
            run(history, wanted, targets);
            for (int i = 0; i < targets.size(); i++) targets.get(i).touch();
        }
    }

    static void retain(Variable variable) {
        var list = RETAINED.get();
        if (list.size() > 64) list.removeIf(r -> isDone(r.get()));
        list.add(new WeakReference<>(variable));
    }

    private static boolean isDone(@Nullable Variable variable) {
        return variable == null || variable.isComputed();
    }

    /// Computes what is retained, before something else changes parameters.
    static void computeRetained() {
        compute(List.of());
    }

    private static List<Variable> takeRetained() {
        var pending = new ArrayList<Variable>();
        var list = RETAINED.get();
        for (int i = 0; i < list.size(); i++) {
            var variable = list.get(i).get();
            if (variable != null && !variable.isComputed()) pending.add(variable);
        }
        list.clear();
        return pending;
    }

    private static void addPending(List<Variable> variables, List<Variable> wanted) {
        for (var variable : variables)
            if (!variable.isComputed() && !wanted.contains(variable)) wanted.add(variable);
    }

    private static @Nullable FunctionNode staleNode(History history) {
        for (int i = 0; i < history.nodes().size(); i++)
            if (history.nodes().get(i).isStale()) return history.nodes().get(i);
        return null;
    }

    static void expectFresh(History history, Variable read) {
        var stale = staleNode(history);
        if (stale == null) return;
        throw TrainingException.saying(
                read.toString(),
                "the parameters of "
                        + stale
                        + " were changed by an update before it was computed; call retain() on it"
                        + " before the update to read it here ("
                        + UserLine.find()
                        + ")");
    }

    /// @param targets what the last of the wanted variables replace, in order
    private static void run(History history, List<Variable> wanted, List<Parameter> targets) {
        var program = program(history, wanted, targets);
        var inputs = new Tensor[history.leaves().size()];
        for (int i = 0; i < inputs.length; i++) inputs[i] = history.leaves().get(i).value();
        int free = wanted.size() - targets.size();
        var outputs = new Tensor[wanted.size()];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] =
                    i < free ? Types.zeros(wanted.get(i).type()) : targets.get(i - free).value();
        }
        program.run(inputs, outputs);
        programsRun++;
        for (int i = 0; i < free; i++) wanted.get(i).setData(outputs[i]);
    }

    private static Program program(
            History history, List<Variable> wanted, List<Parameter> targets) {
        int batchSize = history.batchSize();
        var symbolic = Structure.of(history, wanted, targets, batchSize);
        var compiled = PROGRAMS.get(symbolic);
        if (compiled == null) {
            compiled = compile(history, wanted, targets, batchSize);
            PROGRAMS.put(symbolic, compiled);
        }
        if (compiled.program != null) return compiled.program;
        var fixed = Structure.of(history, wanted, targets, -1);
        compiled = PROGRAMS.get(fixed);
        if (compiled == null) {
            compiled = compile(history, wanted, targets, -1);
            PROGRAMS.put(fixed, compiled);
        }
        if (compiled.program == null) throw new AssertionError("inference accepted fixed sizes");
        return compiled.program;
    }

    private static Compiled compile(
            History history, List<Variable> wanted, List<Parameter> targets, int batchSize) {
        Graph graph;
        try {
            graph = graph(history, wanted, batchSize);
        } catch (GraphException | IllegalStateException | IllegalArgumentException e) {
            if (batchSize < 0) throw e;
            return new Compiled(null); // holds for some sizes only
        }
        var aliases = new HashMap<Integer, Integer>();
        int free = wanted.size() - targets.size();
        for (int i = 0; i < targets.size(); i++) {
            long leaf = history.reference(targets.get(i));
            if (leaf != History.ABSENT) aliases.put(free + i, (int) leaf);
        }
        programsCompiled++;
        return new Compiled(Program.compile(graph, aliases));
    }

    private static Graph graph(History history, List<Variable> wanted, int batchSize) {
        var built =
                new HistoryGraph(
                        history,
                        leaf ->
                                Value.input(
                                        leaf.name().isEmpty() ? "x" : leaf.name(),
                                        History.typeOfLeaf(leaf, batchSize)));
        var names = new ArrayList<String>();
        for (int i = 0; i < wanted.size(); i++) names.add("y" + i);
        return built.graph(built.leaves(), wanted, names);
    }
}
