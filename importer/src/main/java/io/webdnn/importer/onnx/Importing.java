package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.HostOperator;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.shape.NameExtents;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One run of the importer: names to values, node after node.
final class Importing {
    private static final int OLDEST = 1;
    private static final int NEWEST = 28;

    /// Functions that a model defines may call each other, never themselves.
    private static final int DEEPEST_CALL = 64;

    /// Nodes and bodies of control flow that a model may be written out in: loops within loops
    /// multiply.
    private static final int MOST_WRITTEN = 1 << 18;

    private final String file;
    private final OnnxModel model;
    private final Given given;
    private Map<String, Value> values = new HashMap<>();
    private Map<String, Long> opsets;
    private final Evaluation evaluation = new Evaluation();
    private final List<Value> inputs = new ArrayList<>(); // of the graph
    private final Set<String> needed = new LinkedHashSet<>();
    private final Set<String> labels = new HashSet<>();
    private final OpenExtents open = new OpenExtents();
    private int written;
    private int depth;
    private final IdentityHashMap<Value, Collection> collections = new IdentityHashMap<>();

    /// What is said about the inputs.
    ///
    /// @param shapes in the place of declared ones
    /// @param elements of sequences, and of optionals that hold something
    /// @param absent optionals that hold nothing
    /// @param keys of maps
    /// @param constants values of tensors
    /// @param offered inputs that become constants if a value of theirs must be known
    record Given(
            Map<String, Shape> shapes,
            Map<String, List<TensorType>> elements,
            Set<String> absent,
            Map<String, Tensor> keys,
            Map<String, Tensor> constants,
            Set<String> offered) {}

    /// What is no tensor of the graph. Sequences are as long as they are when compiling, so they
    /// leave no trace in the graph: a stand-in takes the place of one among the values until
    /// somebody asks for an element.
    sealed interface Collection {
        /// Values of one type.
        record Sequence(List<Value> elements) implements Collection {
            public Sequence {
                elements = List.copyOf(elements);
            }

            @Override
            public String toString() {
                return "a sequence of " + elements.size();
            }
        }

        /// A map whose keys are known when compiling.
        ///
        /// @param keys `[count]`, strings or int64
        /// @param values `[count]`
        record Dictionary(Tensor keys, Value values) implements Collection {
            @Override
            public String toString() {
                return "a map of " + keys.size();
            }
        }

        /// A sequence of maps that all have the same keys.
        ///
        /// @param keys `[count]`, strings or int64
        /// @param values `[maps, count]`
        record Dictionaries(Tensor keys, Value values) implements Collection {
            @Override
            public String toString() {
                return "a sequence of maps of " + keys.size();
            }
        }

        /// A complex tensor.
        ///
        /// @param imaginary of the dtype and shape of the real part
        record Complex(Value real, Value imaginary) implements Collection {
            @Override
            public String toString() {
                return ComplexParts.whole(real.type()).toString();
            }
        }

        /// An optional that holds nothing; one that holds something is what it holds.
        record Nothing() implements Collection {
            @Override
            public String toString() {
                return "an empty optional";
            }
        }
    }

    Importing(String file, OnnxModel model, Given given) {
        this.file = file;
        this.model = model;
        this.given = given;
        opsets = model.opsets();
    }

    /// {@return the stand-in for a collection; that for a complex tensor has the type of its parts}
    Value standIn(Collection collection) {
        var type =
                collection instanceof Collection.Complex(var real, _)
                        ? real.type()
                        : TensorType.of(DType.BOOL);
        var value = Value.input(collection.toString(), type);
        collections.put(value, collection);
        return value;
    }

    /// {@return what a value stands in for, or null if it is a tensor}
    @Nullable Collection collection(Value value) {
        return collections.get(value);
    }

    /// {@return after a failure: the graph inputs whose values would have been needed}
    Set<String> needed() {
        return needed;
    }

