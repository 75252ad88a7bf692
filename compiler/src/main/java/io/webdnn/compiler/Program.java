package io.webdnn.compiler;

import io.webdnn.compiler.emit.jvm.LoadedKernel;
import io.webdnn.compiler.memory.MemoryPlan;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.Graph;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// A graph compiled for the JVM.
///
/// Symbols (a batch size `N`) are bound from the shapes of the inputs of each run. What a run needs
/// is prepared at the first run with its sizes and kept, so that further runs allocate next to
/// nothing; results are the same bits whatever the number of threads.
///
/// A program is used by one thread at a time; others wait.
public final class Program {
    /// Sizes that are kept prepared: a training set's batches, its last batch, the evaluation's.
    private static final int PREPARED = 8;

    private final Compiled compiled;
    private final List<Call> calls;
    private final Map<Integer, Integer> aliases;
    private final Map<Buffer, Buffer> inPlace;
    private final Map<Buffer, Integer> slotOf;
    private final Object[] slots;
    private final DType[] slotTypes;
    private final Map<Buffer, Object> constants = new HashMap<>();
    private final Map<Call.Run, LoadedKernel> kernels = new HashMap<>();
    private final boolean dependsOnData;
    private int slotVersion;

    private final SequencedMap<List<Integer>, Prepared> prepared =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<List<Integer>, Prepared> eldest) {
                    return size() > PREPARED;
                }
            };

    private Program(Compiled compiled, Map<Integer, Integer> aliases) {
        this.compiled = compiled;
        this.aliases = Map.copyOf(aliases);
        var wanted = new LinkedHashMap<Buffer, Buffer>();
        for (int o = 0; o < compiled.outputs().size(); o++) {
            var i = aliases.get(o);
            if (i == null) continue;
            var output = compiled.outputs().get(o).buffer();
            var input = compiled.inputs().get(i).buffer();
            if (!output.type().equals(input.type())) {
                throw GraphException.of(
                        "Program",
                        "output '" + compiled.outputs().get(o).name() + "'",
                        "the type of input '"
                                + compiled.inputs().get(i).name()
                                + "', "
                                + input.type(),
                        output.type());
            }
            if (Border.isDirect(output.type().dtype())) wanted.put(output, input);
        }
        var ordered = InPlace.order(compiled.calls(), wanted);
        calls = ordered.calls();
        inPlace = ordered.pairs();
        var border = new HashSet<Buffer>();
        for (var port : compiled.inputs()) border.add(port.buffer());
        for (var port : compiled.outputs()) border.add(port.buffer());
        var plan = MemoryPlan.plan(calls, border);
        slotOf = plan.slotOf();
        slots = new Object[plan.slots().size()];
        slotTypes =
                plan.slots().stream().map(s -> s.getFirst().type().dtype()).toArray(DType[]::new);
        dependsOnData = calls.stream().anyMatch(c -> bindsSizes(c, knownSymbols()));
    }

    /// {@return a program whose outputs are new tensors}
    ///
    /// @throws CompileException for what the JVM cannot do; names the node
    public static Program compile(Graph graph) {
        return compile(graph, Map.of());
    }

    /// {@return a program}
    ///
    /// @param aliases output to the input whose storage it updates in place: the tensor given for
    ///   the output then shares the array of the tensor given for the input. Everything that reads
    ///   the input sees its old value
    /// @throws CompileException for what the JVM cannot do; names the node
    public static Program compile(Graph graph, Map<Integer, Integer> aliases) {
        Kernels.prime();
        return new Program(Compiler.compile(graph, Target.JVM), aliases);
    }

    private Set<String> knownSymbols() {
        var known = new HashSet<String>();
        for (var port : compiled.inputs()) known.addAll(port.buffer().type().shape().symbols());
        return known;
    }

    private static boolean bindsSizes(Call call, Set<String> known) {
        return call instanceof Call.Measure
                || call instanceof Call.Host host
                        && host.call().writes().stream()
                                .anyMatch(b -> !known.containsAll(b.type().shape().symbols()));
    }

    /// {@return a line per kernel: what it computes, which template took it, why others did not}
    public List<String> explain() {
        return Compiler.explain(compiled);
    }

    /// {@return the names of the inputs, in order}
    public List<String> inputNames() {
        return compiled.inputs().stream().map(Compiled.Port::name).toList();
    }

    /// {@return the names of the outputs, in order}
    public List<String> outputNames() {
        return compiled.outputs().stream().map(Compiled.Port::name).toList();
    }

    /// {@return whether there are sizes that only a run finds out}
    public boolean dependsOnData() {
        return dependsOnData;
    }

    /// {@return whether data may say that a run never ends}
    public boolean isEndless() {
        return calls.stream()
                .anyMatch(call ->
                        call instanceof Call.Repeat repeat
                                && repeat.goesOn() != null
                                && repeat.extent().is(Integer.MAX_VALUE));
    }

    /// {@return new tensors for the outputs}
    ///
    /// @throws GraphException if an input does not fit, or if data asks for a size that cannot be
    public synchronized List<Tensor> run(List<Tensor> inputs) {
        var sizes = bind(inputs);
        if (dependsOnData) return runOnce(inputs, sizes);
        var outputs = new Tensor[compiled.outputs().size()];
        for (int o = 0; o < outputs.length; o++) {
            var type = compiled.outputs().get(o).buffer().type();
            outputs[o] = Tensor.zeros(type.dtype(), sizes.of(type.shape()));
        }
        run(inputs, sizes, List.of(outputs), false);
        return List.of(outputs);
    }

    /// {@return new tensors for the outputs, by name}
    ///
    /// @throws GraphException if an input is missing or does not fit
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        var list = new ArrayList<Tensor>();
        for (var name : inputNames()) {
            var tensor = inputs.get(name);
            if (tensor == null) {
                throw GraphException.of(
                        "Program",
                        "input '" + name + "'",
                        "a tensor",
                        "none among " + inputs.keySet());
            }
            list.add(tensor);
        }
        var outputs = run(list);
        var byName = new LinkedHashMap<String, Tensor>();
        for (int o = 0; o < outputs.size(); o++) byName.put(outputNames().get(o), outputs.get(o));
        return byName;
    }

    /// Computes the outputs into given tensors.
    ///
    /// @param outputs one per output, none sharing an array with another tensor but for the aliases
    /// @throws GraphException if a tensor does not fit
    public synchronized void run(Tensor[] inputs, Tensor[] outputs) {
        var ins = Arrays.asList(inputs);
        var sizes = bind(ins);
        if (outputs.length != compiled.outputs().size()) {
            throw GraphException.of(
                    "Program",
                    "outputs",
                    String.valueOf(compiled.outputs().size()),
                    outputs.length);
        }
        if (dependsOnData) {
            var results = runOnce(ins, sizes);
            for (int o = 0; o < outputs.length; o++) {
                expectOutput(o, outputs[o], results.get(o).shape());
                Border.copy(results.get(o).storage(), outputs[o].storage(), outputs[o].size());
            }
            return;
        }
        for (int o = 0; o < outputs.length; o++) {
            var shape = compiled.outputs().get(o).buffer().type().shape();
            expectOutput(o, outputs[o], sizes.of(shape));
            var input = aliases.get(o);
            if (input != null && !isSame(outputs[o].storage(), inputs[input].storage())) {
                throw GraphException.of(
                        "Program",
                        "output '" + compiled.outputs().get(o).name() + "'",
                        "the array of input '" + compiled.inputs().get(input).name() + "'",
                        "another one");
            }
        }
        run(ins, sizes, Arrays.asList(outputs), true);
    }

    @SuppressWarnings("ReferenceEquality") // the question is whether both are one array
    private static boolean isSame(Object a, Object b) {
        return a == b;
    }

    private void expectOutput(int o, Tensor output, int[] shape) {
        var type = compiled.outputs().get(o).buffer().type();
        if (output.dtype() != type.dtype() || !Arrays.equals(output.shape(), shape)) {
            throw GraphException.of(
                    "Program",
                    "output '" + compiled.outputs().get(o).name() + "'",
                    type.dtype() + Arrays.toString(shape),
                    output);
        }
    }

    private Sizes bind(List<Tensor> inputs) {
        var ports = compiled.inputs();
        if (inputs.size() != ports.size()) {
            throw GraphException.of(
                    "Program", "inputs", String.valueOf(ports.size()), inputs.size());
        }
        var sizes = new Sizes();
        for (int i = 0; i < ports.size(); i++) {
            var type = ports.get(i).buffer().type();
            if (inputs.get(i).dtype() != type.dtype()) {
                throw GraphException.of(
                        "Program",
                        "input '" + ports.get(i).name() + "'",
                        type.toString(),
                        inputs.get(i));
            }
            sizes.bind(
                    "Program",
                    "input '" + ports.get(i).name() + "'",
                    type.shape(),
                    inputs.get(i).shape());
        }
        sizes.expect("Program", compiled.equations());
        return sizes;
    }

    // Runs whose sizes are known before

    /// A program for one set of sizes.
    ///
    /// @param version of the slots whose arrays it names
    private record Prepared(BoundProgram program, int version, Map<Buffer, Object> converted) {}

    private void run(List<Tensor> inputs, Sizes sizes, List<Tensor> outputs, boolean aliased) {
        var key = new ArrayList<Integer>();
        key.add(aliased ? 1 : 0);
        for (var input : inputs) for (int extent : input.shape()) key.add(extent);
        var ready = prepared.get(key);
        if (ready == null || ready.version != slotVersion) {
            ready = prepare(sizes, aliased);
            prepared.put(key, ready);
        }
        for (int i = 0; i < inputs.size(); i++) {
            var buffer = compiled.inputs().get(i).buffer();
            var converted = ready.converted.get(buffer);
            if (converted == null) ready.program.set(buffer, inputs.get(i).storage());
            else Border.widen(inputs.get(i), converted);
        }
        for (int o = 0; o < outputs.size(); o++) {
            var buffer = compiled.outputs().get(o).buffer();
            if (!ready.converted.containsKey(buffer))
                ready.program.set(buffer, outputs.get(o).storage());
        }
        ready.program.run();
        for (int o = 0; o < outputs.size(); o++) {
            var converted = ready.converted.get(compiled.outputs().get(o).buffer());
            if (converted == null) continue;
            if (Border.isDirect(outputs.get(o).dtype()))
                Border.copy(converted, outputs.get(o).storage(), outputs.get(o).size());
            else Border.narrow(converted, outputs.get(o));
        }
    }

    // Where the time goes

    /// What a call of the program takes.
    ///
    /// @param call what is run, by which template
    /// @param milliseconds the median over the runs
    public record Timing(Call call, double milliseconds) {}

    /// {@return what each call takes, in the order in which they run}
    ///
    /// @param runs how often it is measured
    /// @throws GraphException if an input does not fit, or if sizes depend on data
    public synchronized List<Timing> profile(List<Tensor> inputs, int runs) {
        if (dependsOnData)
            throw GraphException.of(
                    "Program", "sizes", "known before the run", "some that depend on data");
        run(inputs); // prepares
        var ready = prepared.sequencedValues().getLast();
        var times = new long[runs][calls.size()];
        for (var each : times) ready.program.run(each);
        var timings = new ArrayList<Timing>();
        for (int c = 0; c < calls.size(); c++) {
            int call = c;
            double median =
                    Arrays.stream(times).mapToLong(t -> t[call]).sorted().toArray()[runs / 2];
            timings.add(new Timing(calls.get(c), median / 1e6));
        }
        return timings;
    }

    private Prepared prepare(Sizes sizes, boolean aliased) {
        var converted = new HashMap<Buffer, Object>();
        for (var port : compiled.inputs()) {
            if (!Border.isDirect(port.buffer().type().dtype()))
                converted.put(port.buffer(), allocate(port.buffer(), sizes));
        }
        for (int o = 0; o < compiled.outputs().size(); o++) {
            var buffer = compiled.outputs().get(o).buffer();
            boolean copied = aliased && aliases.containsKey(o) && !inPlace.containsKey(buffer);
            if (copied || !Border.isDirect(buffer.type().dtype()))
                converted.put(buffer, allocate(buffer, sizes));
        }
        grow(sizes);
        var ports = new HashSet<Buffer>();
        for (var port : compiled.inputs()) ports.add(port.buffer());
        for (var port : compiled.outputs()) ports.add(port.buffer());
        var program =
                new BoundProgram(
                        sizes,
                        buffer -> {
                            var array = converted.get(buffer);
                            if (array != null) return array;
                            return ports.contains(buffer) ? NOTHING : array(buffer);
                        },
                        kernels);
        for (var call : calls) program.add(call);
        return new Prepared(program, slotVersion, converted);
    }

    /// Stands for the array of a tensor that is given later.
    private static final Object NOTHING = new Object();

    private static Object allocate(Buffer buffer, Sizes sizes) {
        return Border.allocate(buffer.type().dtype(), elements(buffer, sizes));
    }

    private static int elements(Buffer buffer, Sizes sizes) {
        long elements;
        try {
            elements = sizes.of(buffer.type().shape().elements());
        } catch (ArithmeticException e) { // of 64 bits
            elements = Long.MAX_VALUE;
        }
        if (elements > Integer.MAX_VALUE)
            throw GraphException.of(
                    "Program",
                    "'" + buffer + "' " + buffer.type() + " with " + sizes,
                    "fewer than 2^31 elements",
                    elements == Long.MAX_VALUE ? "2^63 or more" : elements);
        return Math.max(0, (int) elements);
    }

    /// Makes every slot large enough.
    private void grow(Sizes sizes) {
        for (var entry : slotOf.entrySet()) {
            var buffer = entry.getKey();
            int slot = entry.getValue();
            if (isPort(buffer)) continue;
            int needed = elements(buffer, sizes);
            var array = slots[slot];
            if (array == null || java.lang.reflect.Array.getLength(array) < needed) {
                slots[slot] = Border.allocate(slotTypes[slot], needed);
                slotVersion++;
            }
        }
    }

    private boolean isPort(Buffer buffer) {
        for (var port : compiled.inputs()) if (port.buffer() == buffer) return true;
        for (var port : compiled.outputs()) if (port.buffer() == buffer) return true;
        return false;
    }

    private Object array(Buffer buffer) {
        var constant = buffer.constant();
        if (constant != null) return constants.computeIfAbsent(buffer, _ -> Border.array(constant));
        var slot = slotOf.get(buffer);
        var array = slot == null ? null : slots[slot];
        if (array == null)
            throw new IllegalStateException("Program: buffer '" + buffer + "': expected a slot");
        return array;
    }

    // Runs whose sizes depend on data

    private List<Tensor> runOnce(List<Tensor> inputs, Sizes sizes) {
        var arrays = new HashMap<Buffer, Object>();
        for (int i = 0; i < inputs.size(); i++)
            arrays.put(compiled.inputs().get(i).buffer(), Border.array(inputs.get(i)));
        var program =
                new BoundProgram(
                        sizes,
                        buffer ->
                                buffer.constant() != null
                                        ? array(buffer)
                                        : arrays.computeIfAbsent(buffer, b -> place(b, sizes)),
                        kernels);
        for (var call : calls) program.step(call);
        var outputs = new ArrayList<Tensor>();
        for (var port : compiled.outputs()) {
            var buffer = port.buffer();
            Object array = arrays.computeIfAbsent(buffer, b -> place(b, sizes));
            int[] shape = sizes.of(buffer.type().shape());
            // less than what was found, where nothing was
            for (int d = 0; d < shape.length; d++) shape[d] = Math.max(0, shape[d]);
            outputs.add(Border.tensor(buffer, array, shape));
        }
        return outputs;
    }

    /// {@return the array of a buffer whose size is known by now}: outputs are new; others take
    /// their slot, which stays as large as it ever was
    private Object place(Buffer buffer, Sizes sizes) {
        var slot = slotOf.get(buffer);
        if (slot == null || isPort(buffer)) return allocate(buffer, sizes);
        var array = slots[slot];
        if (array == null || java.lang.reflect.Array.getLength(array) < elements(buffer, sizes)) {
            array = allocate(buffer, sizes);
            slots[slot] = array;
        }
        return array;
    }
}
