package io.webdnn.graph.type;

/// Says that a graph cannot be what was asked for: names operation, argument, what was expected and
/// what was found; each layer above adds only what it alone knows (the node, the file).
public final class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String operation;
    private final String detail;

    private GraphException(String operation, String detail) {
        super(operation + ": " + detail);
        this.operation = operation;
        this.detail = detail;
    }

    /// {@return `operation: argument: expected …, got …`}
    public static GraphException of(
            String operation, String argument, String expected, Object actual) {
        return new GraphException(
                operation, argument + ": expected " + expected + ", got " + actual);
    }

    /// {@return `operation: sentence`, for what does not fit *expected, got*}
    public static GraphException saying(String operation, String sentence) {
        return new GraphException(operation, sentence);
    }

    /// {@return the same complaint with the place where the operation stands: `Conv 'conv1'
    /// (model.onnx, node 12): …`}
    public GraphException at(String place) {
        var located = new GraphException(operation + " " + place, detail);
        located.setStackTrace(getStackTrace());
        return located;
    }
}