    Graph graph() {
        var graph = model.graph();
        graph.initializers()
                .forEach((name, tensor) -> values.put(name, constant(name, tensor.toTensor())));
        for (var input : graph.inputs()) {
            if (values.containsKey(input.name())) continue; // an initializer's default is its value
            values.put(input.name(), input(input.name(), input.type()));
        }
        var outputs = new LinkedHashMap<String, Value>();
        outputs(graph)
                .forEach((name, value) -> {
                    switch (collections.get(value)) {
                        case null -> outputs.put(name, value);
                        case Collection.Complex _ -> outputs.put(name, joined(name, value));
                        case Collection.Dictionary(_, var values) ->
                                outputs.put(name, joined(name, values));
                        case Collection.Dictionaries(_, var values) ->
                                outputs.put(name, joined(name, values));
                        case Collection.Sequence _, Collection.Nothing _ ->
                                putElements(name, tensors(value), outputs);
                    }
                });
        var whole = new Graph(inputs, List.copyOf(outputs.values()), List.copyOf(outputs.keySet()));
        return new NameExtents().apply(whole);
    }

    /// {@return the tensors that a value is}
    private List<Value> tensors(Value value) {
        return switch (collections.get(value)) {
            case null -> List.of(value);
            case Collection.Complex _ -> List.of(value);
            case Collection.Nothing _ -> List.of();
            case Collection.Dictionary(_, var values) -> List.of(values);
            case Collection.Dictionaries(_, var values) -> List.of(values);
            case Collection.Sequence(var elements) ->
                    elements.stream().flatMap(e -> tensors(e).stream()).toList();
        };
    }

    private void putElements(String name, List<Value> elements, Map<String, Value> outputs) {
        for (int i = 0; i < elements.size(); i++) {
            var element = name + "." + i;
            var copy = apply(new Identity(), element, List.of(elements.get(i))).getFirst();
            outputs.put(element, joined(element, copy));
        }
    }

    private Map<String, Value> outputs(OnnxGraph graph) {
        for (var node : NodeOrder.of(graph.nodes(), values.keySet(), file)) translate(node);
        var outputs = new LinkedHashMap<String, Value>();
        for (var output : graph.outputs()) {
            outputs.put(output.name(), value(output.name()));
        }
        return outputs;
    }

    /// {@return the outputs of a graph inside a node, whose names hide those around it and end with
    /// it}
    List<Value> body(OnnxGraph graph, List<Value> given) {
        written += values.size() / 64; // their names are copied
        count("body");
        var around = Map.copyOf(values);
        graph.nodes().forEach(node -> node.outputs().forEach(values::remove));
        graph.initializers()
                .forEach((name, tensor) -> values.put(name, constant(name, tensor.toTensor())));
        for (int i = 0; i < given.size(); i++)
            values.put(graph.inputs().get(i).name(), given.get(i));
        outputs(graph);
        var outputs = new ArrayList<Value>();
        for (var output : graph.outputs()) outputs.add(value(output.name()));
        values.clear();
        values.putAll(around);
        return outputs;
    }

    private Value value(String name) {
        var value = values.get(name);
        if (value == null)
            throw GraphException.of(file, "output '" + name + "'", "a value", "none");
        return value;
    }

    /// {@return a constant, or the stand-in for a complex one}
    Value constant(String name, Tensor tensor) {
        if (!ComplexParts.isComplex(tensor.dtype())) return Value.constant(name, tensor);
        return standIn(
                new Collection.Complex(
                        Value.constant(name, ComplexParts.part(tensor, 0)),
                        Value.constant(name, ComplexParts.part(tensor, 1))));
    }

    /// {@return an input of the graph; complex ones are real, with the parts along a last axis}
    private Value input(String name, TensorType type) {
        if (!ComplexParts.isComplex(type.dtype())) {
            var value = Value.input(name, type);
            inputs.add(value);
            return value;
        }
        var extents = new ArrayList<>(type.shape().dimensions());
        extents.add(Dimension.of(2));
        var pairs =
                input(name, new TensorType(ComplexParts.part(type.dtype()), new Shape(extents)));
        return standIn(new Collection.Complex(part(name, pairs, 0), part(name, pairs, 1)));
    }

    private Value part(String name, Value pairs, long which) {
        var index = Value.constant("", Tensor.of(new long[] {which}));
        return apply(new Gather(-1), name, List.of(pairs, index)).getFirst();
    }

