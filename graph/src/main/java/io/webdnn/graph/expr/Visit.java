package io.webdnn.graph.expr;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Walks expressions.
public final class Visit {
    private Visit() {}

    /// {@return the direct parts of an expression, in order of evaluation}
    public static List<Expr> parts(Expr e) {
        return switch (e) {
            case Literal _, Extent _, Index _, Local _ -> List.of();
            case Load(_, var index) -> index;
            case Unary(_, var a) -> List.of(a);
            case Binary(_, var a, var b) -> List.of(a, b);
            case Select(var c, var a, var b) -> List.of(c, a, b);
            case Cast(_, var a, _) -> List.of(a);
            case Bits(_, var a) -> List.of(a);
            case Let(_, var value, var body) -> List.of(value, body);
            case Reduce(_, _, var body) -> List.of(body);
            case Fold(_, var accumulators, var result) -> {
                var parts = new ArrayList<Expr>();
                for (var a : accumulators) parts.add(a.initial());
                for (var a : accumulators) parts.add(a.update());
                parts.add(result);
                yield parts;
            }
        };
    }

    /// Shows every part of an expression, itself first.
    public static void all(Expr e, Consumer<Expr> visitor) {
        visitor.accept(e);
        for (var part : parts(e)) all(part, visitor);
    }

    /// Shows every load with the loop indices that enclose it within the expression, loads in the
    /// indices of loads included.
    public static void loads(Expr e, BiConsumer<Load, List<Index>> visitor) {
        loads(e, List.of(), visitor);
    }

    private static void loads(Expr e, List<Index> loops, BiConsumer<Load, List<Index>> visitor) {
        switch (e) {
            case Load load -> {
                visitor.accept(load, loops);
                for (var i : load.index()) loads(i, loops, visitor);
            }
            case Reduce(_, var indices, var body) -> loads(body, join(loops, indices), visitor);
            case Fold(var indices, var accumulators, var result) -> {
                var inner = join(loops, indices);
                for (var a : accumulators) {
                    loads(a.initial(), loops, visitor);
                    loads(a.update(), inner, visitor);
                }
                loads(result, loops, visitor);
            }
            case Literal _,
                    Extent _,
                    Index _,
                    Local _,
                    Unary _,
                    Binary _,
                    Select _,
                    Cast _,
                    Bits _,
                    Let _ -> {
                for (var part : parts(e)) loads(part, loops, visitor);
            }
        }
    }

    private static List<Index> join(List<Index> a, List<Index> b) {
        var all = new ArrayList<>(a);
        all.addAll(b);
        return all;
    }

    /// {@return the buffers that an expression reads, in order of first appearance}
    public static Set<Buffer> buffers(Expr e) {
        var buffers = new LinkedHashSet<Buffer>();
        loads(e, (load, _) -> buffers.add(load.buffer()));
        return buffers;
    }

    /// {@return the indices and locals that occur free in an expression}
    public static Set<Expr> free(Expr e) {
        var free = new LinkedHashSet<Expr>();
        free(e, new LinkedHashSet<>(), free);
        return free;
    }

    private static void free(Expr e, Set<Expr> bound, Set<Expr> free) {
        switch (e) {
            case Index _, Local _ -> {
                if (!bound.contains(e)) free.add(e);
            }
            case Let(var local, var value, var body) -> {
                free(value, bound, free);
                free(body, with(bound, List.of(local)), free);
            }
            case Reduce(_, var indices, var body) -> free(body, with(bound, indices), free);
            case Fold(var indices, var accumulators, var result) -> {
                var locals = accumulators.stream().map(Accumulator::local).toList();
                var inner = with(with(bound, indices), locals);
                for (var a : accumulators) {
                    free(a.initial(), bound, free);
                    free(a.update(), inner, free);
                }
                free(result, with(bound, locals), free);
            }
            case Literal _, Extent _, Load _, Unary _, Binary _, Select _, Cast _, Bits _ -> {
                for (var part : parts(e)) free(part, bound, free);
            }
        }
    }

    private static Set<Expr> with(Set<Expr> bound, List<? extends Expr> more) {
        var all = new LinkedHashSet<>(bound);
        all.addAll(more);
        return all;
    }
}
