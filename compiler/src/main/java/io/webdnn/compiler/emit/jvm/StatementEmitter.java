package io.webdnn.compiler.emit.jvm;

import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes the statements of one method.
final class StatementEmitter implements TermEmitter.Frame {
    private final CodeBuilder code;
    private final Kernel kernel;
    private final int firstSlot;
    private final TermEmitter terms;
    private final Map<Term.Variable, Integer> slots = new HashMap<>();
    private final Map<Term.Variable, Term.Literal> unrolled = new HashMap<>();
    private final Map<LocalArray, Integer> arrays = new HashMap<>();
    private final Map<Term, Integer> hoisted = new HashMap<>();

    /// @param firstSlot where the kernel's arrays stand; the symbolic sizes follow them
    StatementEmitter(CodeBuilder code, Kernel kernel, int firstSlot) {
        this.code = code;
        this.kernel = kernel;
        this.firstSlot = firstSlot;
        terms = new TermEmitter(code, this);
    }

    @Override
    public int slot(Term.Variable variable) {
        var slot = slots.get(variable);
        if (slot == null)
            throw new IllegalArgumentException(
                    "JvmEmitter: variable '"
                            + variable
                            + "': expected a declaration before its use");
        return slot;
    }

    @Override
    public Term.@Nullable Literal literal(Term.Variable variable) {
        return unrolled.get(variable);
    }

    @Override
    public @Nullable Integer hoisted(Term load) {
        return hoisted.get(load);
    }

    @Override
    public int slot(Term.Parameter parameter) {
        int position = kernel.parameters().indexOf(parameter.dimension());
        if (position < 0)
            throw new IllegalArgumentException(
                    "JvmEmitter: size "
                            + parameter.dimension()
                            + ": expected one of the kernel's parameters "
                            + kernel.parameters());
        return firstSlot + kernel.buffers().size() + position;
    }

    @Override
    public int slot(KernelBuffer buffer) {
        int position = kernel.buffers().indexOf(buffer);
        if (position < 0)
            throw new IllegalArgumentException(
                    "JvmEmitter: buffer '" + buffer + "': expected one of the kernel's buffers");
        return firstSlot + position;
    }

    @Override
    public int slot(LocalArray array) {
        var slot = arrays.get(array);
        if (slot == null)
            throw new IllegalArgumentException(
                    "JvmEmitter: array '" + array + "': expected one of the kernel's arrays");
        return slot;
    }

    /// Makes the arrays of the kernel's own.
    void arrays() {
        for (var array : kernel.arrays()) {
            if (array.storage() == LocalArray.Storage.WORKGROUP)
                throw new IllegalArgumentException(
                        "JvmEmitter: array '" + array + "': expected no workgroup storage");
            int slot = code.allocateLocal(TypeKind.REFERENCE);
            code.loadConstant(array.size());
            code.newarray(TermEmitter.kind(array.type()));
            code.astore(slot);
            arrays.put(array, slot);
        }
    }

    void term(Term term) {
        terms.emit(term);
    }

    void emit(Stmt statement) {
        switch (statement) {
            case Stmt.Block(var statements) -> statements.forEach(this::emit);
            case Stmt.Declare(var variable, var value) -> {
                var kind = TermEmitter.kind(variable.type());
                terms.emit(value);
                int slot = slots.computeIfAbsent(variable, _ -> code.allocateLocal(kind));
                code.storeLocal(kind, slot);
            }
            case Stmt.Assign(var variable, var value) -> {
                terms.emit(value);
                code.storeLocal(TermEmitter.kind(variable.type()), slot(variable));
            }
            case Stmt.Store(var buffer, var offset, var value) -> {
                code.aload(slot(buffer));
                terms.emit(offset);
                terms.emit(value);
                TermEmitter.kind(value.type());
                code.arrayStore(TermEmitter.kind(buffer.scalar()));
            }
            case Stmt.LocalStore(var array, var index, var value) -> {
                code.aload(slot(array));
                terms.emit(index);
                terms.emit(value);
                code.arrayStore(TermEmitter.kind(array.type()));
            }
            case Stmt.For loop when loop.kind() == Stmt.For.Kind.UNROLLED -> unroll(loop);
            case Stmt.For loop -> loop(loop, CodeBuilder::iconst_0, _ -> terms.emit(loop.extent()));
            case Stmt.If(var condition, var then, var otherwise) ->
                    branch(condition, then, otherwise);
            case Stmt.Barrier _ ->
                    throw new IllegalArgumentException(
                            "JvmEmitter: expected loops, got a barrier: the JVM has no workgroups");
            case Stmt.Call(var name, _) ->
                    throw new IllegalArgumentException(
                            "JvmEmitter: expected loops, got a call of '" + name + "'");
        }
    }

    private void unroll(Stmt.For loop) {
        if (!(loop.extent() instanceof Term.Literal(var type, Long extent)))
            throw new IllegalArgumentException(
                    "JvmEmitter: loop over '"
                            + loop.index()
                            + "': expected a literal extent to unroll, got "
                            + loop.extent());
        for (long i = 0; i < extent; i++) {
            unrolled.put(loop.index(), new Term.Literal(type, i));
            emit(loop.body());
        }
        unrolled.remove(loop.index());
    }

    /// Writes `for (index = from; index < to; index++)`; the end is computed once.
    void loop(Stmt.For loop, Consumer<CodeBuilder> from, Consumer<CodeBuilder> to) {
        int index = slots.computeIfAbsent(loop.index(), _ -> code.allocateLocal(TypeKind.INT));
        int end = code.allocateLocal(TypeKind.INT);
        to.accept(code);
        code.istore(end);
        from.accept(code);
        code.istore(index);
        var head = code.newLabel();
        var out = code.newLabel();
        var before = hoist(loop, index, end, out);
        code.labelBinding(head);
        code.iload(index);
        code.iload(end);
        code.if_icmpge(out);
        emit(loop.body());
        code.iinc(index, 1);
        code.goto_(head);
        code.labelBinding(out);
        hoisted.keySet().removeAll(before);
    }

    /// Loads what a loop reads at one place again and again into locals, if the loop runs at all.
    /// The JVM's compiler cannot, since it must fear that a store of the loop goes there.
    private Set<Term> hoist(Stmt.For loop, int index, int end, Label out) {
        var changing = new HashSet<Term.Variable>();
        changing.add(loop.index());
        Walk.changed(loop.body(), changing);
        var loads = new LinkedHashSet<Term>();
        Walk.certain(
                loop.body(),
                term -> {
                    if (term instanceof Term.Load(var buffer, var offset, _)
                            && buffer.access() == KernelBuffer.Access.READ
                            && !Walk.loads(offset)
                            && Collections.disjoint(Walk.variables(offset), changing)
                            && !hoisted.containsKey(term)) loads.add(term);
                });
        if (loads.isEmpty()) return loads;
        code.iload(index);
        code.iload(end);
        code.if_icmpge(out);
        for (var load : loads) {
            var kind = TermEmitter.kind(load.type());
            terms.emit(load);
            int slot = code.allocateLocal(kind);
            code.storeLocal(kind, slot);
            hoisted.put(load, slot);
        }
        return loads;
    }

    private void branch(Term condition, Stmt.Block then, Stmt.Block otherwise) {
        var no = code.newLabel();
        terms.branchUnless(condition, no);
        emit(then);
        if (otherwise.statements().isEmpty()) {
            code.labelBinding(no);
            return;
        }
        var end = code.newLabel();
        code.goto_(end);
        code.labelBinding(no);
        emit(otherwise);
        code.labelBinding(end);
    }
}