    /// {@return a tensor as the graph has it at its end: as inputs are}
    private Value joined(String name, Value value) {
        if (!(collections.get(value) instanceof Collection.Complex(var real, var imaginary)))
            return value;
        var last = Value.constant("", Tensor.of(new long[] {-1}, 1));
        var pair = new ArrayList<Value>();
        for (var part : List.of(real, imaginary))
            pair.addAll(apply(new Unsqueeze(), name, List.of(part, last)));
        return apply(new Concat(-1), name, pair).getFirst();
    }

    private Value input(String name, OnnxType type) {
        var place = "input '" + name + "'";
        return switch (type) {
            case OnnxType.Other(var kind) -> throw GraphException.of(file, place, "a tensor", kind);
            case OnnxType.Of tensor -> tensor(name, place, tensor);
            case OnnxType.Sequence(OnnxType.Of(var dtype, _)) -> sequence(name, place, dtype);
            case OnnxType.Dictionary(var key, OnnxType.Of(var dtype, _)) ->
                    dictionary(name, place, key, dtype);
            case OnnxType.Optional _ when given.absent.contains(name) ->
                    standIn(new Collection.Nothing());
            case OnnxType.Optional(OnnxType.Of(var dtype, _)) -> {
                var elements = elements(name, place, dtype);
                if (elements.size() != 1)
                    throw GraphException.of(file, place, "one element, or none", elements.size());
                yield elements.getFirst();
            }
            case OnnxType.Optional(OnnxType.Sequence(OnnxType.Of(var dtype, _))) ->
                    sequence(name, place, dtype);
            case OnnxType.Sequence _, OnnxType.Optional _, OnnxType.Dictionary _ ->
                    throw GraphException.of(
                            file, place, "a tensor, or a sequence or an optional of tensors", type);
        };
    }

    private Value dictionary(String name, String place, DType key, DType dtype) {
        var keys = given.keys.get(name);
        if (keys == null)
            throw GraphException.of(
                    file, place, "the keys of the map, known when compiling", "none");
        if (keys.dtype() != key) throw GraphException.of(file, place, key + " keys", keys.dtype());
        var values = input(name, TensorType.of(dtype, keys.size()));
        return standIn(new Collection.Dictionary(keys, values));
    }

    private Value sequence(String name, String place, DType dtype) {
        return standIn(new Collection.Sequence(elements(name, place, dtype)));
    }

    private List<Value> elements(String name, String place, DType dtype) {
        var types = given.elements.get(name);
        if (types == null)
            throw GraphException.of(file, place, "the types of its elements", "none");
        var elements = new ArrayList<Value>();
        for (var type : types) {
            var element = name + "." + elements.size();
            if (type.dtype() != dtype) throw GraphException.of(file, place, dtype + "", type);
            var constant = given.constants.get(element);
            elements.add(constant == null ? input(element, type) : constant(element, constant));
        }
        return elements;
    }

    private Value tensor(String name, String place, OnnxType.Of type) {
        var dtype = type.dtype();
        var constant = given.constants.get(name);
        if (constant != null) {
            if (constant.dtype() != dtype)
                throw GraphException.of(file, place, dtype.toString(), constant);
            return constant(name, constant);
        }
        var declared = type.shape(name);
        var shape = given.shapes.getOrDefault(name, declared);
        if (shape == null)
            throw GraphException.of(file, place, "a declared rank, or --input-shape", "none");
        if (declared != null && shape.rank() != declared.rank())
            throw GraphException.of(file, place, "rank " + declared.rank(), shape);
        open.add(shape);
        return input(name, new TensorType(dtype, shape));
    }

    private void translate(OnnxNode node) {
        try {
            var outputs = outputs(node);
            for (int i = 0; i < node.outputs().size(); i++) {
                var name = node.outputs().get(i);
                if (name.isEmpty()) continue;
                if (i >= outputs.size()) {
                    throw node.wrong("outputs", "at most " + outputs.size(), i + 1);
                }
                values.put(name, outputs.get(i));
            }
        } catch (GraphException e) {
            throw e.at(node.place(file));
        }
    }

