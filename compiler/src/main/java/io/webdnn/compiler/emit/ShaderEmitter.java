package io.webdnn.compiler.emit;

import io.webdnn.compiler.loop.Expand;
import io.webdnn.compiler.loop.Hoist;
import io.webdnn.compiler.loop.Interval;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Share;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.compiler.loop.Terms;
import io.webdnn.graph.expr.Binary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Prints one kernel as a shader: what the shading languages have in common. A dialect says how it
/// spells types, literals, loads, choices and the frame around the body.
///
/// The text is for machines: short names, no comments, no line breaks. The same kernel always gives
/// the same text, which does not hold the kernel's name, so that equal kernels share a module.
public abstract class ShaderEmitter extends ShaderTerms {
    private final Set<Term.Variable> assigned = new HashSet<>();
    private final Set<String> functions = new HashSet<>();
    private final List<String> functionTexts = new ArrayList<>();

    /// Prepares a kernel for printing.
    protected ShaderEmitter(Kernel kernel) {
        super(Share.kernel(Hoist.kernel(Expand.kernel(kernel))));
    }

    // ---- holes

    /// {@return the whole shader}
    ///
    /// @param functions definitions that the body calls
    /// @param grid the invocation's indices that the body uses: `g0`, `l1`, `w2` …
    protected abstract String frame(String functions, String body, Set<String> grid);

    /// {@return the statement that writes a buffer}
    protected abstract String store(int buffer, Text offset, Term value);

    /// {@return the declaration of a variable with a value}
    protected abstract String declare(LoopType type, String name, String value, boolean constant);

    /// {@return the declaration of a register array in the body}
    protected abstract String declareArray(LocalArray array, String name);

    /// {@return the head of a function}
    protected abstract String signature(
            String name, List<LoopType> types, List<String> parameters, LoopType result);

    /// {@return the head of a loop from 0 to a limit}
    protected abstract String loopHead(String index, String limit);

    /// {@return the statement of a barrier}
    protected abstract String barrier();

    // ---- the frame

    /// {@return the source of the shader}
    public final String emit() {
        findAssigned(kernel.body());
        var body = new StringBuilder();
        for (var array : kernel.arrays())
            if (array.storage() == LocalArray.Storage.REGISTER)
                body.append(declareArray(array, arrayName(array)));
        block(kernel.body(), body);
        return frame(String.join("", functionTexts), body.toString(), gridIndices);
    }

    private void findAssigned(Stmt statement) {
        Terms.visit(
                statement,
                s -> {
                    if (s instanceof Stmt.Assign(var variable, _)) assigned.add(variable);
                });
    }

    // ---- statements

    private void block(Stmt.Block block, StringBuilder out) {
        int before = used;
        for (var statement : block.statements()) statement(statement, out);
        used = before;
    }

    private void statement(Stmt statement, StringBuilder out) {
        switch (statement) {
            case Stmt.Block b -> {
                out.append('{');
                block(b, out);
                out.append('}');
            }
            case Stmt.Declare(var variable, var value) -> {
                var text = expression(value).text(); // before its name exists
                boolean constant = !assigned.contains(variable);
                if (constant) intervals.put(variable, Interval.of(value, intervals, kernel.grid()));
                out.append(declare(variable.type(), define(variable), text, constant));
            }
            case Stmt.Assign(var variable, var value) ->
                    out.append(assignment(name(variable), variable, value)).append(';');
            case Stmt.Store(var buffer, var offset, var value) ->
                    out.append(store(bufferIndex(buffer), expression(offset), value));
            case Stmt.LocalStore(var array, var index, var value) ->
                    out.append(arrayName(array))
                            .append('[')
                            .append(expression(index).text())
                            .append("]=")
                            .append(expression(value).text())
                            .append(';');
            case Stmt.For loop -> loop(loop, out);
            case Stmt.If(var condition, var then, var otherwise) -> {
                out.append("if(").append(expression(condition).text()).append("){");
                block(then, out);
                out.append('}');
                if (!otherwise.statements().isEmpty()) {
                    out.append("else{");
                    block(otherwise, out);
                    out.append('}');
                } else if (stores(then) && !unstored().isEmpty()) {
                    out.append("else{").append(unstored()).append('}');
                }
            }
            case Stmt.Barrier _ -> out.append(barrier());
            case Stmt.Call(var name, _) ->
                    throw new IllegalArgumentException(
                            language()
                                    + ": "
                                    + kernel.name()
                                    + ": expected no call of a micro-kernel, got "
                                    + name);
        }
    }

    /// {@return what an invocation says that stores nothing, so that the element keeps its value}
    protected String unstored() {
        return "";
    }

    private static boolean stores(Stmt statement) {
        return switch (statement) {
            case Stmt.Store _ -> true;
            case Stmt.Block(var statements) -> statements.stream().anyMatch(ShaderEmitter::stores);
            case Stmt.For f -> stores(f.body());
            case Stmt.If(_, var then, var otherwise) -> stores(then) || stores(otherwise);
            case Stmt.Declare _, Stmt.Assign _, Stmt.LocalStore _, Stmt.Barrier _, Stmt.Call _ ->
                    false;
        };
    }

    /// `x += y` where the value is `x + y` or `a · b + x`.
    private String assignment(String name, Term.Variable variable, Term value) {
        return switch (value) {
            case Term.Combine(var operator, var a, var b)
                    when a == variable
                            && operator == Binary.Operator.ADD
                            && b.type().scalar() != ScalarType.BOOL ->
                    name + "+=" + expression(b).text();
            case Term.MultiplyAdd(var a, var b, var c) when c == variable ->
                    name
                            + "+="
                            + expression(new Term.Combine(Binary.Operator.MULTIPLY, a, b)).text();
            default -> name + "=" + expression(value).text();
        };
    }

    private void loop(Stmt.For loop, StringBuilder out) {
        var limit = expression(loop.extent());
        boolean isSimple =
                switch (loop.extent()) {
                    case Term.Literal _, Term.Parameter _ -> true;
                    case Term.Variable v -> !assigned.contains(v);
                    default -> false;
                };
        if (!isSimple) {
            var bound = new Term.Variable("n", LoopType.INT32);
            out.append(declare(LoopType.INT32, define(bound), limit.text(), true));
            limit = new Text(name(bound), PRIMARY);
        }
        int before = used; // the limit keeps its name: it lives as long as the block around
        intervals.put(loop.index(), Interval.ofLoop(loop.extent(), intervals, kernel.grid()));
        out.append(loopHead(define(loop.index()), limit.text())).append('{');
        block(loop.body(), out);
        out.append('}');
        used = before;
    }

    // ---- functions

    @Override
    final void require(ShaderFunction function, LoopType result) {
        if (functions.add(function.name())) print(function, result);
    }

    private void print(ShaderFunction function, LoopType result) {
        var outer = current;
        int before = used;
        current = function;
        used = 0;
        findAssigned(function.body());
        var parameters = new ArrayList<String>();
        var types = new ArrayList<LoopType>();
        for (var parameter : function.parameters()) {
            parameters.add(define(parameter));
            types.add(parameter.type());
        }
        var text = new StringBuilder(signature(function.name(), types, parameters, result));
        text.append('{');
        for (var statement : function.body().statements()) statement(statement, text);
        text.append("return ").append(expression(function.result()).text()).append(";}");
        functionTexts.add(text.toString()); // after the functions that it calls
        current = outer;
        used = before;
    }
}
