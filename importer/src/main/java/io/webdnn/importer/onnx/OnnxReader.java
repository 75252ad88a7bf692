package io.webdnn.importer.onnx;

import io.webdnn.importer.onnx.OnnxType.Extent;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads the messages of an ONNX file. Each method is the table of one message's fields: number and
/// meaning; what is not listed is passed over.
///
/// Source: ONNX IR specification, `onnx.proto`.
final class OnnxReader {
    private final Path file;
    private final Wire wire;

    private OnnxReader(Path file) {
        this.file = file;
        try {
            if (Files.size(file) > Integer.MAX_VALUE - 8) {
                throw FileException.of(
                        file.toString(), "size", "below 2 GB, as in ONNX", Files.size(file));
            }
            wire = new Wire(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
    }

    /// {@return the model in a file}
    static OnnxModel model(Path file) {
        return new OnnxReader(file).model();
    }

    /// {@return the tensor in a file that holds nothing else (`input_0.pb`)}
    static OnnxTensor tensor(Path file) {
        return new OnnxReader(file).tensor();
    }

    private OnnxModel model() {
        var opsets = new LinkedHashMap<String, Long>();
        OnnxGraph graph = null;
        var functions = new LinkedHashMap<String, OnnxModel.Function>();
        while (wire.next()) {
            switch (wire.field()) {
                case 7 -> graph = wire.message(this::graph);
                case 8 -> opset(opsets);
                case 25 -> function(functions);
                default -> wire.skip();
            }
        }
        if (graph == null) {
            throw FileException.of(
                    file.toString(), "contents", "an ONNX model", "a file without a graph");
        }
        return new OnnxModel(opsets, graph, functions);
    }

    private void opset(Map<String, Long> into) {
        record Opset(String domain, long version) {}
        var opset =
                wire.message(() -> {
                    var domain = "";
                    long version = 0;
                    while (wire.next()) {
                        switch (wire.field()) {
                            case 1 -> domain = wire.text();
                            case 2 -> version = wire.varint();
                            default -> wire.skip();
                        }
                    }
                    return new Opset(plain(domain), version);
                });
        into.put(opset.domain, opset.version);
    }

    /// ONNX's own domain has two names.
    private static String plain(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }

    private OnnxGraph graph() {
        var nodes = new ArrayList<OnnxNode>();
        var initializers = new LinkedHashMap<String, OnnxTensor>();
        var inputs = new ArrayList<OnnxGraph.Named>();
        var outputs = new ArrayList<OnnxGraph.Named>();
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> nodes.add(node(nodes.size()));
                case 5 -> {
                    var tensor = wire.message(this::tensor);
                    initializers.put(tensor.name(), tensor);
                }
                case 11 -> inputs.add(wire.message(this::named));
                case 12 -> outputs.add(wire.message(this::named));
                case 15 -> {
                    var tensor = wire.message(this::sparse);
                    initializers.put(tensor.name(), tensor);
                }
                default -> wire.skip();
            }
        }
        return new OnnxGraph(nodes, initializers, inputs, outputs);
    }

    private OnnxNode node(int index) {
        return wire.message(() -> {
            var inputs = new ArrayList<String>();
            var outputs = new ArrayList<String>();
            var name = "";
            var operator = "";
            var domain = "";
            var overload = "";
            var attributes = new LinkedHashMap<String, OnnxAttribute>();
            while (wire.next()) {
                switch (wire.field()) {
                    case 1 -> inputs.add(wire.text());
                    case 2 -> outputs.add(wire.text());
                    case 3 -> name = wire.text();
                    case 4 -> operator = wire.text();
                    case 5 -> attribute(attributes);
                    case 7 -> domain = wire.text();
                    case 8 -> overload = wire.text();
                    default -> wire.skip();
                }
            }
            if (!overload.isEmpty()) operator += ":" + overload;
            return new OnnxNode(operator, plain(domain), name, index, inputs, outputs, attributes);
        });
    }

    private void function(Map<String, OnnxModel.Function> into) {
        record Named(String name, OnnxModel.Function function) {}
        var read =
                wire.message(() -> {
                    var name = "";
                    var domain = "";
                    var overload = "";
                    var inputs = new ArrayList<String>();
                    var outputs = new ArrayList<String>();
                    var attributes = new ArrayList<String>();
                    var nodes = new ArrayList<OnnxNode>();
                    var opsets = new LinkedHashMap<String, Long>();
                    var defaults = new LinkedHashMap<String, OnnxAttribute>();
                    while (wire.next()) {
                        switch (wire.field()) {
                            case 1 -> name = wire.text();
                            case 4 -> inputs.add(wire.text());
                            case 5 -> outputs.add(wire.text());
                            case 6 -> attributes.add(wire.text());
                            case 7 -> nodes.add(node(nodes.size()));
                            case 9 -> opset(opsets);
                            case 10 -> domain = wire.text();
                            case 11 -> attribute(defaults);
                            case 13 -> overload = wire.text();
                            default -> wire.skip();
                        }
                    }
                    var key = plain(domain) + ":" + name;
                    if (!overload.isEmpty()) key += ":" + overload;
                    return new Named(
                            key,
                            new OnnxModel.Function(
                                    inputs, outputs, attributes, defaults, nodes, opsets));
                });
        into.put(read.name, read.function);
    }

