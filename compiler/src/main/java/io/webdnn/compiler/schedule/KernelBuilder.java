package io.webdnn.compiler.schedule;

import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.Target;
import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.layout.Layouts;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.LoopVerifier;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Push;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Collects what a kernel binds while a template writes its body.
public final class KernelBuilder {
    /// Invocations of a workgroup on a grid with one axis.
    private static final int WORKGROUP = 64;

    private final Target target;
    private final Layouts layouts;
    private final String origin;
    private final String template;
    private final boolean isShared;
    private final Map<Buffer, KernelBuffer> reads = new LinkedHashMap<>();
    private final Map<Buffer, KernelBuffer> writes = new LinkedHashMap<>();
    private final Set<Dimension> parameters = new LinkedHashSet<>();
    private final List<LocalArray> arrays = new ArrayList<>();
    private final Map<Buffer, LocalArray> held = new HashMap<>();

    /// @param layouts where the buffers of the program lie
    /// @param origin the nodes that the kernel computes, for messages
    /// @param template the template's name
    public KernelBuilder(Target target, Layouts layouts, String origin, String template) {
        this(target, layouts, origin, template, target == Target.JVM);
    }

    /// @param isShared whether one code serves all that compute the same with other numbers
    KernelBuilder(
            Target target, Layouts layouts, String origin, String template, boolean isShared) {
        this.isShared = isShared;
        this.target = target;
        this.layouts = layouts;
        this.origin = origin;
        this.template = template;
    }

    /// {@return the target}
    public Target target() {
        return target;
    }

    /// {@return whether one code serves all that compute the same with other numbers}
    boolean isShared() {
        return isShared;
    }

    /// {@return the layout of a buffer on this target}
    public Layout layout(Buffer buffer) {
        return layouts.of(buffer);
    }

    /// {@return the type that a dtype is computed in}
    ///
    /// @throws CompileException if the target cannot hold it
    public LoopType type(DType dtype) {
        var scalar = layouts.scalar(dtype);
        if (scalar == null)
            throw new CompileException(
                    origin, target, "expected a dtype that the target holds, got " + dtype);
        return LoopType.of(scalar);
    }

    /// Refuses what may leave the 32 bits in which a program holds integers of 64.
    void expectNoOverflow(Expr e) {
        if (!layouts.isWide()) refuse(e.dtype(), Overflow.of(e));
    }

    /// Refuses what may leave the 32 bits in which a program holds integers of 64.
    void expectNoOverflow(Push push) {
        if (!layouts.isWide()) refuse(push.output().type().dtype(), Overflow.of(push));
    }

    private void refuse(DType dtype, @Nullable String operation) {
        if (operation == null) return;
        throw new CompileException(
                origin,
                target,
                "expected "
                        + (Overflow.isWide(dtype) ? dtype : DType.INT64)
                        + " values shown to fit in 32 bits, got "
                        + operation
                        + "; cast to int32");
    }

    private KernelBuffer make(Buffer buffer, KernelBuffer.Access access) {
        var scalar = type(buffer.type().dtype()).scalar();
        return new KernelBuffer(
                buffer.name(),
                scalar == ScalarType.BOOL ? ScalarType.INT32 : scalar,
                target.isTexels() ? 4 : 1,
                access,
                layout(buffer).layers(),
                target.isTexels() ? layout(buffer).texels() : 0,
                layouts.storage(buffer));
    }

    /// {@return the binding of a buffer that is read; one that is written and read is bound once}
    public KernelBuffer read(Buffer buffer) {
        var written = writes.get(buffer);
        if (written != null && written.access() != KernelBuffer.Access.WRITE) return written;
        return reads.computeIfAbsent(buffer, b -> make(b, KernelBuffer.Access.READ));
    }

    /// {@return the binding of a buffer that is read, of another unit than the target's: packed
    /// weights as texels}
    public KernelBuffer read(Buffer buffer, int lanes) {
        return reads.computeIfAbsent(
                buffer,
                b ->
                        new KernelBuffer(
                                b.name(),
                                type(b.type().dtype()).scalar(),
                                lanes,
                                KernelBuffer.Access.READ,
                                1,
                                0,
                                layouts.storage(b)));
    }

    /// {@return the binding of a buffer that is written}
    public KernelBuffer write(Buffer buffer) {
        return writes.computeIfAbsent(
                buffer,
                b ->
                        make(
                                b,
                                target.isLoops()
                                        ? KernelBuffer.Access.READ_WRITE
                                        : KernelBuffer.Access.WRITE));
    }

    /// Makes a buffer one of which an invocation reads what it has written itself.
    void exchange(Buffer buffer) {
        writes.computeIfAbsent(buffer, b -> make(b, KernelBuffer.Access.READ_WRITE));
    }

    /// {@return a new array in which an invocation holds its row of a buffer: what is read of the
    /// buffer is read there}
    LocalArray hold(Buffer buffer, int size) {
        var type = LoopType.of(make(buffer, KernelBuffer.Access.WRITE).scalar());
        var array = array(buffer.name(), type, size, LocalArray.Storage.REGISTER);
        held.put(buffer, array);
        return array;
    }

    /// {@return the array in which an invocation holds its row of a buffer, or null}
    @Nullable LocalArray held(Buffer buffer) {
        return held.get(buffer);
    }

    /// Makes a buffer one of which iterations of parallel loops read what they have written
    /// themselves.
    void keep(Buffer buffer) {
        writes.computeIfAbsent(buffer, b -> make(b, KernelBuffer.Access.KEPT));
    }

    /// {@return a dimension as a term: a literal, or a parameter of the kernel}
    public Term size(Dimension dimension) {
        if (dimension.isFixed()) return new Term.Literal(LoopType.INT32, dimension.value());
        parameters.add(dimension);
        return new Term.Parameter(dimension);
    }

    /// {@return a new array of the kernel's own}
    public LocalArray array(String name, LoopType type, int size, LocalArray.Storage storage) {
        var array = new LocalArray(name, type, size, storage);
        arrays.add(array);
        return array;
    }

    /// {@return whether an extent is known to be a multiple of a number}
    static boolean isMultiple(Dimension extent, long divisor) {
        return extent.isFixed() && extent.value() % divisor == 0;
    }

    /// {@return what is done where a number is below an extent, of which it may be none if the
    /// extent is no multiple of `whole`}
    Stmt guarded(Term number, Dimension extent, long whole, Scope scope) {
        if (isMultiple(extent, whole)) return scope.block();
        return new Stmt.If(Build.less(number, size(extent)), scope.block(), Stmt.Block.of());
    }

    /// {@return the finished kernel of a grid with one axis, of which only so many invocations do
    /// something}
    ///
    /// @param id the number of the invocation, declared in `root`
    Call.Run finish(Scope root, Term id, Dimension total, Scope inside, List<String> declined) {
        root.add(new Stmt.If(Build.less(id, size(total)), inside.block(), Stmt.Block.of()));
        return finish(Grid.linear(total, WORKGROUP), root.statements(), declined);
    }

    /// {@return the finished kernel, bound: reads first, then writes}
    public Call.Run finish(Grid grid, List<Stmt> body, List<String> declined) {
        var buffers = new ArrayList<Buffer>(reads.keySet());
        buffers.addAll(writes.keySet());
        var bound = new ArrayList<KernelBuffer>(reads.values());
        bound.addAll(writes.values());
        var kernel =
                new Kernel(
                        origin,
                        template,
                        bound,
                        List.copyOf(parameters),
                        arrays,
                        grid,
                        new Stmt.Block(body));
        return new Call.Run(LoopVerifier.verified(kernel), buffers, origin, declined);
    }
}
