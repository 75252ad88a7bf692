package io.webdnn.compiler.emit;

import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import java.util.List;

/// A function that a shader defines because its language lacks an operator or is not accurate
/// enough. Inside its own body the operator means the language's own.
///
/// @param operator what it implements: an operator, or a conversion
/// @param name unique among the functions of a shader
/// @param result what it returns, after the body
public record ShaderFunction(
        Object operator,
        String name,
        List<Term.Variable> parameters,
        Stmt.Block body,
        Term result) {
    public ShaderFunction {
        parameters = List.copyOf(parameters);
    }
}