    private void attribute(Map<String, OnnxAttribute> into) {
        record Named(String name, OnnxAttribute value) {}
        var attribute =
                wire.message(() -> {
                    var name = "";
                    var fields = new AttributeFields();
                    while (wire.next()) {
                        switch (wire.field()) {
                            case 1 -> name = wire.text();
                            case 2 -> fields.real = wire.real();
                            case 3 -> fields.integer = wire.varint();
                            case 4 -> fields.text = wire.text();
                            case 5 -> fields.tensor = wire.message(this::tensor);
                            case 6 -> fields.graph = wire.message(this::graph);
                            case 7 -> wire.reals(v -> fields.reals.add((float) v));
                            case 8 -> wire.varints(fields.integers::add);
                            case 9 -> fields.texts.add(wire.text());
                            case 20 -> fields.type = wire.varint();
                            case 21 -> fields.reference = wire.text();
                            case 22 -> fields.tensor = wire.message(this::sparse);
                            default -> wire.skip();
                        }
                    }
                    return new Named(name, fields.value());
                });
        into.put(attribute.name, attribute.value);
    }

    /// All fields of an attribute, of which its type names one.
    private static final class AttributeFields {
        long type;
        float real;
        long integer;
        String text = "";
        String reference = "";
        @Nullable OnnxTensor tensor;
        @Nullable OnnxGraph graph;
        final List<Float> reals = new ArrayList<>();
        final List<Long> integers = new ArrayList<>();
        final List<String> texts = new ArrayList<>();

        OnnxAttribute value() {
            if (!reference.isEmpty()) return new OnnxAttribute.Reference(reference);
            return switch ((int) type) {
                case 1 -> new OnnxAttribute.Real(real);
                case 2 -> new OnnxAttribute.Whole(integer);
                case 3 -> new OnnxAttribute.Text(text);
                case 4, 11 ->
                        tensor == null
                                ? new OnnxAttribute.Other("no tensor")
                                : new OnnxAttribute.TensorValue(tensor);
                case 5 ->
                        graph == null
                                ? new OnnxAttribute.Other("no graph")
                                : new OnnxAttribute.GraphValue(graph);
                case 6 -> new OnnxAttribute.Reals(reals);
                case 7 -> new OnnxAttribute.Wholes(integers);
                case 8 -> new OnnxAttribute.Texts(texts);
                default -> new OnnxAttribute.Other("an attribute of type " + type);
            };
        }
    }

