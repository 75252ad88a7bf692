package io.webdnn.importer.onnx;

import java.util.List;

/// The value of a node's attribute.
sealed interface OnnxAttribute {
    record Real(float value) implements OnnxAttribute {}

    record Whole(long value) implements OnnxAttribute {}

    record Text(String value) implements OnnxAttribute {}

    record TensorValue(OnnxTensor value) implements OnnxAttribute {}

    record GraphValue(OnnxGraph value) implements OnnxAttribute {}

    record Reals(List<Float> values) implements OnnxAttribute {
        public Reals {
            values = List.copyOf(values);
        }
    }

    record Wholes(List<Long> values) implements OnnxAttribute {
        public Wholes {
            values = List.copyOf(values);
        }
    }

    record Texts(List<String> values) implements OnnxAttribute {
        public Texts {
            values = List.copyOf(values);
        }
    }

    /// Inside a function: the attribute of that name of the node that calls the function.
    record Reference(String name) implements OnnxAttribute {}

    /// Of a kind that no operator here takes.
    record Other(String kind) implements OnnxAttribute {}

    /// {@return what this is, for messages}
    default String print() {
        return switch (this) {
            case Real(var value) -> "float " + value;
            case Whole(var value) -> "int " + value;
            case Text(var value) -> "string '" + value + "'";
            case TensorValue _ -> "a tensor";
            case GraphValue _ -> "a graph";
            case Reals(var values) -> "floats " + values;
            case Wholes(var values) -> "ints " + values;
            case Texts(var values) -> "strings " + values;
            case Reference(var name) -> "a reference to '" + name + "'";
            case Other(var kind) -> kind;
        };
    }
}