    private List<Value> outputs(OnnxNode node) {
        var function = model.function(node);
        if (function != null) return called(node, function);
        var operator = OnnxOperators.find(node);
        int opset = opset(node);
        var inputs = new ArrayList<Value>();
        for (var name : node.inputs()) inputs.add(lookUp(node, name));
        var translation = new Translation(node, opset, inputs, this);
        try {
            var outputs = operator.translate(translation);
            translation.expectNoOther();
            translation.expectComplex(outputs);
            return outputs;
        } catch (ArithmeticException
                | IllegalArgumentException
                | IllegalStateException
                | UnsupportedOperationException e) {
            // Dimension and Tensor, which complain so, know no operation.
            throw node.saying(String.valueOf(e.getMessage()));
        }
    }

    /// {@return the outputs of an operator that the model itself defines: its nodes see only what
    /// the call gives them, and speak of the operator sets that the function names}
    private List<Value> called(OnnxNode node, OnnxModel.Function function) {
        count(node.operator());
        if (++depth > DEEPEST_CALL)
            throw node.wrong("functions", "calls at most " + DEEPEST_CALL + " deep", depth);
        var nodes = FunctionCall.nodes(node, function);
        var inner = new HashMap<String, Value>();
        for (int i = 0; i < function.inputs().size(); i++) {
            boolean isGiven = i < node.inputs().size();
            var value = isGiven ? lookUp(node, node.inputs().get(i)) : Value.ABSENT;
            inner.put(function.inputs().get(i), value);
        }
        var around = values;
        var spoken = opsets;
        values = inner;
        opsets = new HashMap<>(model.opsets());
        opsets.putAll(function.opsets());
        for (var each : NodeOrder.of(nodes, values.keySet(), file)) translate(each);
        var outputs = new ArrayList<Value>();
        for (int i = 0; i < node.outputs().size(); i++) {
            boolean isWanted = !node.outputs().get(i).isEmpty();
            outputs.add(isWanted ? value(function.outputs().get(i)) : Value.ABSENT);
        }
        values = around;
        opsets = spoken;
        depth--;
        return outputs;
    }

    /// {@return a name of which there is only one: a node in a loop or a function stands for
    /// several}
    String unique(String name) {
        var label = name;
        for (int i = 2; !labels.add(label); i++) label = name + "#" + i;
        return label;
    }

    private int opset(OnnxNode node) {
        var version = opsets.get(node.domain());
        if (version == null || version < OLDEST || version > NEWEST) {
            throw node.wrong(
                    "opset", OLDEST + " ... " + NEWEST, version == null ? "none" : version);
        }
        return (int) (long) version;
    }

    Value lookUp(OnnxNode node, String name) {
        if (name.isEmpty()) return Value.ABSENT;
        var value = values.get(name);
        if (value == null) {
            throw node.wrong("input", "a value that was computed before", "'" + name + "'");
        }
        return value;
    }

    private void count(String operator) {
        if (++written > MOST_WRITTEN)
            throw GraphException.of(
                    operator,
                    "the model with its loops written out",
                    "at most " + MOST_WRITTEN + " nodes",
                    "more");
    }

    /// {@return the outputs of an operator; operands whose value it asks for are evaluated}
    List<Value> apply(Op op, String name, List<Value> operands) {
        count(op.name());
        var complex = new ArrayList<Integer>();
        for (int i = 0; i < operands.size(); i++) {
            switch (collections.get(operands.get(i))) {
                case null -> {}
                case Collection.Complex _ -> complex.add(i);
                case Collection other ->
                        throw GraphException.of(op.name(), "operand", "a tensor", other);
            }
        }
        if (!complex.isEmpty()) return applyToParts(op, name, operands, complex);
        boolean isText = operands.stream().anyMatch(Importing::isText);
        var fitting = isText && !(op instanceof HostOperator) ? new OnStrings(op) : op;
        var current = new ArrayList<>(agreeing(op, operands));
        while (true) {
            try {
                return new Node(fitting, name, current).outputs();
            } catch (GraphException e) {
                if (e.unknownInput().isEmpty()) throw e;
                int i = e.unknownInput().getAsInt();
                var known = known(current.get(i));
                if (known == null) {
                    needed.addAll(evaluation.inputs(current.get(i)));
                    throw e;
                }
                current.set(i, known);
            }
        }
    }