    private OnnxGraph.Named named() {
        var name = "";
        OnnxType type = new OnnxType.Other("nothing");
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> name = wire.text();
                case 2 -> type = wire.message(this::type);
                default -> wire.skip();
            }
        }
        return new OnnxGraph.Named(name, type);
    }

    private OnnxType type() {
        OnnxType type = new OnnxType.Other("nothing");
        while (wire.next()) {
            int field = wire.field();
            type =
                    switch (field) {
                        case 1 -> wire.message(this::tensorType);
                        case 4 -> new OnnxType.Sequence(wire.message(this::elementType));
                        case 5 -> wire.message(this::mapType);
                        case 9 -> new OnnxType.Optional(wire.message(this::elementType));
                        default -> {
                            wire.skip();
                            yield field == 8 ? new OnnxType.Other("a sparse tensor") : type;
                        }
                    };
        }
        return type;
    }

    private OnnxType mapType() {
        long key = 0;
        OnnxType value = new OnnxType.Other("nothing");
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> key = wire.varint();
                case 2 -> value = wire.message(this::type);
                default -> wire.skip();
            }
        }
        return new OnnxType.Dictionary(dtype(key), value);
    }

    /// What a sequence or an optional holds.
    private OnnxType elementType() {
        OnnxType element = new OnnxType.Other("nothing");
        while (wire.next()) {
            if (wire.field() == 1) element = wire.message(this::type);
            else wire.skip();
        }
        return element;
    }

    /// {@return the tensors of a file that holds a value of the given type and nothing else, or
    /// null for an optional that holds nothing}
    static @Nullable List<OnnxTensor> contents(Path file, OnnxType type) {
        return new OnnxReader(file).contents(type);
    }

    private @Nullable List<OnnxTensor> contents(OnnxType type) {
        return switch (type) {
            case OnnxType.Of _ -> List.of(tensor());
            case OnnxType.Sequence(OnnxType.Of _) -> sequence();
            case OnnxType.Optional(var element) when element instanceof OnnxType.Of -> {
                OnnxTensor tensor = null;
                while (wire.next()) {
                    if (wire.field() == 3) tensor = wire.message(this::tensor);
                    else wire.skip();
                }
                yield tensor == null ? null : List.of(tensor);
            }
            case OnnxType.Optional(OnnxType.Sequence(OnnxType.Of _)) -> {
                List<OnnxTensor> sequence = null;
                while (wire.next()) {
                    if (wire.field() == 5) sequence = wire.message(this::sequence);
                    else wire.skip();
                }
                yield sequence;
            }
            case OnnxType.Sequence _,
                    OnnxType.Optional _,
                    OnnxType.Dictionary _,
                    OnnxType.Other _ ->
                    throw wire.broken("contents", "tensors, sequences of them", type.kind());
        };
    }

    private List<OnnxTensor> sequence() {
        var tensors = new ArrayList<OnnxTensor>();
        while (wire.next()) {
            if (wire.field() == 3) tensors.add(wire.message(this::tensor));
            else wire.skip();
        }
        return tensors;
    }

    private OnnxType tensorType() {
        long dtype = 0;
        List<Extent> extents = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> dtype = wire.varint();
                case 2 -> extents = wire.message(this::extents);
                default -> wire.skip();
            }
        }
        if (dtype == 0) return new OnnxType.Other("a tensor without a dtype");
        return new OnnxType.Of(dtype(dtype), extents);
    }

    private List<Extent> extents() {
        var extents = new ArrayList<Extent>();
        while (wire.next()) {
            if (wire.field() == 1) extents.add(wire.message(this::extent));
            else wire.skip();
        }
        return extents;
    }

    private Extent extent() {
        Long value = null;
        String symbol = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> value = wire.varint();
                case 2 -> symbol = wire.text();
                default -> wire.skip();
            }
        }
        return new Extent(value, symbol == null || symbol.isEmpty() ? null : symbol);
    }

    private OnnxTensor tensor() {
        var tensor = new OnnxTensor(file);
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> wire.varints(tensor.shape::add);
                case 2 -> tensor.dtype = dtype(wire.varint());
                case 3 -> throw wire.broken("tensor", "a whole tensor", "a segment of one");
                case 4 -> tensor.packed(wire.fixed(4));
                case 5, 7, 11 -> wire.varints(tensor.integers::add);
                case 6 -> tensor.texts.add(wire.text());
                case 8 -> tensor.name = wire.text();
                case 9 -> tensor.raw = wire.bytes();
                case 10 -> tensor.packed(wire.fixed(8));
                case 13 -> external(tensor.external);
                case 14 -> tensor.isExternal = wire.varint() == 1;
                default -> wire.skip();
            }
        }
        return tensor;
    }

    /// The elements of a tensor that are not 0, and where they stand.
    private OnnxTensor sparse() {
        OnnxTensor values = null;
        OnnxTensor indices = null;
        var shape = new ArrayList<Long>();
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> values = wire.message(this::tensor);
                case 2 -> indices = wire.message(this::tensor);
                case 3 -> wire.varints(shape::add);
                default -> wire.skip();
            }
        }
        if (values == null || indices == null)
            throw wire.broken("sparse tensor", "values and indices", "none");
        values.spread(indices, shape);
        return values;
    }

    private void external(Map<String, String> into) {
        wire.message(() -> {
            var key = "";
            var value = "";
            while (wire.next()) {
                switch (wire.field()) {
                    case 1 -> key = wire.text();
                    case 2 -> value = wire.text();
                    default -> wire.skip();
                }
            }
            into.put(key, value);
            return key;
        });
    }

    private DType dtype(long code) {
        var dtype = code > 0 && code < DTYPES.size() ? DTYPES.get((int) code) : null;
        if (dtype == null)
            throw wire.broken("dtype", "a code from 1 to " + (DTYPES.size() - 1), code);
        return dtype;
    }

    /// {@return the dtype of ONNX's number for it}
    static DType dtype(OnnxNode node, String attribute, long code) {
        if (code <= 0 || code >= DTYPES.size()) {
            throw node.wrong(attribute, "a dtype from 1 to " + (DTYPES.size() - 1), code);
        }
        return Objects.requireNonNull(DTYPES.get((int) code));
    }

    /// {@return ONNX's number for a dtype}
    static int code(DType dtype) {
        return DTYPES.indexOf(dtype);
    }

    /// By ONNX's number; 0 is none.
    private static final List<@Nullable DType> DTYPES =
            java.util.Arrays.asList(
                    null,
                    DType.FLOAT32,
                    DType.UINT8,
                    DType.INT8,
                    DType.UINT16,
                    DType.INT16,
                    DType.INT32,
                    DType.INT64,
                    DType.STRING,
                    DType.BOOL,
                    DType.FLOAT16,
                    DType.FLOAT64,
                    DType.UINT32,
                    DType.UINT64,
                    DType.COMPLEX64,
                    DType.COMPLEX128,
                    DType.BFLOAT16,
                    DType.FLOAT8E4M3FN,
                    DType.FLOAT8E4M3FNUZ,
                    DType.FLOAT8E5M2,
                    DType.FLOAT8E5M2FNUZ,
                    DType.UINT4,
                    DType.INT4,
                    DType.FLOAT4E2M1,
                    DType.FLOAT8E8M0,
                    DType.UINT2,
                    DType.INT2);
}
