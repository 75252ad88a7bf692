package io.webdnn.graph.type;

import java.util.OptionalInt;

/// Says that a graph cannot be what was asked for: names operation, argument, what was expected and
/// what was found; each layer above adds only what it alone knows (the node, the file).
public final class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String operation;
    private final String detail;
    private final int unknownInput; // -1: the complaint is about something else

    private GraphException(String operation, String detail, int unknownInput) {
        super(operation + ": " + detail);
        this.operation = operation;
        this.detail = detail;
        this.unknownInput = unknownInput;
    }

    private GraphException(String operation, String detail) {
        this(operation, detail, -1);
    }

    /// {@return `operation: argument: expected …, got …`}
    public static GraphException of(
            String operation, String argument, String expected, Object actual) {
        return new GraphException(
                operation, argument + ": expected " + expected + ", got " + actual);
    }

    /// {@return the complaint that the value of an input must be known when compiling and is not}
    ///
    /// @param input the position of the input
    public static GraphException unknown(String operation, String argument, int input) {
        return new GraphException(
                operation,
                argument
                        + ": expected a value known when compiling, got one that is computed by the"
                        + " graph",
                input);
    }

    /// {@return the position of the input whose value must be known when compiling and is not, if
    /// that is the complaint}
    public OptionalInt unknownInput() {
        return unknownInput < 0 ? OptionalInt.empty() : OptionalInt.of(unknownInput);
    }

    /// {@return `operation: sentence`, for what does not fit *expected, got*}
    public static GraphException saying(String operation, String sentence) {
        return new GraphException(operation, sentence);
    }

    /// {@return the same complaint with the place where the operation stands: `Conv 'conv1'
    /// (model.onnx, node 12): …`}
    public GraphException at(String place) {
        var located = new GraphException(operation + " " + place, detail, unknownInput);
        located.setStackTrace(getStackTrace());
        return located;
    }
}