    private List<Value> applyToParts(
            Op op, String name, List<Value> operands, List<Integer> complex) {
        var reals = apply(op, name, parts(operands, Collection.Complex::real));
        var node = reals.getFirst().producer();
        if (node == null) throw new AssertionError(op);
        ComplexParts.expectMove(node, complex);
        var imaginaries = apply(op, name, parts(operands, Collection.Complex::imaginary));
        var outputs = new ArrayList<Value>();
        for (int i = 0; i < reals.size(); i++)
            outputs.add(standIn(new Collection.Complex(reals.get(i), imaginaries.get(i))));
        return outputs;
    }

    private List<Value> parts(List<Value> operands, Function<Collection.Complex, Value> part) {
        return operands.stream()
                .map(operand ->
                        collections.get(operand) instanceof Collection.Complex complex
                                ? part.apply(complex)
                                : operand)
                .toList();
    }

    /// {@return a value as a constant, or as what symbols make it; null if it is neither, or is
    /// that already}
    private @Nullable Value known(Value value) {
        var constant = evaluate(value);
        if (constant != null) return Value.constant(value.name(), constant);
        if (value.producer() == null || value.extents() != null) return null;
        var extents = extents(value);
        if (extents == null || value.type().dtype() != DType.INT64) return null;
        var one = Value.constant("", Tensor.of(new long[] {1}, 1));
        var vector = value.type().rank() == 1 ? value : output(new Reshape(), value, one);
        return output(new Extents("", extents), vector);
    }

    private static Value output(Op op, Value... operands) {
        return new Node(op, operands[0].name(), List.of(operands)).outputs().getFirst();
    }

    private List<Value> agreeing(Op op, List<Value> operands) {
        var shapes = open.compared(op, operands);
        return shapes.isEmpty()
                ? operands
                : operands.stream().map(x -> x.isAbsent() ? x : agreeing(x, shapes)).toList();
    }

    /// {@return a value that broadcasts with others in all runs that are not refused}
    Value agreeing(Value value, List<Shape> others) {
        if (collections.get(value) instanceof Collection.Complex(var real, var imaginary))
            return standIn(
                    new Collection.Complex(agreeing(real, others), agreeing(imaginary, others)));
        return open.ensured(value, open.agreed(value.type().shape(), others));
    }

    /// {@return a value of a shape; runs in which the extents of inputs make another are refused}
    Value ensured(Value value, Shape shape) {
        return open.ensured(value, shape);
    }

    private static boolean isText(Value value) {
        return !value.isAbsent() && value.type().dtype() == DType.STRING;
    }

    /// {@return the value of a tensor that depends on constants and fixed extents only, or null}
    @Nullable Tensor evaluate(Value value) {
        var known = evaluation.of(value);
        return known == null ? evaluation.ofExtents(value) : known;
    }

    /// {@return whether only a run gives a value: it is not known but for symbols, nor would it be
    /// if all that is offered were bound}
    boolean isMeasured(Value value) {
        return evaluate(value) == null
                && extents(value) == null
                && !given.offered.containsAll(evaluation.inputs(value));
    }

    /// {@return as [#isMeasured], or whether symbols give it}
    boolean isOfRun(Value value) {
        return isMeasured(value) || evaluate(value) == null && extents(value) != null;
    }

    @Nullable List<Dimension> extents(Value value) {
        return evaluation.extents(value);
    }

    List<Optional<Dimension>> entries(Value value) {
        return evaluation.entries(value);
    }

    /// {@return the complaint about a value that should be known}
    GraphException unknown(OnnxNode node, String argument, int i, Value value) {
        needed.addAll(evaluation.inputs(value));
        return GraphException.unknown(node.operator(), argument, i).at("'" + node.label() + "'");
    }
}
